"""The effective settings as YAML, each with its origin; secrets are never shown.

What is shown can be loaded again, secrets aside.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from registan.settings.fields import Field, fields, value_of
from registan.settings.kinds import Secret, Unit
from registan.settings.load import Loaded
from registan.settings.units import format_bytes, format_duration

_PLAIN = re.compile(r"[A-Za-z_/](?:[A-Za-z0-9_./:+-]*[A-Za-z0-9_./])?", re.ASCII)
_GUESSED = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
"""What other readers of YAML would not take for a text."""
_COMMENT_COLUMN = 46


def show(loaded: Loaded) -> str:
    """One line per setting, in the order of the tree."""
    lines: list[str] = []
    opened: tuple[str, ...] = ()
    for path, field in fields().items():
        *above, key = path.split(".")
        for depth, section in enumerate(above):
            if opened[: depth + 1] != tuple(above[: depth + 1]):
                lines.append(f"{'  ' * depth}{section}:")
                opened = tuple(above[: depth + 1])
        opened = tuple(above)
        text = f"{'  ' * len(above)}{key}: {shown(value_of(loaded.settings, path), field)}"
        lines.append(f"{text:<{_COMMENT_COLUMN}}  # {loaded.origins[path]}")
    return "\n".join(lines) + "\n"


def shown(value: Any, field: Field) -> str:  # noqa: ANN401  (a value of any setting)
    """A value as YAML on one line, with its unit and without secrets."""
    if field.unit is Unit.DURATION:
        return format_duration(value)
    if field.unit is Unit.BYTES:
        return format_bytes(value)
    return _yaml(value)


def _yaml(value: Any) -> str:  # noqa: ANN401
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) and value < 1e6 else str(value)
    if isinstance(value, datetime):
        return json.dumps(value.isoformat())
    if isinstance(value, tuple):
        return f"[{', '.join(map(_yaml, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_text(str(key))}: {_yaml(item)}' for key, item in value.items())}}}"
    if isinstance(value, msgspec.Struct):
        return _yaml({f.encode_name: getattr(value, f.name) for f in msgspec.structs.fields(value)})
    return _text(str(value) if isinstance(value, Secret) else value)


def _text(text: str) -> str:
    """A text as YAML; `${` is escaped, since loading would look for a variable."""
    if text.casefold() not in _GUESSED and _PLAIN.fullmatch(text):
        return text
    return json.dumps(text.replace("${", "$${"), ensure_ascii=not text.isprintable())
