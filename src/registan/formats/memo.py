"""Memos: what was parsed or judged once, by content, bounded in bytes.

A memo never changes an answer, only its price. The least recently used entries go first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import Any, Generic, TypeVar

from registan.formats.protocol import Incompatibility, Policy, References, SchemaFormat
from registan.model.schema import Source

V = TypeVar("V")

PARSED_FACTOR = 8
"""Bytes of a parsed form per character of its text, at most. (Measured with the text itself: Avro 5.)"""


class Memo(Generic[V]):
    """A bounded map from content to value."""

    def __init__(self, bytes_max: int) -> None:
        self.bytes_max = bytes_max
        self.bytes = 0
        self._entries: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()

    def get(self, key: Hashable) -> V | None:
        """The value, now the most recently used."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def put(self, key: Hashable, value: V, size: int) -> None:
        """Keep a value of `size` bytes, unless it alone is beyond an eighth of the limit."""
        if size * 8 > self.bytes_max or key in self._entries:
            return
        self._entries[key] = (value, size)
        self.bytes += size
        while self.bytes > self.bytes_max:
            _, (_, freed) = self._entries.popitem(last=False)
            self.bytes -= freed

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self.bytes = 0


class Parsed:
    """A parsed form with the key of its content, for further memos."""

    __slots__ = ("form", "format", "key", "text")

    def __init__(self, format_: SchemaFormat[Any], form: Any, key: Hashable) -> None:  # noqa: ANN401
        self.format = format_
        self.form = form
        self.key = key
        self.text = format_.canonical(form)


PARSED: Memo[Parsed] = Memo(16 * 1024 * 1024)
VERDICTS: Memo[Sequence[Incompatibility]] = Memo(4 * 1024 * 1024)


def parse(
    format_: SchemaFormat[Any], source: Source, refs: References, *, strict: bool, normalize: bool = False
) -> Parsed:
    """Parse (and normalize) a source, or recall it. Raises `Invalid`; failures are not kept."""
    key = (
        source.type,
        source.text,
        strict,
        normalize,
        tuple((name, r.subject, r.version, r.source.text) for name, r in refs.items()) if refs else (),
    )
    known = PARSED.get(key)
    if known is not None:
        return known
    form = format_.parse(source, refs, strict=strict)
    if normalize:
        form = format_.normalize(form)
    parsed = Parsed(format_, form, key)
    PARSED.put(key, parsed, 1000 + PARSED_FACTOR * len(source.text))
    return parsed


def incompatibilities(reader: Parsed, writer: Parsed, policy: Policy) -> Sequence[Incompatibility]:
    """Judge a pair, or recall the verdict."""
    key = (reader.key, writer.key, policy)
    known = VERDICTS.get(key)
    if known is None:
        known = reader.format.incompatibilities(reader.form, writer.form, policy)
        size = 500 + len(reader.text) + len(writer.text) + 300 * len(known)
        VERDICTS.put(key, known, size)
    return known
