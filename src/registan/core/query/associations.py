"""Listing associations."""

from __future__ import annotations

from registan.contract.body.associated import AssociationBody
from registan.contract.body.association import (
    AssociationGetRequest,
    AssociationInfoReply,
    AssociationReply,
    BatchReply,
    BatchResult,
)
from registan.contract.body.schema import SchemaReply
from registan.contract.routes.associations import (
    ASSOCIATION_BATCH_GET,
    ASSOCIATION_OF_NAMED,
    ASSOCIATION_OF_RESOURCE,
    ASSOCIATION_OF_SUBJECT,
    BatchGetArgs,
    OfNamedArgs,
    OfResourceArgs,
    OfSubjectArgs,
)
from registan.core.associations import ANY, NULL, Filter, invalid, of_named, of_resource
from registan.core.handlers import handles
from registan.core.paging import page
from registan.core.replies import schema_reply
from registan.core.state import State
from registan.model.association import TOPIC, Association
from registan.model.fault import Fault, Refusal
from registan.model.subject import Subject


@handles(ASSOCIATION_OF_SUBJECT)
def of_subject(state: State, args: OfSubjectArgs) -> list[AssociationBody]:
    """The associations of a subject."""
    found = state.associations.where("subject", args.subject)
    return _listed(found, args, args.resource_type)


@handles(ASSOCIATION_OF_RESOURCE)
def of_resource_id(state: State, args: OfResourceArgs) -> list[AssociationBody]:
    """The associations of a resource."""
    return _listed(of_resource(state, args.resource_id), args, args.resource_type)


@handles(ASSOCIATION_OF_NAMED)
def of_resource_name(state: State, args: OfNamedArgs) -> list[AssociationBody]:
    """The associations of resources by name. The type is not asked of resources of any name."""
    found = of_named(state, args.resource_namespace, args.resource_name)
    return _listed(found, args, "" if args.resource_name == ANY else args.resource_type)


def _listed(
    found: list[Association], args: OfSubjectArgs | OfResourceArgs | OfNamedArgs, resource_type: str
) -> list[AssociationBody]:
    meant = Filter(resource_type, args.association_type, args.lifecycle).of(found)
    return [AssociationBody.of(each) for each in page(args.offset, args.limit).of(meant)]


@handles(ASSOCIATION_BATCH_GET)
def batch_get(state: State, args: BatchGetArgs) -> BatchReply:
    """The associations of several resources, in the order asked for."""
    requests = args.body.requests
    if not requests:
        raise invalid("requests", NULL)
    results = []
    for request in requests:
        if request is None:
            raise Refusal(Fault.BAD_REQUEST, why="null is not allowed inside `requests`")
        try:
            result = BatchResult(result=_resource(state, request, schemas=args.include_schemas))
        except Refusal as refusal:
            result = BatchResult.refused(refusal)
        results.append(result)
    return BatchReply(results=results)


def _resource(state: State, request: AssociationGetRequest, *, schemas: bool) -> AssociationReply:
    if request.resource_id:
        found = of_resource(state, request.resource_id)
    elif request.resource_name and request.resource_namespace:
        found = of_named(state, request.resource_namespace, request.resource_name)
    else:
        raise invalid("resourceId", NULL)
    meant = Filter(request.resource_type or "", request.association_types or (), request.lifecycle).of(found)
    if not meant:
        return AssociationReply(
            resource_name=request.resource_name,
            resource_namespace=request.resource_namespace,
            resource_id=request.resource_id,
            resource_type=request.resource_type or TOPIC,
        )
    first = meant[0]
    infos = [
        AssociationInfoReply.of(each, _latest(state, each.subject) if schemas else None) for each in meant
    ]
    return AssociationReply(
        resource_name=first.resource_name,
        resource_namespace=first.resource_namespace,
        resource_id=first.resource_id,
        resource_type=first.resource_type,
        associations=infos,
    )


def _latest(state: State, subject: Subject) -> SchemaReply | None:
    entry = state.subject(subject)
    latest = entry.latest() if entry is not None else None
    return None if latest is None else schema_reply(latest, state.schema_of(latest))
