"""Request bodies: JSON read into the structs of contract/body as the recorded server reads them.

The common case costs one strict msgspec decode. Only what that refuses is looked at again, leniently:
other encodings, numbers for strings, strings for numbers, and so on (docs/wire.md, transport), or an
objection in the recorded server's words. The type hints of the struct drive everything. How JSON is
written is json_text.py's; what a struct means is not known here.

A struct or enum may say what messages call it by a class attribute `__java__` (else its own name), and
a struct which field a bare JSON string stands for by `__java_from_string__`.
"""

from __future__ import annotations

import codecs
from functools import lru_cache
from typing import Annotated, Any, NoReturn, TypeVar, cast

import msgspec

from registan.contract.jackson_parser import MAX_STRING_CHARS, Unreadable, parse
from registan.contract.jackson_types import mapper
from registan.model.fault import Fault, Refusal

T = TypeVar("T")

Int32 = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
"""An `int` of a body. The bounds matter: without them the fast decode lets 64 bits pass."""
Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
PrimitiveBool = Annotated[bool, msgspec.Meta(extra={"java": "boolean"})]
"""A `bool` that cannot be null (null and "" are false), with a message of its own."""
Unique = msgspec.Meta(extra={"java": "HashSet"})
"""Marks a list that the recorded server reads into a set; messages call it so."""

_BLANK = b" \t\r\n"


def decode_body(raw: bytes, type_: type[T], type_name: str | None = None) -> T | None:
    """Read a body into `type_`: a msgspec struct, or a dict of strings.

    None if there is nothing in it: no bytes, blanks, or `null`. `type_name` replaces the type's name
    in messages. Unknown names are ignored, of duplicates the last counts, absent ones keep the
    struct's default. Beyond the bounds of `Int32`, constraints of the hints hold only in the fast
    path: do not use them. Raises `Refusal(BAD_REQUEST)`.
    """
    try:
        # Of bytes that it skips, msgspec does not ask whether they are UTF-8.
        if len(raw) <= MAX_STRING_CHARS and (raw.isascii() or raw.decode()):
            return cast("T", _decoder(cast("Any", type_)).decode(raw))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    return _decode_odd(raw, type_, type_name)


def _decode_odd(raw: bytes, type_: type[T], type_name: str | None) -> T | None:
    utf8 = _to_utf8(raw)
    if not utf8.strip(_BLANK):
        return None
    of_type = mapper(cast("Any", type_))
    try:
        value = parse(utf8, type_name or of_type.name)
    except Unreadable as unreadable:
        # The recorded server maps while it reads: an objection to what came before is told first.
        if unreadable.partial is not None:
            of_type.read(unreadable.partial, type_name)
        _refuse(unreadable.message)
    if value is None:
        return None
    return cast("T | None", of_type.read(value, type_name))


def _refuse(why: str) -> NoReturn:
    raise Refusal(Fault.BAD_REQUEST, why=why)


@lru_cache(256)
def _decoder(type_: Any) -> msgspec.json.Decoder[Any]:  # noqa: ANN401  (a type)
    return msgspec.json.Decoder(type_)


def _to_utf8(raw: bytes) -> bytes:
    """The body in UTF-8 without a byte order mark; the encoding shows in the first four bytes."""
    encoding = _encoding(raw)
    if encoding == "utf-8":
        return raw.removeprefix(codecs.BOM_UTF8)
    try:
        return raw.decode(encoding).encode()
    except UnicodeError:
        _refuse(f"Invalid {encoding.upper()} text")


def _encoding(raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # JSON begins with two ASCII characters; their zero bytes betray the width and the order.
    zeros = tuple(byte == 0 for byte in raw[:4])
    return _BY_ZEROS.get(zeros) or _BY_ZEROS.get(zeros[:2]) or "utf-8"


_BY_ZEROS: dict[tuple[bool, ...], str] = {
    (True, True, True, False): "utf-32-be",
    (False, True, True, True): "utf-32-le",
    (True, False): "utf-16-be",
    (False, True): "utf-16-le",
}
