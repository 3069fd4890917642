"""Records cut into their entries, their fields left unread: for the quick ways, which look at few of them.

What lives here: where a record's fields begin and end. What never does: what they say, or a refusal.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from registan.formats.java_json import Tree

entries = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
"""The entries of an object, unread."""
items = msgspec.json.Decoder(list[msgspec.Raw]).decode
"""The items of an array, unread."""


class _Head(msgspec.Struct, forbid_unknown_fields=True):
    """A record with nothing of its own but what all records may have, its fields unread."""

    type: str
    name: str
    fields: list[msgspec.Raw]
    namespace: str | msgspec.UnsetType = msgspec.UNSET
    doc: str | msgspec.UnsetType = msgspec.UNSET


_head = msgspec.json.Decoder(_Head).decode

Read = Callable[[str], Tree]
"""Reads a JSON text. Raises `Invalid`."""


def cut_record(text: str, read: Read) -> tuple[dict[str, Tree], list[msgspec.Raw]] | None:
    """A record without its fields, and these unread; None where it is no such thing at first sight."""
    if not text.startswith("{"):
        return None
    try:
        head = _head(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _cut_odd(text, read)
    if head.type != "record":
        return None
    node = {"name": head.name}
    if head.namespace is not msgspec.UNSET:
        node["namespace"] = head.namespace
    if head.doc is not msgspec.UNSET:
        node["doc"] = head.doc
    return node, head.fields


def _cut_odd(text: str, read: Read) -> tuple[dict[str, Tree], list[msgspec.Raw]] | None:
    """The same for a record that may have entries of its own."""
    try:
        raw = entries(text)
        if "fields" not in raw or bytes(raw.get("type", b"")) != b'"record"':
            return None
        fields = items(raw.pop("fields"))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return {key: read(str(value, "utf-8")) for key, value in raw.items()}, fields
