"""`${NAME}` and `${NAME:-default}` in values of the file. Pure: the environment is handed in.

Only `${` is special, so a bcrypt hash (`$2a$10$…`) stands as it is; `$${` is a literal `${`.
What a variable holds is never searched again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_PIECE = re.compile(r"\$\$\{|\$\{([^}]*)(\})?")
_INSIDE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.ASCII | re.DOTALL)


def interpolate(text: str, environ: Mapping[str, str]) -> str:
    """The text with variables put in. Raises `ValueError` with a sentence that quotes no value.

    `${NAME:-default}` takes the default when the variable is not set or empty.
    """
    if "${" not in text:
        return text

    def piece(match: re.Match[str]) -> str:
        if match[0] == "$${":
            return "${"
        if match[2] is None:
            raise ValueError("has '${' without '}' (write $${ for a literal ${)")
        inside = _INSIDE.fullmatch(match[1])
        if inside is None:
            raise ValueError("has a '${…}' that is neither ${NAME} nor ${NAME:-default}")
        name, default = inside[1], inside[2]
        if default is not None:
            return environ.get(name) or str(default)
        if name not in environ:
            raise ValueError(f"needs the environment variable {name}, which is not set")
        return environ[name]

    return _PIECE.sub(piece, text)
