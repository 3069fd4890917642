"""Comparing objects: properties, dependencies, content models (docs/wire.md, JSON Schema 5.4).

What is compatible is not told.
"""

from __future__ import annotations

from registan.formats.jsonschema.compare_scalars import lower, upper
from registan.formats.jsonschema.comparison import PENDING, Comparing, Steps, Unknown, compared
from registan.formats.jsonschema.findings import Findings
from registan.formats.jsonschema.model import Kind, Node, Object
from registan.formats.jsonschema.rules import Rule


def compare_objects(comparing: Comparing, original: Object, update: Object, findings: Findings) -> Steps:
    """What is incompatible between two objects."""
    comparing.spend(len(original.properties) // 8)
    _required(original, update, findings)
    theirs = update.properties
    ask, take = comparing.ask, findings.take
    for name, was in original.properties.items():
        is_ = theirs.get(name)
        if is_ is None:
            yield from _removed(comparing, update, name, was, findings)
            continue
        found = ask(was, is_)
        if found is not None:
            if found is PENDING:
                found = yield
            assert not isinstance(found, Unknown)
            take(found, f"properties/{name}")
    if theirs.keys() - original.properties.keys():
        required = frozenset(update.required)
        for name, is_ in theirs.items():
            if name not in original.properties:
                yield from _added(comparing, original, name, is_, findings, required=name in required)
    if original.needed_names or update.needed_names:
        _needed_names(original.needed_names or {}, update.needed_names or {}, findings)
    if original.needed_schemas or update.needed_schemas:
        yield from _needed_schemas(comparing, original, update, findings)
    if original.additional is not None or update.additional is not None or not update.permits_additional:
        yield from _additional(comparing, original, update, findings)
    if original.unevaluated is not None or update.unevaluated is not None:
        yield from compare_unevaluated(
            comparing,
            (original.unevaluated, update.unevaluated),
            findings,
            Rule.UNEVALUATED_PROPERTIES_REMOVED,
            Rule.UNEVALUATED_PROPERTIES_NARROWED,
            "unevaluatedProperties",
        )
    _counts(original, update, findings)


def report(comparing: Comparing, findings: Findings, rule: Rule, path: str) -> None:
    """Note a difference unless the policy lets it pass."""
    if rule not in comparing.let_pass:
        findings.add(rule, path)


def _counts(original: Object, update: Object, findings: Findings) -> None:
    found: list[tuple[Rule, str]] = []
    upper(
        original.max_properties,
        update.max_properties,
        Rule.MAX_PROPERTIES_ADDED,
        Rule.MAX_PROPERTIES_DECREASED,
        "maxProperties",
        found,
    )
    lower(
        original.min_properties,
        update.min_properties,
        Rule.MIN_PROPERTIES_ADDED,
        Rule.MIN_PROPERTIES_INCREASED,
        "minProperties",
        found,
    )
    for rule, path in found:
        findings.add(rule, path)


def _required(original: Object, update: Object, findings: Findings) -> None:
    if not update.required or update.required == original.required:
        return
    known = frozenset(original.required)
    for name in dict.fromkeys(update.required):
        if name not in known and name in original.properties:
            property_ = update.properties.get(name)
            if property_ is not None and not property_.default:
                findings.add(Rule.REQUIRED_ATTRIBUTE_ADDED, f"required/{name}")


# -- content models


def is_empty(node: Node) -> bool:
    """Whether a schema, as it stands, says nothing."""
    return node.kind <= Kind.TRUE


def _is_open(node: Object) -> bool:
    return (
        node.permits_additional
        and node.additional is None
        and not node.patterns
        and (node.unevaluated is None or is_empty(node.unevaluated))
    )


def _covering(comparing: Comparing, node: Object, name: str) -> Node | None:
    """The schema that holds for a property that is not listed."""
    for pattern, schema in (node.patterns or {}).items():
        if comparing.matcher.occurs(pattern, name):
            return schema
    if node.additional is not None:
        return node.additional
    rest = node.unevaluated
    if node.permits_additional and rest is not None and not is_empty(rest) and rest.kind is not Kind.FALSE:
        return rest
    return None


def _removed(comparing: Comparing, update: Object, name: str, was: Node, findings: Findings) -> Steps:
    comparing.spend(1)
    if _is_open(update):
        return
    path = f"properties/{name}"
    cover = _covering(comparing, update, name)
    if cover is not None:
        found = yield from compared(comparing, was, cover)
        if found is not None:
            findings.take(found, path)
            report(comparing, findings, Rule.PROPERTY_REMOVED_NOT_COVERED, path)
    elif was.kind is not Kind.FALSE:
        report(comparing, findings, Rule.PROPERTY_REMOVED_FROM_CLOSED, path)


def _added(
    comparing: Comparing, original: Object, name: str, is_: Node, findings: Findings, *, required: bool
) -> Steps:
    comparing.spend(1)
    path = f"properties/{name}"
    if _is_open(original):
        if is_empty(is_):
            return
        rule = Rule.OPTIONAL_PROPERTY_ADDED_TO_OPEN
        if required:
            rule = Rule.REQUIRED_PROPERTY_ADDED_TO_OPEN
            if is_.default:
                rule = Rule.REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN
        report(comparing, findings, rule, path)
        return
    cover = _covering(comparing, original, name)
    if cover is not None:
        found = yield from compared(comparing, cover, is_)
        if found is not None:
            findings.take(found, path)
            report(comparing, findings, Rule.PROPERTY_ADDED_NOT_COVERED, path)
    if required and not is_.default:
        findings.add(Rule.REQUIRED_PROPERTY_ADDED_TO_UNOPEN, path)


def _additional(comparing: Comparing, original: Object, update: Object, findings: Findings) -> Steps:
    path = "additionalProperties"
    was, is_ = original.additional, update.additional
    if original.permits_additional != update.permits_additional:
        if not update.permits_additional:
            report(comparing, findings, Rule.ADDITIONAL_PROPERTIES_REMOVED, path)
    elif was is None and is_ is not None:
        report(comparing, findings, Rule.ADDITIONAL_PROPERTIES_NARROWED, path)
    elif was is not None and is_ is not None:
        findings.take((yield from compared(comparing, was, is_)), path)


def compare_unevaluated(
    comparing: Comparing,
    pair: tuple[Node | None, Node | None],
    findings: Findings,
    removed: Rule,
    narrowed: Rule,
    path: str,
) -> Steps:
    """Compare what holds for properties or items that nothing else evaluates."""
    was, is_ = pair
    if is_ is None or (was is not None and was.kind is Kind.FALSE):
        return
    if is_.kind is Kind.FALSE:
        report(comparing, findings, removed, path)
    elif was is None or (is_empty(was) and not is_empty(is_)):
        report(comparing, findings, narrowed, path)
    elif not is_empty(is_):
        findings.take((yield from compared(comparing, was, is_)), path)


# -- dependencies


def _needed_names(
    original: dict[str, frozenset[str]], update: dict[str, frozenset[str]], findings: Findings
) -> None:
    for name, is_ in update.items():
        was = original.get(name)
        path = f"dependencies/{name}"
        if was is None:
            findings.add(Rule.DEPENDENCY_ARRAY_ADDED, path)
        elif is_ > was:
            findings.add(Rule.DEPENDENCY_ARRAY_EXTENDED, path)
        elif not is_ <= was:
            findings.add(Rule.DEPENDENCY_ARRAY_CHANGED, path)


def _needed_schemas(comparing: Comparing, original: Object, update: Object, findings: Findings) -> Steps:
    known = original.needed_schemas or {}
    for name, is_ in (update.needed_schemas or {}).items():
        was = known.get(name)
        path = f"dependencies/{name}"
        if was is None:
            findings.add(Rule.DEPENDENCY_SCHEMA_ADDED, path)
        else:
            findings.take((yield from compared(comparing, was, is_)), path)
