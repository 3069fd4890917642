"""Bodies about associations of subjects with resources."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from registan.contract.body.common import Body
from registan.contract.body.schema import RegisterRequest, SchemaReply
from registan.model.association import Association, LifecyclePolicy
from registan.model.fault import Fault, Refusal


class Operation(StrEnum):
    """What an element of a batch does."""

    CREATE = "CREATE"
    DELETE = "DELETE"
    UPSERT = "UPSERT"


class AssociationInfo(Body, frozen=True):
    """One association to be."""

    __java__: ClassVar[str] = "AssociationCreateOrUpdateInfo"

    subject: str | None = None
    association_type: str | None = None
    lifecycle: LifecyclePolicy | None = None
    frozen: bool | None = None
    schema: RegisterRequest | None = None
    normalize: bool | None = None


class AssociationOp(AssociationInfo, frozen=True):
    """An element of a batch: an association, and what is to happen to it."""

    __java__: ClassVar[str] = "AssociationOp"

    op_type: str | None = None

    def operation(self) -> Operation:
        """What is to happen; raises `Refusal` BAD_REQUEST."""
        if self.op_type is not None and self.op_type in Operation.__members__:
            return Operation(self.op_type)
        known = ", ".join(Operation)
        where = "(for POJO property 'associations')"
        if self.op_type is None:
            why = f"Could not resolve subtype of `AssociationOp`: missing type id property 'opType' {where}"
        else:
            why = (
                f"Could not resolve type id '{self.op_type}' as a subtype of `AssociationOp`: "
                f"known type ids = [{known}] {where}"
            )
        raise Refusal(Fault.BAD_REQUEST, why=why)


class AssociationRequest(Body, frozen=True):
    """Associations of one resource to be."""

    __java__: ClassVar[str] = "AssociationCreateOrUpdateRequest"

    resource_name: str | None = None
    resource_namespace: str | None = None
    resource_id: str | None = None
    resource_type: str | None = None
    associations: list[AssociationInfo | None] | None = None


class AssociationOpRequest(Body, frozen=True):
    """What is to happen to the associations of one resource."""

    __java__: ClassVar[str] = "AssociationOpRequest"

    resource_name: str | None = None
    resource_namespace: str | None = None
    resource_id: str | None = None
    resource_type: str | None = None
    associations: list[AssociationOp | None] | None = None


class AssociationBatchRequest(Body, frozen=True):
    """Requests about several resources, each granted or refused by itself."""

    __java__: ClassVar[str] = "AssociationBatchRequest"

    requests: list[AssociationOpRequest | None] | None = None


class AssociationGetRequest(Body, frozen=True):
    """One resource, by its id or by namespace and name."""

    __java__: ClassVar[str] = "AssociationGetRequest"

    resource_name: str | None = None
    resource_namespace: str | None = None
    resource_id: str | None = None
    resource_type: str | None = None
    association_types: list[str] | None = None
    lifecycle: LifecyclePolicy | None = None


class AssociationBatchGetRequest(Body, frozen=True):
    """Several resources."""

    __java__: ClassVar[str] = "AssociationBatchGetRequest"

    requests: list[AssociationGetRequest | None] | None = None


class AssociationInfoReply(Body, frozen=True):
    """One association of a resource."""

    subject: str
    association_type: str
    lifecycle: LifecyclePolicy
    schema: SchemaReply | None = None

    @classmethod
    def of(cls, association: Association, schema: SchemaReply | None = None) -> AssociationInfoReply:
        """The body of a stored association, with the schema registered on the way or asked for."""
        return cls(
            subject=str(association.subject),
            association_type=association.association_type,
            lifecycle=association.lifecycle,
            schema=schema,
        )


class AssociationReply(Body, frozen=True):
    """A resource with associations: those that were changed, or that are asked for."""

    resource_name: str | None = None
    resource_namespace: str | None = None
    resource_id: str | None = None
    resource_type: str | None = None
    associations: list[AssociationInfoReply] | None = None


class BatchError(Body, rename=None, frozen=True):
    """Why an element of a batch was refused."""

    error_code: int
    message: str


class BatchResult(Body, frozen=True):
    """What became of an element of a batch: one of the two."""

    error: BatchError | None = None
    result: AssociationReply | None = None

    @classmethod
    def refused(cls, refusal: Refusal) -> BatchResult:
        """The body of a refused element."""
        return cls(error=BatchError(error_code=refusal.fault.code, message=refusal.message))


class BatchReply(Body, frozen=True):
    """What became of all, in the order of the request."""

    results: list[BatchResult]
