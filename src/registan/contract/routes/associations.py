"""Routes of `/associations`: which subjects hold the schemas of a resource."""

from __future__ import annotations

from dataclasses import dataclass

from registan.contract.body.associated import AssociationBody
from registan.contract.body.association import (
    AssociationBatchGetRequest,
    AssociationBatchRequest,
    AssociationReply,
    AssociationRequest,
    BatchReply,
)
from registan.contract.route import Access, Action, Effect, Method, NoContent, Route
from registan.model.association import LifecyclePolicy
from registan.model.fault import Fault
from registan.model.subject import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class OfSubjectArgs:
    """Associations of a subject, and which of them."""

    subject: Subject
    resource_type: str = ""
    association_type: tuple[str, ...] = ()
    lifecycle: LifecyclePolicy | None = None
    offset: int = 0
    limit: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class OfResourceArgs:
    """Associations of a resource, and which of them."""

    resource_id: str
    resource_type: str = ""
    association_type: tuple[str, ...] = ()
    lifecycle: LifecyclePolicy | None = None
    offset: int = 0
    limit: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class OfNamedArgs:
    """As `OfResourceArgs`; `-` stands for any namespace or name."""

    resource_namespace: str
    resource_name: str
    resource_type: str = ""
    association_type: tuple[str, ...] = ()
    lifecycle: LifecyclePolicy | None = None
    offset: int = 0
    limit: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateArgs:
    """`dry_run` checks and writes nothing; `context` is read and changes nothing."""

    body: AssociationRequest
    context: str = ""
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertArgs:
    """`dry_run` checks and writes nothing; `context` is read and changes nothing."""

    resource_id: str
    body: AssociationRequest
    context: str = ""
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteArgs:
    """`cascade_lifecycle` deletes the subjects of strong associations for good; without it they stay."""

    resource_id: str
    resource_type: str = ""
    association_type: tuple[str, ...] = ()
    cascade_lifecycle: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchGetArgs:
    """`include_schemas` adds the latest version of each subject."""

    body: AssociationBatchGetRequest
    include_schemas: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchMutateArgs:
    """`dry_run` checks and writes nothing; `context` is read and changes nothing."""

    body: AssociationBatchRequest
    context: str = ""
    dry_run: bool = False


READ = Access(Action.READ, "associations")
WRITE = Access(Action.WRITE, "associations")
TAGS = ("Associations",)

CHANGE_FAULTS = (
    Fault.INVALID_ASSOCIATION,
    Fault.ASSOCIATION_EXISTS_FOR_RESOURCE,
    Fault.ASSOCIATION_EXISTS_FOR_SUBJECT,
    Fault.STRONG_ASSOCIATION_EXISTS,
    Fault.NO_ACTIVE_VERSION,
    Fault.ASSOCIATION_FROZEN,
    Fault.OPERATION_NOT_PERMITTED,
    Fault.REFERENCE_EXISTS,
    Fault.INVALID_SUBJECT,
    Fault.INVALID_SCHEMA,
    Fault.INCOMPATIBLE_SCHEMA,
    Fault.SCHEMA_TOO_LARGE,
    Fault.INVALID_RULE_SET,
)

ASSOCIATION_OF_SUBJECT = Route(
    name="association.ofsubject",
    method=Method.GET,
    path="/associations/subjects/{subject}",
    args=OfSubjectArgs,
    reply=list[AssociationBody],
    access=Access(Action.READ, "associations", of="subject"),
    tags=TAGS,
    doc="List the associations of a subject.",
)
ASSOCIATION_OF_RESOURCE = Route(
    name="association.ofresource",
    method=Method.GET,
    path="/associations/resources/{resource_id}",
    args=OfResourceArgs,
    reply=list[AssociationBody],
    access=READ,
    tags=TAGS,
    doc="List the associations of the resource with an id.",
)
ASSOCIATION_OF_NAMED = Route(
    name="association.ofnamed",
    method=Method.GET,
    path="/associations/resources/{resource_namespace}/{resource_name}",
    args=OfNamedArgs,
    reply=list[AssociationBody],
    access=READ,
    tags=TAGS,
    doc="List the associations of the resources with a name.",
)
ASSOCIATION_CREATE = Route(
    name="association.create",
    method=Method.POST,
    path="/associations",
    args=CreateArgs,
    reply=AssociationReply,
    access=WRITE,
    effect=Effect.WRITES,
    operation="createAssociation",
    tags=TAGS,
    faults=CHANGE_FAULTS,
    doc="Associate subjects with a resource; a schema sent along is registered on the way.",
)
ASSOCIATION_UPSERT = Route(
    name="association.put",
    method=Method.PUT,
    path="/associations/resources/{resource_id}",
    args=UpsertArgs,
    reply=AssociationReply,
    access=WRITE,
    effect=Effect.WRITES,
    operation="createOrUpdateAssociation",
    tags=TAGS,
    faults=CHANGE_FAULTS,
    doc="Associate subjects with a resource that exists.",
)
ASSOCIATION_DELETE = Route(
    name="association.delete",
    method=Method.DELETE,
    path="/associations/resources/{resource_id}",
    args=DeleteArgs,
    reply=NoContent,
    access=Access(Action.DELETE, "associations"),
    effect=Effect.WRITES,
    status=204,
    tags=TAGS,
    faults=(
        Fault.ASSOCIATION_NOT_FOUND,
        Fault.ASSOCIATION_FROZEN,
        Fault.OPERATION_NOT_PERMITTED,
        Fault.REFERENCE_EXISTS,
    ),
    doc="End associations of a resource.",
)
ASSOCIATION_BATCH_GET = Route(
    name="association.batchget",
    method=Method.POST,
    path="/associations:batchGet",
    args=BatchGetArgs,
    reply=BatchReply,
    access=READ,
    operation="batchGetAssociations",
    status=207,
    tags=TAGS,
    faults=(Fault.INVALID_ASSOCIATION,),
    doc="List the associations of several resources.",
)
ASSOCIATION_BATCH_MUTATE = Route(
    name="association.batchmutate",
    method=Method.POST,
    path="/associations:batchMutate",
    args=BatchMutateArgs,
    reply=BatchReply,
    access=WRITE,
    effect=Effect.WRITES,
    operation="mutateAssociations",
    status=207,
    tags=TAGS,
    faults=(Fault.INVALID_ASSOCIATION,),
    doc="Create, change and end associations of several resources, each granted or refused by itself.",
)

ASSOCIATION_ROUTES = (
    ASSOCIATION_OF_SUBJECT,
    ASSOCIATION_OF_RESOURCE,
    ASSOCIATION_OF_NAMED,
    ASSOCIATION_CREATE,
    ASSOCIATION_UPSERT,
    ASSOCIATION_DELETE,
    ASSOCIATION_BATCH_GET,
    ASSOCIATION_BATCH_MUTATE,
)
