"""Comparing combined schemas and negations (docs/wire.md, JSON Schema 5.4, step 2 and Combined).

What lives here: which members count, and whether enough of them find a partner. Differences of members are
taken over only when they are compatible, so nothing is ever told from inside.
"""

from __future__ import annotations

from registan.formats.jsonschema.comparison import Comparing, Steps, Telling, compared
from registan.formats.jsonschema.findings import Findings
from registan.formats.jsonschema.matching import is_matched
from registan.formats.jsonschema.model import Combined, Node, Not
from registan.formats.jsonschema.rules import Rule


def compare_negations(comparing: Comparing, original: Not, update: Not, findings: Findings) -> Steps:
    """`not` against `not`: what is forbidden must have been forbidden before."""
    found = yield from compared(comparing, update.inner, original.inner)
    if found is not None:
        findings.add(Rule.NOT_TYPE_EXTENDED, "not")


def one_member_will_do(comparing: Comparing, original: Node, update: Node) -> Telling:
    """One side is combined: whether a member of it will do for the whole."""
    if isinstance(update, Combined):
        if len(update.members) == 1 or update.criterion != "allOf":
            for member in update.members:
                found = yield from compared(comparing, original, member)
                if found is None:
                    return True
    elif isinstance(original, Combined) and (len(original.members) == 1 or original.criterion == "allOf"):
        for member in original.members:
            found = yield from compared(comparing, member, update)
            if found is None:
                return True
    return False


def compare_combined(comparing: Comparing, original: Combined, update: Combined, findings: Findings) -> Steps:
    """Both are combined."""
    if not _may_differ(original, update):
        findings.add(Rule.COMBINED_TYPE_CHANGED, "")
        return
    theirs = comparing.writer.distinct(original)
    ours = comparing.writer.distinct(update)
    more = len(ours.nodes) - len(theirs.nodes)
    if more > 0:
        if update.criterion == "allOf":
            findings.add(Rule.PRODUCT_TYPE_EXTENDED, "")
    elif more < 0 and original.criterion != "allOf":
        findings.add(Rule.SUM_TYPE_NARROWED, "")
    matched = yield from is_matched(comparing, theirs, ours)
    if not matched:
        findings.add(Rule.COMBINED_TYPE_SUBSCHEMAS_CHANGED, "")


def _may_differ(original: Combined, update: Combined) -> bool:
    if original.criterion == update.criterion or update.criterion == "anyOf":
        return True
    one, other = len(original.members) == 1, len(update.members) == 1
    return (
        (one and other) or (one and update.criterion == "oneOf") or (other and original.criterion == "allOf")
    )
