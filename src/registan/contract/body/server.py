"""Bodies about the server itself."""

from __future__ import annotations

import msgspec

from registan.contract.body.common import Body


class IdentityScope(Body, frozen=True):
    """Where a registry belongs: `clusters` by kind."""

    path: list[str]
    clusters: dict[str, str]


class IdentityReply(Body, frozen=True):
    """The identity of a registry."""

    scope: IdentityScope


class VersionReply(Body, frozen=True):
    """The release, and the commit it was built from (`unknown` where the installation does not tell)."""

    version: str
    commit_id: str


class DeploymentReply(msgspec.Struct, frozen=True):
    """Attributes of the deployment."""

    attributes: list[str]
