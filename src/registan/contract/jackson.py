"""Reading request bodies as the wire has it: lenient where clients are used to it, 400 where not."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from registan.model.fault import Fault, Refusal

T = TypeVar("T", bound=msgspec.Struct)


def decode_body(raw: bytes, type_: type[T], type_name: str) -> T | None:
    """The body, or None where it is blank or `null`. Raises `Refusal` BAD_REQUEST."""
    if not raw.strip() or raw.strip() == b"null":
        return None
    try:
        return msgspec.json.decode(raw, type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(Fault.BAD_REQUEST, why=f"{type_name}: {error}") from None
