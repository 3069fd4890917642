"""What the server tells of itself."""

from __future__ import annotations

from registan.contract.body.server import DeploymentReply, IdentityReply, IdentityScope, VersionReply
from registan.contract.routes.server import (
    ROOT_GET,
    ROOT_POST,
    SERVER_DEPLOYMENT,
    SERVER_ID,
    SERVER_VERSION,
    NoArgs,
    RootPostArgs,
)
from registan.core.handlers import handles
from registan.core.state import State


@handles(ROOT_GET)
def root(state: State, args: NoArgs) -> dict[str, str]:
    """A sign of life."""
    return {}


@handles(ROOT_POST)
def root_post(state: State, args: RootPostArgs) -> dict[str, str]:
    """A sign of life."""
    return {}


@handles(SERVER_ID)
def identity(state: State, args: NoArgs) -> IdentityReply:
    """The cluster and group that the operator named."""
    about = state.defaults.about
    clusters = {"kafka-cluster": about.cluster_id, "schema-registry-cluster": about.group_id}
    return IdentityReply(scope=IdentityScope(path=[], clusters=clusters))


@handles(SERVER_VERSION)
def version(state: State, args: NoArgs) -> VersionReply:
    """The release that runs."""
    about = state.defaults.about
    return VersionReply(version=about.version, commit_id=about.commit_id)


@handles(SERVER_DEPLOYMENT)
def deployment(state: State, args: NoArgs) -> DeploymentReply:
    """No attributes."""
    return DeploymentReply(attributes=[])
