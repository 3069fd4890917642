"""Comparing arrays: items, content models, counts (docs/wire.md, JSON Schema 5.4).

What is compatible is not told.
"""

from __future__ import annotations

from registan.formats.jsonschema.compare_object import compare_unevaluated, is_empty, report
from registan.formats.jsonschema.compare_scalars import lower, upper
from registan.formats.jsonschema.comparison import Comparing, Steps, compared
from registan.formats.jsonschema.findings import Findings
from registan.formats.jsonschema.model import Array, Kind, Node
from registan.formats.jsonschema.rules import Rule


def compare_arrays(comparing: Comparing, original: Array, update: Array, findings: Findings) -> Steps:
    """What is incompatible between two arrays."""
    if update.items is not None:
        if original.items is None:
            findings.add(Rule.SCHEMA_ADDED, "items")
        else:
            findings.take((yield from compared(comparing, original.items, update.items)), "items")
    if original.listed or update.listed:
        yield from _listed(comparing, original, update, findings)
    if original.additional is not None or update.additional is not None or not update.permits_additional:
        yield from _additional(comparing, original, update, findings)
    if original.unevaluated is not None or update.unevaluated is not None:
        yield from compare_unevaluated(
            comparing,
            (original.unevaluated, update.unevaluated),
            findings,
            Rule.UNEVALUATED_ITEMS_REMOVED,
            Rule.UNEVALUATED_ITEMS_NARROWED,
            "unevaluatedItems",
        )
    _counts(original, update, findings)


def _counts(was: Array, is_: Array, findings: Findings) -> None:
    found: list[tuple[Rule, str]] = []
    upper(was.max_items, is_.max_items, Rule.MAX_ITEMS_ADDED, Rule.MAX_ITEMS_DECREASED, "maxItems", found)
    lower(was.min_items, is_.min_items, Rule.MIN_ITEMS_ADDED, Rule.MIN_ITEMS_INCREASED, "minItems", found)
    if is_.unique and not was.unique:
        found.append((Rule.UNIQUE_ITEMS_ADDED, "uniqueItems"))
    upper(
        was.max_contains,
        is_.max_contains,
        Rule.MAX_CONTAINS_ADDED,
        Rule.MAX_CONTAINS_DECREASED,
        "maxContains",
        found,
    )
    lower(
        was.min_contains,
        is_.min_contains,
        Rule.MIN_CONTAINS_ADDED,
        Rule.MIN_CONTAINS_INCREASED,
        "minContains",
        found,
    )
    for rule, path in found:
        findings.add(rule, path)


def _is_open(node: Array) -> bool:
    return (
        node.permits_additional
        and node.additional is None
        and (node.unevaluated is None or is_empty(node.unevaluated))
    )


def _covering(node: Array) -> Node | None:
    """The schema that holds for items that are not listed."""
    if node.additional is not None:
        return node.additional
    rest = node.unevaluated
    if node.permits_additional and rest is not None and not is_empty(rest) and rest.kind is not Kind.FALSE:
        return rest
    return None


def _listed(comparing: Comparing, original: Array, update: Array, findings: Findings) -> Steps:
    was, is_ = original.listed or [], update.listed or []
    both = min(len(was), len(is_))
    for i in range(both):
        findings.take((yield from compared(comparing, was[i], is_[i])), f"items/{i}")
    if len(was) > both and not _is_open(update):
        cover = _covering(update)
        for i in range(both, len(was)):
            yield from _removed(comparing, cover, was[i], f"items/{i}", findings)
    if len(is_) > both:
        is_open, cover = _is_open(original), _covering(original)
        for i in range(both, len(is_)):
            if is_open:
                if not is_empty(is_[i]):
                    report(comparing, findings, Rule.ITEM_ADDED_TO_OPEN, f"items/{i}")
            elif cover is not None:
                found = yield from compared(comparing, cover, is_[i])
                if found is not None:
                    findings.take(found, f"items/{i}")
                    report(comparing, findings, Rule.ITEM_ADDED_NOT_COVERED, f"items/{i}")


def _removed(comparing: Comparing, cover: Node | None, was: Node, path: str, findings: Findings) -> Steps:
    if cover is not None:
        found = yield from compared(comparing, was, cover)
        if found is not None:
            findings.take(found, path)
            report(comparing, findings, Rule.ITEM_REMOVED_NOT_COVERED, path)
    elif was.kind is not Kind.FALSE:
        report(comparing, findings, Rule.ITEM_REMOVED_FROM_CLOSED, path)


def _additional(comparing: Comparing, original: Array, update: Array, findings: Findings) -> Steps:
    path = "additionalItems"
    was, is_ = original.additional, update.additional
    if original.permits_additional != update.permits_additional:
        if not update.permits_additional:
            report(comparing, findings, Rule.ADDITIONAL_ITEMS_REMOVED, path)
    elif was is None and is_ is not None:
        report(comparing, findings, Rule.ADDITIONAL_ITEMS_NARROWED, path)
    elif was is not None and is_ is not None:
        findings.take((yield from compared(comparing, was, is_)), path)
