"""Routes of the key registry, `/dek-registry/v1`, about the keys that encrypt data."""

from __future__ import annotations

from dataclasses import dataclass

from registan.contract.body.keys import CreateDekRequest, DekReply
from registan.contract.route import Effect, Method, NoContent, Route
from registan.contract.routes.keks import CREATE_FAULTS, DELETE, DELETE_FAULTS, ONE, READ, TAGS, WRITE
from registan.model.fault import Fault
from registan.model.keys import DekFormat
from registan.model.subject import Subject

DEKS = f"{ONE}/deks"
SERIES = f"{DEKS}/{{subject}}"
VERSIONS = f"{SERIES}/versions"
VERSION = f"{VERSIONS}/{{version}}"

DEFAULT = DekFormat.AES256_GCM


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDeksArgs:
    """With `deleted` also subjects all of whose keys are soft-deleted."""

    name: str
    deleted: bool = False
    offset: int = 0
    limit: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDekArgs:
    """A DEK; the body names the subject. `rewrap` wraps it anew, where the registry can."""

    name: str
    body: CreateDekRequest
    rewrap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDekOfArgs:
    """A DEK of a subject; what the body says about the subject does not count."""

    name: str
    subject: Subject
    body: CreateDekRequest
    rewrap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GetDekArgs:
    """The first version of a DEK."""

    name: str
    subject: Subject
    algorithm: DekFormat = DEFAULT
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GetDekVersionArgs:
    """`version` is a number, `latest` or -1."""

    name: str
    subject: Subject
    version: str
    algorithm: DekFormat = DEFAULT
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDekVersionsArgs:
    """The versions of a DEK."""

    name: str
    subject: Subject
    algorithm: DekFormat = DEFAULT
    deleted: bool = False
    offset: int = 0
    limit: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteDekArgs:
    """All versions of one algorithm."""

    name: str
    subject: Subject
    algorithm: DekFormat = DEFAULT
    permanent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteDekVersionArgs:
    """`version` is a number, `latest` or -1."""

    name: str
    subject: Subject
    version: str
    algorithm: DekFormat = DEFAULT
    permanent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UndeleteDekArgs:
    """All versions of one algorithm."""

    name: str
    subject: Subject
    algorithm: DekFormat = DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class UndeleteDekVersionArgs:
    """`version` is a number, `latest` or -1."""

    name: str
    subject: Subject
    version: str
    algorithm: DekFormat = DEFAULT


DEK_LIST = Route(
    name="dek.list",
    method=Method.GET,
    path=DEKS,
    args=ListDeksArgs,
    reply=list[str],
    access=READ,
    tags=TAGS,
    faults=(Fault.KEY_NOT_FOUND,),
    doc="List the subjects, of all contexts, that have keys wrapped by a KEK.",
)
DEK_CREATE = Route(
    name="dek.create",
    method=Method.POST,
    path=DEKS,
    args=CreateDekArgs,
    reply=DekReply,
    access=WRITE,
    effect=Effect.WRITES,
    operation="createDek",
    tags=TAGS,
    faults=(Fault.KEY_NOT_FOUND, *CREATE_FAULTS),
    doc="Register a DEK.",
)
DEK_CREATE_OF = Route(
    name="dek.createof",
    method=Method.POST,
    path=SERIES,
    args=CreateDekOfArgs,
    reply=DekReply,
    access=WRITE,
    effect=Effect.WRITES,
    operation="createDekWithSubject",
    tags=TAGS,
    aliased=True,
    faults=(Fault.KEY_NOT_FOUND, *CREATE_FAULTS),
    doc="Register a DEK of a subject.",
)
DEK_GET = Route(
    name="dek.get",
    method=Method.GET,
    path=SERIES,
    args=GetDekArgs,
    reply=DekReply,
    access=READ,
    tags=TAGS,
    aliased=True,
    faults=(Fault.KEY_NOT_FOUND,),
    doc="Get the first version of a DEK.",
)
DEK_DELETE = Route(
    name="dek.delete",
    method=Method.DELETE,
    path=SERIES,
    args=DeleteDekArgs,
    reply=NoContent,
    access=DELETE,
    effect=Effect.WRITES,
    status=204,
    tags=TAGS,
    aliased=True,
    faults=DELETE_FAULTS,
    doc="Delete all versions of a DEK, softly first, then for good.",
)
DEK_UNDELETE = Route(
    name="dek.undelete",
    method=Method.POST,
    path=f"{SERIES}/undelete",
    args=UndeleteDekArgs,
    reply=NoContent,
    access=WRITE,
    effect=Effect.WRITES,
    status=204,
    tags=TAGS,
    aliased=True,
    faults=(Fault.KEY_NOT_FOUND, Fault.KEY_SOFT_DELETED),
    doc="Take back the soft delete of all versions of a DEK.",
)
DEK_VERSIONS = Route(
    name="dek.versions",
    method=Method.GET,
    path=VERSIONS,
    args=ListDekVersionsArgs,
    reply=list[int],
    access=READ,
    tags=TAGS,
    aliased=True,
    faults=(Fault.KEY_NOT_FOUND,),
    doc="List the versions of a DEK.",
)
DEK_VERSION_GET = Route(
    name="dek.getversion",
    method=Method.GET,
    path=VERSION,
    args=GetDekVersionArgs,
    reply=DekReply,
    access=READ,
    tags=TAGS,
    aliased=True,
    faults=(Fault.INVALID_VERSION, Fault.KEY_NOT_FOUND),
    doc="Get a version of a DEK.",
)
DEK_VERSION_DELETE = Route(
    name="dek.deleteversion",
    method=Method.DELETE,
    path=VERSION,
    args=DeleteDekVersionArgs,
    reply=NoContent,
    access=DELETE,
    effect=Effect.WRITES,
    status=204,
    tags=TAGS,
    aliased=True,
    faults=(Fault.INVALID_VERSION, *DELETE_FAULTS),
    doc="Delete a version of a DEK, softly first, then for good.",
)
DEK_VERSION_UNDELETE = Route(
    name="dek.undeleteversion",
    method=Method.POST,
    path=f"{VERSION}/undelete",
    args=UndeleteDekVersionArgs,
    reply=NoContent,
    access=WRITE,
    effect=Effect.WRITES,
    status=204,
    tags=TAGS,
    aliased=True,
    faults=(Fault.INVALID_VERSION, Fault.KEY_NOT_FOUND, Fault.KEY_SOFT_DELETED),
    doc="Take back the soft delete of a version of a DEK.",
)

DEK_ROUTES = (
    DEK_LIST,
    DEK_CREATE,
    DEK_CREATE_OF,
    DEK_GET,
    DEK_DELETE,
    DEK_UNDELETE,
    DEK_VERSIONS,
    DEK_VERSION_GET,
    DEK_VERSION_DELETE,
    DEK_VERSION_UNDELETE,
)
