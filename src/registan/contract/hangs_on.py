"""What a granted answer hangs on besides configs and modes, by its arguments (`Route.hangs_on`).

In the words of `core/touched.py`: names of subjects, whatever their context, and ids. None where
other schemas have a part in the answer, so that any commit may change it.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

Needs = tuple[Hashable, ...] | None


def subject(args: Any) -> Needs:  # noqa: ANN401  (any arguments with a subject)
    """An answer about one subject. Another style, tags and references may need other schemas."""
    body = getattr(args, "body", None)
    if _styled(args) or (body is not None and body.references):
        return None
    return (args.subject.name,)


def schema_id(args: Any) -> Needs:  # noqa: ANN401  (any arguments with an id)
    """An answer about one id, and maybe the subject that is asked for with it."""
    if _styled(args) or getattr(args, "fetch_max_id", False):
        return None
    return (args.id,) if args.subject is None else (args.id, args.subject.name)


def settings(_: Any) -> Needs:  # noqa: ANN401
    """An answer about configs and modes alone, or about the server."""
    return ()


def _styled(args: Any) -> bool:  # noqa: ANN401
    return bool(getattr(args, "format", "") or getattr(args, "find_tags", ()))
