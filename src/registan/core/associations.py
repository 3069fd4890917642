"""What an association may be, and which are meant (docs/wire.md, associations).

What lives here: the rules that need no change of the state. What never does: making associations
(core/command/association.py).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from registan.contract.body.association import AssociationInfo
from registan.core.effective import effective_mode
from registan.core.state import State, target
from registan.model.association import ASSOCIATION_TYPES, TOPIC, Association, LifecyclePolicy
from registan.model.fault import Fault, Refusal
from registan.model.schema import Reference
from registan.model.subject import Subject

NAME_MAX = 256

ANY = "-"
"""In the place of a namespace or a name: whatever it is."""

NULL = "cannot be null or empty"


class Resource(NamedTuple):
    """What a request is about."""

    name: str
    namespace: str
    id: str
    type: str

    def subject(self, kind: str) -> Subject:
        """The subject that a strong association of this resource has, and a weak one has not."""
        return Subject(f".{self.namespace}", f"{self.name}-{kind}")


class Wanted(NamedTuple):
    """One association to be, with what was left open decided."""

    kind: str
    subject: Subject
    lifecycle: LifecyclePolicy
    asked: AssociationInfo


class Filter(NamedTuple):
    """Which associations are meant; what is empty does not matter."""

    resource_type: str = ""
    types: Sequence[str] = ()
    lifecycle: LifecyclePolicy | None = None

    def of(self, associations: Iterable[Association]) -> list[Association]:
        """Those that are meant, in the order given."""
        return [
            a
            for a in associations
            if (not self.resource_type or a.resource_type == self.resource_type)
            and (not self.types or a.association_type in self.types)
            and (self.lifecycle is None or a.lifecycle is self.lifecycle)
        ]


def invalid(name: str, detail: str) -> Refusal:
    """The refusal of a property."""
    return Refusal(Fault.INVALID_ASSOCIATION, property=name, detail=detail)


def resource_of(name: str | None, namespace: str | None, id_: str | None, type_: str | None) -> Resource:
    """The resource of a request; raises `Refusal` INVALID_ASSOCIATION."""
    name = _checked_name("resourceName", name)
    namespace = _checked_name("resourceNamespace", namespace)
    if not id_:
        raise invalid("resourceId", NULL)
    if type_ and type_ != TOPIC:
        raise invalid("resourceType", f"must be '{TOPIC}'")
    return Resource(name, namespace, id_, TOPIC)


def _checked_name(name: str, text: str | None) -> str:
    if not text:
        raise invalid(name, NULL)
    if len(text) > NAME_MAX:
        raise invalid(name, f"exceeds max length of {NAME_MAX}")
    for character in text:
        if not is_word(character):
            raise invalid(name, f"illegal character '{character}'")
    return text


def is_word(character: str) -> bool:
    """A letter or digit of any script, an underscore or a hyphen."""
    category = unicodedata.category(character)
    return category[0] == "L" or category == "Nd" or character in "_-"


def given(infos: Sequence[AssociationInfo | None] | None) -> list[AssociationInfo]:
    """The associations of a request; raises `Refusal` BAD_REQUEST, INVALID_ASSOCIATION."""
    if not infos:
        raise invalid("associations", NULL)
    found = []
    for info in infos:
        if info is None:
            raise Refusal(Fault.BAD_REQUEST, why="null is not allowed inside `associations`")
        found.append(info)
    kinds: set[str] = set()
    for info in found:
        kind = kind_of(info)
        if kind in kinds:
            detail = f"may only appear once per request, but '{kind}' appears more than once"
            raise invalid("associationType", detail)
        kinds.add(kind)
    return found


def kind_of(info: AssociationInfo) -> str:
    """The type of an association; raises `Refusal` INVALID_ASSOCIATION."""
    kind = info.association_type or "value"
    if kind not in ASSOCIATION_TYPES:
        raise invalid("associationType", "must be either 'key' or 'value'")
    return kind


def wanted(resource: Resource, info: AssociationInfo) -> Wanted:
    """Decide what was left open; raises `Refusal` INVALID_ASSOCIATION for what contradicts itself."""
    kind = kind_of(info)
    lifecycle = _lifecycle(info)
    strong = lifecycle is LifecyclePolicy.STRONG
    own = resource.subject(kind)
    if info.subject is None:
        if not strong:
            raise invalid("subject", "must be provided for WEAK associations")
        return Wanted(kind, own, lifecycle, info)
    if not info.subject:
        raise invalid("subject", "must not be empty")
    subject = Subject.parse(info.subject)
    if strong and subject != own:
        raise invalid("subject", f"frozen associations must use subject '{own}'")
    if not strong and subject == own:
        raise invalid("subject", f"WEAK associations cannot use subject '{own}'")
    return Wanted(kind, subject, lifecycle, info)


def _lifecycle(info: AssociationInfo) -> LifecyclePolicy:
    """A schema sent along makes an association strong, and only a strong one is frozen."""
    if info.schema is not None:
        if info.lifecycle is LifecyclePolicy.WEAK:
            raise invalid("lifecycle", "cannot be WEAK when schema is provided")
        if info.frozen is False:
            raise invalid("frozen", "cannot be false when a schema is provided")
        return LifecyclePolicy.STRONG
    if info.lifecycle is None:
        return LifecyclePolicy.STRONG if info.frozen else LifecyclePolicy.WEAK
    if info.lifecycle is LifecyclePolicy.WEAK and info.frozen:
        raise invalid("frozen", "association with lifecycle of WEAK cannot be frozen=true")
    if info.lifecycle is LifecyclePolicy.STRONG and info.frozen is False:
        raise invalid("frozen", "association with lifecycle of STRONG cannot be frozen=false")
    return info.lifecycle


def check_one_lifecycle(existing: Iterable[Association], more: Iterable[Wanted]) -> None:
    """All associations of a resource are weak, or all are strong; raises `Refusal` INVALID_ASSOCIATION."""
    lifecycles = {a.association_type: a.lifecycle for a in existing}
    lifecycles |= {one.kind: one.lifecycle for one in more}
    if len(set(lifecycles.values())) > 1:
        got = ", ".join(f"{kind}={lifecycle}" for kind, lifecycle in lifecycles.items())
        detail = f"all associations for a resource must have the same lifecycle, but got {got}"
        raise invalid("lifecycle", detail)


def check_mode(state: State, subject: Subject) -> None:
    """Refuse where the subject is read-only. Other than elsewhere the message has the bare context."""
    if effective_mode(state, subject).is_read_only:
        why = f"Subject {subject} in context {subject.context} is in read-only mode"
        raise Refusal(Fault.OPERATION_NOT_PERMITTED, why=why)


def check_may_refer(state: State, context: str, references: Iterable[Reference]) -> None:
    """A schema may not refer to what lives and dies with a resource: OPERATION_NOT_PERMITTED."""
    if not len(state.associations):
        return
    for reference in references:
        subject = reference.subject
        if any(a.is_strong for a in state.associations.where("subject", target(reference, context)[0])):
            why = f"Subject '{subject}' has a strong association and cannot be referenced"
            raise Refusal(Fault.OPERATION_NOT_PERMITTED, why=why)


def check_not_associated(state: State, subject: Subject) -> None:
    """What is in use by a resource cannot be deleted: ASSOCIATION_EXISTS_FOR_SUBJECT."""
    if state.associations.where("subject", subject):
        raise Refusal(Fault.ASSOCIATION_EXISTS_FOR_SUBJECT, subject=subject)


def of_resource(state: State, resource_id: str) -> list[Association]:
    """The associations of a resource, by key."""
    return state.associations.where("resource_id", resource_id)


def of_named(state: State, namespace: str, name: str) -> list[Association]:
    """The associations of the resources with a namespace and a name, each of which may be `ANY`."""
    shelf = state.associations
    found = shelf.sorted() if name == ANY else shelf.where("resource_name", name)
    return [a for a in found if namespace in (ANY, a.resource_namespace)]
