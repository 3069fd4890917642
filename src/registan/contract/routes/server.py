"""Routes about the server itself: the root, its identity and its version."""

from __future__ import annotations

from dataclasses import dataclass

from registan.contract import hangs_on
from registan.contract.body.server import DeploymentReply, IdentityReply, VersionReply
from registan.contract.route import PUBLIC, Access, Action, Freshness, Method, Route


@dataclass(frozen=True, slots=True, kw_only=True)
class NoArgs:
    """Nothing to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RootPostArgs:
    """A map of texts that nothing is done with."""

    body: dict[str, str | None] | None = None


READ = Access(Action.READ, "server")
TAGS = ("Server",)

ROOT_GET = Route(
    name="root.get",
    method=Method.GET,
    path="/",
    hangs_on=hangs_on.settings,
    args=NoArgs,
    reply=dict[str, str],
    access=PUBLIC,
    freshness=Freshness.LOCAL,
    tags=TAGS,
    doc="Answer an empty object, as a sign of life.",
)
ROOT_POST = Route(
    name="root.post",
    method=Method.POST,
    path="/",
    args=RootPostArgs,
    reply=dict[str, str],
    access=PUBLIC,
    freshness=Freshness.LOCAL,
    tags=TAGS,
    doc="Answer an empty object to any object of texts, or to none.",
)
SERVER_ID = Route(
    name="server.id",
    method=Method.GET,
    path="/v1/metadata/id",
    hangs_on=hangs_on.settings,
    args=NoArgs,
    reply=IdentityReply,
    access=READ,
    freshness=Freshness.LOCAL,
    tags=TAGS,
    doc="Tell which cluster and group this registry belongs to.",
)
SERVER_VERSION = Route(
    name="server.version",
    method=Method.GET,
    path="/v1/metadata/version",
    hangs_on=hangs_on.settings,
    args=NoArgs,
    reply=VersionReply,
    access=READ,
    freshness=Freshness.LOCAL,
    tags=TAGS,
    doc="Tell the release that runs.",
)
SERVER_DEPLOYMENT = Route(
    name="server.deployment",
    method=Method.GET,
    path="/v1/metadata/deployment",
    hangs_on=hangs_on.settings,
    args=NoArgs,
    reply=DeploymentReply,
    access=READ,
    freshness=Freshness.LOCAL,
    tags=TAGS,
    doc="Tell attributes of the deployment; there are none.",
)

SERVER_ROUTES = (ROOT_GET, ROOT_POST, SERVER_ID, SERVER_VERSION, SERVER_DEPLOYMENT)
