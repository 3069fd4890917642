"""Commits and records as JSON, driven by the table of records.

What lives here: what a row holds, for every back-end alike. What never does: SQL, I/O, a rule of
the registry. In a commit's body a change is `[kind, key, value]` (the record is now so) or
`[kind, key, null, value]` (the key holds nothing any more; `value` is what it held). Text that is no
valid Unicode (a lone surrogate, which JSON can spell) is written in escapes and read back by the
standard library, because msgspec rightly refuses it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from hashlib import md5
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from registan.model.commit import LEVEL, Change, Commit, Drop, Put
from registan.model.record import KIND_OF, RECORDS, Kind, Record
from registan.store.protocol import Damaged, TooNew

_encode = msgspec.json.Encoder().encode
_split = msgspec.json.Decoder(list[list[msgspec.Raw]]).decode
_text = msgspec.json.Decoder(str).decode
_DECODERS = {kind: msgspec.json.Decoder(spec.type) for kind, spec in RECORDS.items()}
_BY_NAME: dict[str | bytes, Any] = {
    name: decoder.decode for kind, decoder in _DECODERS.items() for name in (kind.value, kind.value.encode())
}

_UNREADABLE = (msgspec.MsgspecError, ValueError, TypeError, LookupError, AttributeError)
"""What decoding raises where a row is not what was written."""

_SHOWN_MAX = 80
"""Characters of a damaged record that a message shows: its key stands at the beginning."""


class Row(NamedTuple):
    """A record as a row of the table `records`."""

    kind: str
    key: str
    level: int
    value: str


class Encoded(NamedTuple):
    """What a commit does to the tables: its own row, rows to put in this order, and keys to remove."""

    actor: str
    cause: str
    body: str
    puts: list[Row]
    drops: list[tuple[str, str]]


def key_text(key: str) -> str:
    """The key as valid Unicode; one that is not gets a name that no other key has."""
    try:
        key.encode()
    except UnicodeEncodeError:
        digest = md5(key.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
        return f"{_printable(key)}~{digest}"
    return key


def encode_record(record: Record) -> str:
    """The record as JSON text."""
    try:
        return _encode(record).decode()
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(record), separators=(",", ":"))


def encode_row(record: Record) -> Row:
    """The record as a row of its own."""
    spec = RECORDS[KIND_OF[type(record)]]
    return Row(spec.kind.value, key_text(spec.key(record)), spec.level, encode_record(record))


def decode_record(kind: str | bytes, level: int, value: str | bytes) -> Record:
    """The record of a row. Raises `TooNew` for a kind or a level of a later release, `Damaged`."""
    decode = _BY_NAME.get(kind)
    if decode is None or level > LEVEL:
        raise too_new(level, kind)
    try:
        record: Record = decode(value)
    except (msgspec.DecodeError, TypeError):
        if isinstance(value, msgspec.Raw):
            value = bytes(value)
        try:
            record = msgspec.convert(json.loads(value), RECORDS[Kind(_as_text(kind))].type)
        except _UNREADABLE as error:
            raise _damaged(f"a record of kind {_as_text(kind)}, `{_shown(value)}`", error) from error
    return record


def decode_records(rows: Iterable[tuple[str | bytes, int, str | bytes]]) -> Iterator[Record]:
    """The records of rows (kind, level, value), one after the other; made for a quick start."""
    known = _BY_NAME
    for kind, level, value in rows:
        if level > LEVEL or kind not in known:
            raise too_new(level, kind)
        try:
            yield known[kind](value)
        except (msgspec.DecodeError, TypeError):
            yield decode_record(kind, level, value)


def encode_commit(commit: Commit) -> Encoded:
    """The body of a commit, and what it leaves behind; of several changes to a key the last counts."""
    body: list[str] = []
    rows: dict[tuple[str, str], Row | None] = {}
    for change in commit.changes:
        kind = KIND_OF[type(change.record)]
        spec = RECORDS[kind]
        key = key_text(spec.key(change.record))
        value = encode_record(change.record)
        name = kind.value
        rows.pop((name, key), None)
        if type(change) is Put:
            body.append(f'["{name}",{_encode(key).decode()},{value}]')
            rows[name, key] = Row(name, key, spec.level, value)
        else:
            body.append(f'["{name}",{_encode(key).decode()},null,{value}]')
            rows[name, key] = None
    return Encoded(
        _printable(commit.actor),
        _printable(commit.cause),
        f"[{','.join(body)}]",
        [row for row in rows.values() if row is not None],
        [place for place, row in rows.items() if row is None],
    )


def decode_commit(
    seq: int, commit_id: str, at: int, actor: str, cause: str, level: int, body: str | bytes
) -> Commit:
    """The commit of a row of the table `commits`. Raises `TooNew`, `Damaged`."""
    if level > LEVEL:
        raise too_new(level)
    try:
        return Commit(
            seq=seq,
            id=UUID(commit_id),
            at=at,
            actor=actor,
            cause=cause,
            level=level,
            changes=tuple(_changes(level, body)),
        )
    except (Damaged, *_UNREADABLE) as error:
        raise _damaged(f"commit {seq}", error) from error


def too_new(level: int, kind: str | bytes = "") -> TooNew:
    """What to raise for something that only a later release understands."""
    what = f" (record kind {_as_text(kind)!r})" if kind else ""
    return TooNew(f"the log needs level {level}{what}, this release knows {LEVEL}")


def _changes(level: int, body: str | bytes) -> Iterator[Change]:
    try:
        parts = _split(body)
    except msgspec.DecodeError:
        yield from _odd_changes(level, body)
        return
    for kind, _, value, *held in parts:
        name = _text(kind)
        yield Drop(decode_record(name, level, held[0])) if held else Put(decode_record(name, level, value))


def _odd_changes(level: int, body: str | bytes) -> Iterator[Change]:
    parts = json.loads(body)
    if not isinstance(parts, list):
        raise TypeError("no list of changes")
    for kind, _, value, *held in parts:
        if kind not in _BY_NAME:
            raise too_new(level, kind)
        record = msgspec.convert(held[0] if held else value, RECORDS[Kind(kind)].type)
        yield Drop(record) if held else Put(record)


def _damaged(what: str, error: Exception) -> Damaged:
    kind = "" if isinstance(error, Damaged) else f"{type(error).__name__}: "
    return Damaged(f"{what} cannot be read: {kind}{' '.join(str(error).split())}")


def _shown(value: str | bytes | None) -> str:
    """The beginning of a row's value, which in a damaged row may be none at all."""
    text = _as_text(value, "replace") if value else ""
    return " ".join(text[:_SHOWN_MAX].split())


def _printable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _as_text(text: str | bytes, errors: str = "strict") -> str:
    return text.decode(errors=errors) if isinstance(text, bytes) else text
