"""The reference page of settings, computed from the tree."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec.inspect as shape

from registan.settings.aliases import ENV_ALIASES, ENV_PREFIX, FILE_ALIASES, NEEDLESS, NEEDLESS_ENV
from registan.settings.fields import Field, bare, fields, inner, sections
from registan.settings.kinds import Unit
from registan.settings.show import shown

_INTRODUCTION = f"""# Settings

<!-- Written by `registan docs write`; do not edit. -->

Sources, each replacing what those before it gave: defaults, the file (`--config FILE` or the variable
`CONFIG_FILE`), environment variables, flags. `registan config show` prints what holds and where it is from;
`registan config check` prints every problem.

- **Keys** are given here with dots; in the file sections are nested mappings. Unknown and repeated keys
  are refused.
- **Flags** are `--` and the key (`--server.port 9000`). Secrets and settings with a shape of their own
  (users, roles) have none.
- **Variables** may also carry the prefix `{ENV_PREFIX}`. An empty variable counts as not set. Lists are
  written with commas; users, roles and mappings as JSON. For each secret, the name with `_FILE` behind it
  names a file to read the secret from.
- **Values** in the file may hold `${{NAME}}` and `${{NAME:-default}}`; `$${{` is a literal `${{`. A text is
  taken as it is written (`no` and `22:22` are texts). Durations are `30s`, `1h30m`, `250ms` or a number of
  seconds; sizes are a number of bytes or `64KiB`, `16MiB`, `1GiB`.
"""


def page() -> str:
    """The page as Markdown."""
    return "\n".join([_INTRODUCTION, *_sections(), *_aliases()]).rstrip() + "\n"


def _sections() -> Iterator[str]:
    for path, cls in sections().items():
        below = [field for field in fields().values() if field.path.rpartition(".")[0] == path]
        if not below:
            continue
        yield f"## {path}\n\n{(cls.__doc__ or '').strip()}\n"
        yield "| Key | Variable | Values | Default | Meaning |\n|---|---|---|---|---|"
        for field in below:
            default = "" if field.is_secret or field.default is None else f"`{shown(field.default, field)}`"
            yield f"| `{field.path}` | `{field.env}` | {values(field)} | {default} | {field.doc} |"
        yield ""


def values(field: Field) -> str:
    """What a setting may be, in a few words."""
    kind, _, _ = bare(inner(field.type)[0])
    match kind:
        case shape.BoolType():
            return "`true`, `false`"
        case shape.LiteralType():
            return ", ".join(f"`{value}`" for value in kind.values)
        case shape.EnumType():
            return ", ".join(f"`{member.value}`" for member in kind.cls)
        case shape.IntType() | shape.FloatType():
            return _number(kind, field.unit)
        case shape.CustomType():
            return "secret"
        case shape.VarTupleType():
            return "list"
        case shape.DictType():
            return "mapping"
    return "text"


def _number(kind: shape.IntType | shape.FloatType, unit: Unit | None) -> str:
    name = unit or "number"
    if unit is Unit.DURATION:
        return name
    if kind.ge is not None and kind.le is not None:
        return f"{name}, {kind.ge}–{kind.le}"
    if kind.ge is not None:
        return f"{name}, at least {kind.ge}"
    return name if kind.gt is None else f"{name}, more than {kind.gt}"


def _aliases() -> Iterator[str]:
    yield "## Names of other registries\n\nAccepted where the name on the right is not set.\n"
    yield "| Key or variable | Setting |\n|---|---|"
    for name, path in (*FILE_ALIASES.items(), *ENV_ALIASES.items()):
        yield f"| `{name}` | `{path}` |"
    yield "\nAccepted without effect, with a note at the start:\n"
    yield "| Key or variable | Why |\n|---|---|"
    for name, why in (*NEEDLESS.items(), *NEEDLESS_ENV.items()):
        yield f"| `{name}` | {why} |"
    yield ""
