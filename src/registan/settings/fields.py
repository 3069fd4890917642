"""The tree, laid flat: each setting with its path and all that is computed from it.

A setting `storage.postgresql.host` is that key in the file, `POSTGRES_HOST` in the environment
and `--storage.postgresql.host` on the command line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
import msgspec.inspect as shape

from registan.settings.kinds import Secret, Section, Unit
from registan.settings.tree import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One setting: a leaf of the tree. Lists and mappings are leaves as a whole."""

    path: str
    """Key in the file, sections joined by dots."""
    env: str
    """Name of the environment variable."""
    type: shape.Type
    """What the value must be, without its marks."""
    marked: shape.Type
    """The same with its marks."""
    default: Any
    unit: Unit | None
    doc: str

    @property
    def is_secret(self) -> bool:
        """Whether the whole value is a secret."""
        return isinstance(self.type, shape.CustomType) and self.type.cls is Secret

    @property
    def is_optional(self) -> bool:
        """Whether `null` is a value."""
        return isinstance(self.type, shape.UnionType)

    @property
    def is_list(self) -> bool:
        """Whether the value is a list."""
        return isinstance(self.type, shape.VarTupleType)

    @property
    def is_compound(self) -> bool:
        """Whether the value has a shape of its own, so that a variable must hold it as JSON."""
        kind = self.type
        if isinstance(kind, shape.VarTupleType):
            return isinstance(bare(kind.item_type)[0], shape.StructType)
        return isinstance(kind, shape.DictType)


def bare(kind: shape.Type) -> tuple[shape.Type, dict[str, Any], str]:
    """A type without its marks; the marks; its description."""
    extra: dict[str, Any] = {}
    doc = ""
    while isinstance(kind, shape.Metadata):
        extra = {**(kind.extra or {}), **extra}
        doc = doc or (kind.extra_json_schema or {}).get("description", "")
        kind = kind.type
    return kind, extra, doc


def inner(kind: shape.Type) -> tuple[shape.Type, bool]:
    """The type beside None of an optional one, and whether it was optional."""
    if isinstance(kind, shape.UnionType):
        return next(t for t in kind.types if not isinstance(t, shape.NoneType)), True
    return kind, False


def _walk(section: shape.StructType, path: str, env: str) -> Iterator[Field]:
    for field in section.fields:
        kind, extra, doc = bare(field.type)
        below = f"{path}.{field.encode_name}" if path else field.encode_name
        name = field.encode_name.upper()
        variable = extra.get("env") or (f"{env}_{name}" if env else name)
        if isinstance(kind, shape.StructType) and issubclass(kind.cls, Section):
            yield from _walk(kind, below, variable)
            continue
        default = field.default
        if default is msgspec.NODEFAULT:
            default = field.default_factory()
        yield Field(
            path=below,
            env=variable,
            type=kind,
            marked=field.type,
            default=default,
            unit=extra.get("unit"),
            doc=doc,
        )


@cache
def fields() -> dict[str, Field]:
    """All settings by path, in the order of the tree."""
    root = shape.type_info(Settings)
    assert isinstance(root, shape.StructType)
    return {field.path: field for field in _walk(root, "", "")}


@cache
def sections() -> dict[str, type[Section]]:
    """The class of each section by path; the root is the empty path."""

    def walk(section: shape.StructType, path: str) -> Iterator[tuple[str, type[Section]]]:
        assert issubclass(section.cls, Section)
        yield path, section.cls
        for field in section.fields:
            kind, _, _ = bare(field.type)
            if isinstance(kind, shape.StructType) and issubclass(kind.cls, Section):
                yield from walk(kind, f"{path}.{field.encode_name}" if path else field.encode_name)

    root = shape.type_info(Settings)
    assert isinstance(root, shape.StructType)
    return dict(walk(root, ""))


@cache
def children() -> dict[str, tuple[str, ...]]:
    """Keys of each section by its path."""
    found: dict[str, list[str]] = {path: [] for path in sections()}
    for path in (*sections(), *fields()):
        if path:
            parent, _, key = path.rpartition(".")
            found[parent].append(key)
    return {path: tuple(keys) for path, keys in found.items()}


def build(values: dict[str, Any]) -> Settings:
    """The tree from values by path; what is not named has its default."""

    def make(path: str) -> Section:
        cls = sections()[path]
        given: dict[str, Any] = {}
        for field in msgspec.structs.fields(cls):
            below = f"{path}.{field.encode_name}" if path else field.encode_name
            if below in sections():
                given[field.name] = make(below)
            elif below in values:
                given[field.name] = values[below]
        return cls(**given)

    made = make("")
    assert isinstance(made, Settings)
    return made


def value_of(settings: Settings, path: str) -> Any:  # noqa: ANN401  (a value of any setting)
    """The value at a path, which must be one of `fields`."""
    found: Any = settings
    for key in path.split("."):
        named = {field.encode_name: field.name for field in msgspec.structs.fields(found)}
        found = getattr(found, named[key])
    return found
