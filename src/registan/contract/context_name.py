"""How a context is written in a path."""

from __future__ import annotations

from registan.model.fault import Fault, Refusal
from registan.model.subject import DEFAULT_CONTEXT


def context_name(text: str) -> str:
    """The context that a segment names: `x`, `.x` and `:.x:` are one; `:` and `:.:` are the default one.

    Raises `Refusal` COLON_IN_CONTEXT.
    """
    inner = text.removeprefix(":").removesuffix(":")
    if ":" in inner:
        raise Refusal(Fault.COLON_IN_CONTEXT, context=inner)
    if not inner:
        return DEFAULT_CONTEXT
    return inner if inner.startswith(".") else f".{inner}"
