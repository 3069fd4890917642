"""Routes of the key registry, `/dek-registry/v1`, about the keys that wrap others."""

from __future__ import annotations

from dataclasses import dataclass

from registan.contract.body.keys import CreateKekRequest, KekReply, UpdateKekRequest
from registan.contract.route import Access, Action, Effect, Method, NoContent, Route
from registan.model.fault import Fault
from registan.model.subject import Subject

BASE = "/dek-registry/v1/keks"
ONE = f"{BASE}/{{name}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListKeksArgs:
    """With `subject_prefix` only KEKs that wrap a key of a subject with one of these prefixes."""

    subject_prefix: tuple[Subject, ...] = ()
    deleted: bool = False
    offset: int = 0
    limit: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateKekArgs:
    """`test_sharing` asks whether the registry can use a shared key."""

    body: CreateKekRequest
    test_sharing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GetKekArgs:
    """A KEK, with `deleted` also a soft-deleted one."""

    name: str
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PutKekArgs:
    """`test_sharing` asks whether the registry can use a shared key."""

    name: str
    body: UpdateKekRequest
    test_sharing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteKekArgs:
    """A permanent delete needs a soft one before it."""

    name: str
    permanent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KekArgs:
    """A KEK."""

    name: str


READ = Access(Action.READ, "keks", of="name")
WRITE = Access(Action.WRITE, "keks", of="name")
DELETE = Access(Action.DELETE, "keks", of="name")
TAGS = ("Keys",)

CREATE_FAULTS = (Fault.INVALID_KEY, Fault.KEY_EXISTS, Fault.TOO_MANY_KEYS, Fault.NO_KMS_DRIVER)
DELETE_FAULTS = (Fault.KEY_NOT_FOUND, Fault.KEY_NOT_SOFT_DELETED)

KEK_LIST = Route(
    name="kek.list",
    method=Method.GET,
    path=BASE,
    args=ListKeksArgs,
    reply=list[str],
    access=Access(Action.READ, "keks"),
    tags=TAGS,
    doc="List the names of KEKs.",
)
KEK_CREATE = Route(
    name="kek.create",
    method=Method.POST,
    path=BASE,
    args=CreateKekArgs,
    reply=KekReply,
    access=Access(Action.WRITE, "keks"),
    effect=Effect.WRITES,
    operation="createKek",
    tags=TAGS,
    faults=CREATE_FAULTS,
    doc="Register a KEK; the one that was soft-deleted with the same content comes back.",
)
KEK_GET = Route(
    name="kek.get",
    method=Method.GET,
    path=ONE,
    args=GetKekArgs,
    reply=KekReply,
    access=READ,
    tags=TAGS,
    faults=(Fault.KEY_NOT_FOUND,),
    doc="Get a KEK.",
)
KEK_PUT = Route(
    name="kek.put",
    method=Method.PUT,
    path=ONE,
    args=PutKekArgs,
    reply=KekReply,
    access=WRITE,
    effect=Effect.WRITES,
    operation="putKek",
    tags=TAGS,
    faults=(Fault.KEY_NOT_FOUND, Fault.INVALID_KEY, Fault.NO_KMS_DRIVER),
    doc="Change the properties, the description or the sharing of a KEK.",
)
KEK_DELETE = Route(
    name="kek.delete",
    method=Method.DELETE,
    path=ONE,
    args=DeleteKekArgs,
    reply=NoContent,
    access=DELETE,
    effect=Effect.WRITES,
    status=204,
    tags=TAGS,
    faults=(*DELETE_FAULTS, Fault.KEY_IN_USE),
    doc="Delete a KEK that wraps nothing, softly first, then for good.",
)
KEK_UNDELETE = Route(
    name="kek.undelete",
    method=Method.POST,
    path=f"{ONE}/undelete",
    args=KekArgs,
    reply=NoContent,
    access=WRITE,
    effect=Effect.WRITES,
    status=204,
    tags=TAGS,
    faults=(Fault.KEY_NOT_FOUND,),
    doc="Take back the soft delete of a KEK.",
)
KEK_TEST = Route(
    name="kek.test",
    method=Method.POST,
    path=f"{ONE}/test",
    args=KekArgs,
    reply=KekReply,
    access=READ,
    tags=TAGS,
    faults=(Fault.KEY_NOT_FOUND, Fault.INVALID_KEY, Fault.NO_KMS_DRIVER),
    doc="Ask whether the registry can use a shared KEK.",
)

KEK_ROUTES = (
    KEK_LIST,
    KEK_CREATE,
    KEK_GET,
    KEK_PUT,
    KEK_DELETE,
    KEK_UNDELETE,
    KEK_TEST,
)
