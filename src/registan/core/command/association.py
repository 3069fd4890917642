"""Making and ending associations (docs/wire.md, associations)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from registan.contract.body.association import (
    AssociationInfo,
    AssociationInfoReply,
    AssociationOp,
    AssociationOpRequest,
    AssociationReply,
    BatchReply,
    BatchResult,
    Operation,
)
from registan.contract.body.schema import SchemaReply
from registan.contract.route import NoContent
from registan.contract.routes.associations import (
    ASSOCIATION_BATCH_MUTATE,
    ASSOCIATION_CREATE,
    ASSOCIATION_DELETE,
    ASSOCIATION_UPSERT,
    BatchMutateArgs,
    CreateArgs,
    DeleteArgs,
    UpsertArgs,
)
from registan.contract.routes.subjects import RegisterArgs
from registan.core.associations import (
    NULL,
    Filter,
    Resource,
    Wanted,
    check_mode,
    check_one_lifecycle,
    given,
    invalid,
    kind_of,
    of_resource,
    resource_of,
    wanted,
)
from registan.core.command.delete import erasure
from registan.core.command.register import known, register, registration
from registan.core.decision import Decision, Facts
from registan.core.effective import effective_config
from registan.core.handlers import handles
from registan.core.referrers import check_unreferenced
from registan.core.replies import schema_reply
from registan.core.state import State
from registan.core.trial import Trial, trial
from registan.model.association import Association, LifecyclePolicy
from registan.model.commit import Drop, Put
from registan.model.fault import Fault, Refusal


@handles(ASSOCIATION_CREATE)
def create(state: State, args: CreateArgs, facts: Facts) -> Decision:
    """Associate subjects with a resource; the answer has what was changed."""
    body = args.body
    resource = resource_of(body.resource_name, body.resource_namespace, body.resource_id, body.resource_type)
    infos = given(body.associations)
    with trial(state) as attempt:
        made = _associate(attempt, resource, infos, facts, upsert=False)
        return _decision(attempt, resource, made, dry_run=args.dry_run)


@handles(ASSOCIATION_UPSERT)
def upsert(state: State, args: UpsertArgs, facts: Facts) -> Decision:
    """Associate subjects with a resource that exists; the answer has what was changed."""
    body = args.body
    if body.resource_id and body.resource_id != args.resource_id:
        raise invalid(
            "resourceId",
            "Resource ID in the path parameter does not match the resource ID in the request body",
        )
    resource = resource_of(body.resource_name, body.resource_namespace, args.resource_id, body.resource_type)
    infos = given(body.associations)
    with trial(state) as attempt:
        made = _associate(attempt, resource, infos, facts, upsert=True)
        return _decision(attempt, resource, made, dry_run=args.dry_run)


def _decision(
    attempt: Trial, resource: Resource, made: list[AssociationInfoReply], *, dry_run: bool
) -> Decision:
    changes = () if dry_run else tuple(attempt.changes)
    return Decision(changes, _reply(resource, [] if dry_run else made))


def _reply(resource: Resource, made: list[AssociationInfoReply]) -> AssociationReply:
    return AssociationReply(
        resource_name=resource.name,
        resource_namespace=resource.namespace,
        resource_id=resource.id,
        resource_type=resource.type,
        associations=made or None,
    )


def _associate(
    attempt: Trial, resource: Resource, infos: Sequence[AssociationInfo], facts: Facts, *, upsert: bool
) -> list[AssociationInfoReply]:
    """Make the associations that are not there yet; those that are must be as asked for."""
    asked = [wanted(resource, info) for info in infos]
    held = Filter(resource.type).of(of_resource(attempt.state, resource.id))
    by_kind = {association.association_type: association for association in held}
    more = []
    for one in asked:
        existing = by_kind.get(one.kind)
        if existing is None:
            more.append(one)
        elif not _as_asked(attempt.state, existing, one):
            raise _different(existing, one, resource, upsert=upsert)
    check_one_lifecycle(held, more)
    return [_make(attempt, resource, one, facts, upsert=upsert) for one in more]


def _as_asked(state: State, existing: Association, one: Wanted) -> bool:
    if existing.subject != one.subject or existing.lifecycle is not one.lifecycle:
        return False
    if one.asked.schema is None:
        return True
    config = effective_config(state, one.subject)
    arguments = _registering(one)
    sought = registration(arguments, normalize=arguments.normalize or bool(config.normalize))
    return known(state, config, sought)[0] is not None


def _different(existing: Association, one: Wanted, resource: Resource, *, upsert: bool) -> Refusal:
    """The refusal where an association is there, but another one."""
    if upsert:
        if one.asked.lifecycle is None and one.asked.schema is None:
            return invalid("lifecycle", "at least lifecycle or schema must be provided for update")
        if existing.is_strong:
            return Refusal(Fault.ASSOCIATION_FROZEN, type=existing.association_type, subject=existing.subject)
    return Refusal(Fault.ASSOCIATION_EXISTS_FOR_RESOURCE, type=one.kind, resource=resource.name)


def _make(
    attempt: Trial, resource: Resource, one: Wanted, facts: Facts, *, upsert: bool
) -> AssociationInfoReply:
    check_mode(attempt.state, one.subject)
    strong = one.lifecycle is LifecyclePolicy.STRONG
    schema = _make_strong(attempt, one, facts, upsert=upsert) if strong else None
    if not strong:
        _check_weak(attempt.state, one)
    association = Association(
        subject=one.subject,
        guid=str(UUID(int=facts.new_id ^ len(attempt.changes))),
        resource_name=resource.name,
        resource_namespace=resource.namespace,
        resource_id=resource.id,
        resource_type=resource.type,
        association_type=one.kind,
        lifecycle=one.lifecycle,
        created=facts.now,
        updated=facts.now,
    )
    attempt.make([Put(association)])
    return AssociationInfoReply.of(association, schema)


def _check_weak(state: State, one: Wanted) -> None:
    """A weak association is with a subject that is there, and that belongs to nobody."""
    if any(a.is_strong for a in state.associations.where("subject", one.subject)):
        raise Refusal(Fault.STRONG_ASSOCIATION_EXISTS, subject=one.subject)
    entry = state.subject(one.subject)
    if entry is None or not entry.live:
        raise Refusal(Fault.NO_ACTIVE_VERSION, subject=one.subject)


def _make_strong(attempt: Trial, one: Wanted, facts: Facts, *, upsert: bool) -> SchemaReply:
    """Register the schema of a strong association, in a subject that nobody else uses."""
    state, subject = attempt.state, one.subject
    if one.asked.schema is None:
        raise invalid("schema", "schema must be provided when creating a frozen association")
    if upsert:
        raise invalid(
            "schema",
            "cannot be provided when adding an association to an existing topic; an association with a "
            "schema must be created with the topic",
        )
    others = state.associations.where("subject", subject)
    if others:
        strong = any(other.is_strong for other in others)
        fault = Fault.STRONG_ASSOCIATION_EXISTS if strong else Fault.ASSOCIATION_EXISTS_FOR_SUBJECT
        raise Refusal(fault, subject=subject)
    entry = state.subject(subject)
    if entry is not None:
        check_unreferenced(state, entry.versions.values(), permanent=False)
    decision = register(state, _registering(one), facts)
    attempt.make(decision.changes)
    entry = state.subject(subject)
    assert entry is not None
    version = entry.versions[decision.reply.version]
    return schema_reply(version, state.schema_of(version), timed=False)


def _registering(one: Wanted) -> RegisterArgs:
    assert one.asked.schema is not None
    return RegisterArgs(subject=one.subject, body=one.asked.schema, normalize=bool(one.asked.normalize))


@handles(ASSOCIATION_DELETE)
def delete(state: State, args: DeleteArgs, facts: Facts) -> Decision:
    """End associations of a resource."""
    meant = Filter(args.resource_type, args.association_type).of(of_resource(state, args.resource_id))
    if not meant:
        raise Refusal(Fault.ASSOCIATION_NOT_FOUND, resource=args.resource_id)
    with trial(state) as attempt:
        _end(attempt, meant, cascade=args.cascade_lifecycle)
        return Decision(() if args.dry_run else tuple(attempt.changes), NoContent())


def _end(attempt: Trial, associations: Iterable[Association], *, cascade: bool) -> None:
    """End associations; the subject of a strong one goes with it, where that is allowed."""
    for association in associations:
        subject = association.subject
        check_mode(attempt.state, subject)
        if association.is_strong and not cascade:
            kind = association.association_type
            raise Refusal(Fault.ASSOCIATION_FROZEN, type=kind, subject=subject)
        attempt.make([Drop(association)])
        entry = attempt.state.subject(subject) if association.is_strong else None
        if entry is not None:
            versions = list(entry.versions.values())
            check_unreferenced(attempt.state, versions, permanent=True, but=subject)
            attempt.make(erasure(attempt.state, subject, versions))


@handles(ASSOCIATION_BATCH_MUTATE)
def batch_mutate(state: State, args: BatchMutateArgs, facts: Facts) -> Decision:
    """Requests about several resources, in order; one that is refused changes nothing."""
    requests = args.body.requests
    if not requests:
        raise invalid("requests", NULL)
    for request in requests:
        if request is None:
            raise Refusal(Fault.BAD_REQUEST, why="null is not allowed inside `requests`")
        for op in request.associations or ():
            if op is not None:
                op.operation()
    results = []
    with trial(state) as attempt:
        for request in requests:
            assert request is not None
            try:
                with attempt.part():
                    reply = _mutate(attempt, request, facts, dry_run=args.dry_run)
                results.append(BatchResult(result=reply))
            except Refusal as refusal:
                results.append(BatchResult.refused(refusal))
        changes = () if args.dry_run else tuple(attempt.changes)
    return Decision(changes, BatchReply(results=results))


def _mutate(
    attempt: Trial, request: AssociationOpRequest, facts: Facts, *, dry_run: bool
) -> AssociationReply:
    resource = resource_of(
        request.resource_name, request.resource_namespace, request.resource_id, request.resource_type
    )
    made: list[AssociationInfoReply] = []
    for info in given(request.associations):
        assert isinstance(info, AssociationOp)
        operation = info.operation()
        if operation is Operation.DELETE:
            held = Filter(resource.type, (kind_of(info),)).of(of_resource(attempt.state, resource.id))
            _end(attempt, held, cascade=False)
        else:
            made += _associate(attempt, resource, [info], facts, upsert=operation is Operation.UPSERT)
    return _reply(resource, [] if dry_run else made)
