"""Verdicts that two canonical texts show without being read: the quick way for most new versions.

What lives here: the one theorem that most of them are instances of. Where two records of one name have
fields that are written alike, and the others stand in one of the two only, define no named type, and have
a default where the reader has them, then the reader can read what the writer wrote: every named type is
defined in fields that both have, so what is written alike means the same. What never does: a verdict
that something is wrong, which is for compat.py (tests/property/test_avro_properties.py compares the two).
"""

from __future__ import annotations

import msgspec

from registan.formats.avro.cut import entries, items

_NAMED = b'"name":'


class _Added(msgspec.Struct):
    """What counts of a field that only the reader has."""

    default: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_added = msgspec.json.Decoder(_Added).decode


def evidently_reads(reader: str, writer: str) -> bool:
    """Whether it can be told at first sight that `reader` reads what `writer` wrote. Never raises."""
    if '"aliases"' in reader:
        return False  # they may stand for several fields
    try:
        mine, theirs = _record(reader), _record(writer)
        if mine is None or theirs is None or mine[0] != theirs[0]:
            return False
        added, taken = mine[1] - theirs[1], theirs[1] - mine[1]
        if added and taken:
            return False
        if any(field.count(_NAMED) != 1 for field in (*added, *taken)):
            return False  # a type may be defined in it
        return all(_added(field).default is not msgspec.UNSET for field in added)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeError):
        return False


def _record(text: str) -> tuple[tuple[bytes, bytes], frozenset[bytes]] | None:
    """Name and namespace of a record, and its fields, as written; None where it is something else."""
    if not text.startswith('{"type":"record",'):
        return None
    raw = entries(text)
    head = bytes(raw["name"]), bytes(raw.get("namespace", b""))
    return head, frozenset(map(bytes, items(raw["fields"])))
