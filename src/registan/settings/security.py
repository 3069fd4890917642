"""Settings of who may connect and who may do what: TLS, authentication, roles, audit, rate limits.

The shapes are the operations guide's. What is not built yet is refused at start-up by
`registan.settings.checks.NOT_YET`, never ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, field

from registan.settings.kinds import Entry, Secret, Section


class Tls(Section, frozen=True, kw_only=True):
    """HTTPS on the port of the registry."""

    enabled: Annotated[bool, Meta(description="Serve HTTPS instead of HTTP.")] = False
    cert_file: Annotated[str, Meta(description="Certificate chain of the server, PEM.")] = ""
    key_file: Annotated[str, Meta(description="Private key of the certificate, PEM.")] = ""
    ca_file: Annotated[
        str, Meta(description="Authorities that client certificates are checked against, PEM.")
    ] = ""
    client_auth: Annotated[
        Literal["none", "request", "require"],
        Meta(description="Whether clients are asked for a certificate; `require` demands a valid one."),
    ] = "none"


class BasicUser(Entry, frozen=True, kw_only=True):
    """A user with a password."""

    username: str
    password: Secret
    """The bcrypt hash, as written by htpasswd -B."""
    roles: tuple[str, ...] = ()


class Basic(Section, frozen=True, kw_only=True):
    """Users named in the configuration."""

    users: Annotated[
        tuple[BasicUser, ...],
        Meta(description="Users: `username`, `password` (a bcrypt hash), `roles`."),
    ] = ()


class ApiKeyEntry(Entry, frozen=True, kw_only=True):
    """An API key."""

    key: Secret
    name: str
    roles: tuple[str, ...] = ()
    expires_at: datetime | None = None


class ApiKeys(Section, frozen=True, kw_only=True):
    """API keys named in the configuration."""

    keys: Annotated[
        tuple[ApiKeyEntry, ...],
        Meta(description="Keys: `key`, `name`, `roles`, `expires_at` (RFC 3339)."),
    ] = ()


class Ldap(Section, frozen=True, kw_only=True):
    """Users of an LDAP directory or Active Directory."""

    url: Annotated[str, Meta(description="Server, `ldaps://host:636` or `ldap://host:389`.")] = ""
    bind_dn: Annotated[str, Meta(description="Who searches for users.")] = ""
    bind_password: Annotated[Secret, Meta(description="Password of `bind_dn`.")] = Secret("")
    base_dn: Annotated[str, Meta(description="Where users are searched for.")] = ""
    user_filter: Annotated[str, Meta(description="Filter for a user; `{0}` is the name given.")] = "(uid={0})"
    group_filter: Annotated[
        str, Meta(description="Filter for the groups of a user; `{0}` is the user's DN.")
    ] = "(member={0})"
    role_mapping: Annotated[Mapping[str, str], Meta(description="Role by DN of a group.")] = field(
        default_factory=dict[str, str]
    )


class Oidc(Section, frozen=True, kw_only=True):
    """Bearer tokens of an OpenID Connect provider."""

    issuer_url: Annotated[
        str, Meta(description="The provider; its discovery document is read from there.")
    ] = ""
    client_id: Annotated[str, Meta(description="The audience that tokens must be made out for.")] = ""
    client_secret: Annotated[Secret, Meta(description="Secret of the client.")] = Secret("")
    scopes: Annotated[tuple[str, ...], Meta(description="Scopes to ask for.")] = (
        "openid",
        "profile",
        "email",
    )
    role_claim: Annotated[str, Meta(description="Claim that holds the groups or roles.")] = "groups"
    role_mapping: Annotated[Mapping[str, str], Meta(description="Role by value of the claim.")] = field(
        default_factory=dict[str, str]
    )


class Auth(Section, frozen=True, kw_only=True):
    """How callers prove who they are."""

    type: Annotated[
        Literal["none", "basic", "apikey", "ldap", "oidc"],
        Meta(description="Method of authentication; `none` lets everybody do everything."),
    ] = "none"
    basic: Basic = Basic()
    apikey: ApiKeys = ApiKeys()
    ldap: Ldap = Ldap()
    oidc: Oidc = Oidc()


class Permission(Entry, frozen=True, kw_only=True):
    """Actions on a resource; `*` is any."""

    resource: str
    actions: tuple[str, ...]


class Role(Entry, frozen=True, kw_only=True):
    """What a role may do."""

    permissions: tuple[Permission, ...] = ()


class Rbac(Section, frozen=True, kw_only=True):
    """Roles and their permissions."""

    roles: Annotated[
        Mapping[str, Role],
        Meta(description="Permissions by role: a list of `resource` (may end in `*`) and `actions`."),
    ] = field(default_factory=dict[str, Role])


class Audit(Section, frozen=True, kw_only=True):
    """Who did what, as JSON lines."""

    enabled: Annotated[bool, Meta(description="Write an audit log.")] = False
    log_file: Annotated[str, Meta(description="File of the audit log; empty is standard output.")] = ""
    include: Annotated[
        tuple[str, ...], Meta(description="Events to write; empty is all that change something.")
    ] = ()


class RateLimit(Section, frozen=True, kw_only=True):
    """A limit on requests, to protect the service from its callers."""

    enabled: Annotated[bool, Meta(description="Refuse requests above the rate with 429.")] = False
    requests_per_second: Annotated[float, Meta(gt=0, description="Requests per second in the long run.")] = (
        1000.0
    )
    burst: Annotated[int, Meta(ge=1, description="Requests that may come at once.")] = 100
