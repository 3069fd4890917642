"""The Avro format: JSON texts of Avro schemas, with named types by reference.

What lives here: the format as the rest of the house sees it, composed of its parts. Rules of the language
and of the recorded registry are in the modules beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from registan.formats.avro import tags
from registan.formats.avro.compat import incompatibilities
from registan.formats.avro.evident import evidently_reads
from registan.formats.avro.logical import changed_units
from registan.formats.avro.normalize import normal_tree
from registan.formats.avro.parser import Names, Parser
from registan.formats.avro.plain import plain_text
from registan.formats.avro.printer import print_type
from registan.formats.avro.resolve import resolve
from registan.formats.avro.same import same_schema
from registan.formats.avro.types import Record, Type, label
from registan.formats.java_json import Dialect, Tree, reader, storable
from registan.formats.protocol import (
    EntityTags,
    Incompatibility,
    Invalid,
    Policy,
    References,
    TagEdit,
)
from registan.model.schema import SchemaType, Source

_REFERENCES_KEPT = 128
"""How many lists of references are kept read; they tend to be referenced by many schemas."""

_read = reader(Dialect(comments=True))


class Visible:
    """The types that references make visible, and which of them are never written in full."""

    __slots__ = ("names", "tops")

    def __init__(self) -> None:
        self.names: Names = {}
        self.tops: set[str] = set()
        """The names of the types that references are schemas of, not just hold."""


class AvroSchema:
    """A parsed schema. Immutable."""

    __slots__ = ("_text", "root", "visible")

    def __init__(self, root: Type, visible: Visible) -> None:
        self.root = root
        self.visible = visible
        self._text: str | None = None

    @property
    def text(self) -> str:
        """The canonical text; printed when it is first asked for."""
        if self._text is None:
            self._text = storable(print_type(self.root, set(self.visible.tops)))
        return self._text


_NOTHING = Visible()


@lru_cache(maxsize=_REFERENCES_KEPT)
def _referenced(texts: tuple[str, ...], strict: bool) -> Visible:
    visible = Visible()
    for text in texts:
        root = _type_of(_read(text), visible.names, strict=strict)
        visible.tops.add(label(root))
    return visible


def _type_of(tree: Tree, names: Names, *, strict: bool) -> Type:
    """The type that a tree describes; what it defines goes into `names`."""
    known = len(names)
    parser = Parser(names, strict=strict)
    return resolve(parser, parser.read(tree), known)


class AvroFormat:
    """`SchemaFormat` of Avro."""

    type = SchemaType.AVRO

    def parse(self, source: Source, refs: References, *, strict: bool = True) -> AvroSchema:
        """Read a JSON text. References are read first, inner ones before outer ones.

        `strict` also checks defaults, and allows names in ASCII only. Raises `Invalid`.
        """
        try:
            visible = _NOTHING
            if refs:
                visible = _referenced(tuple(each.source.text for each in refs.values()), strict)
            return AvroSchema(_type_of(_read(source.text), dict(visible.names), strict=strict), visible)
        except Invalid as invalid:
            # What is quoted from the text must be fit for an answer.
            raise Invalid(storable(invalid.why), invalid.path) from None

    def plain_text(self, source: Source) -> str | None:
        """The canonical text, if nothing in the schema is odd."""
        try:
            return plain_text(source.text, _read)
        except Invalid:
            return None

    def evidently_reads(self, reader: str, writer: str) -> bool:
        """Whether fields were only added, with defaults, or only taken away."""
        return evidently_reads(reader, writer)

    def canonical(self, parsed: AvroSchema) -> str:
        """The text that is stored and hashed."""
        return parsed.text

    def normalize(self, parsed: AvroSchema) -> AvroSchema:
        """The normal form. Raises `Invalid` if a type that has to move finds its new name taken."""
        visible = parsed.visible
        tree = normal_tree(parsed.root, set(visible.tops))
        names = {name: type_ for name, type_ in visible.names.items() if name in visible.tops}
        try:
            return AvroSchema(_type_of(tree, names, strict=False), visible)
        except Invalid as invalid:
            raise Invalid(storable(invalid.why), syntax=False) from None

    def render(self, parsed: AvroSchema, style: str) -> str:
        """`resolved`: references are written in full where they are met first; else the canonical text."""
        return storable(print_type(parsed.root, set())) if style == "resolved" else parsed.text

    def incompatibilities(
        self,
        reader: AvroSchema,
        writer: AvroSchema,
        policy: Policy = Policy.STRICT,
    ) -> Sequence[Incompatibility]:
        """Why `reader` cannot read all that `writer` wrote; under LOGICAL also what it would misread."""
        found = incompatibilities(reader.root, writer.root)
        return changed_units(reader.root, writer.root) if policy is Policy.LOGICAL and not found else found

    def same(self, a: AvroSchema, b: AvroSchema) -> bool:
        """Whether all but the order of props and aliases is equal."""
        return a.text == b.text or same_schema(a.root, b.root)

    def top_fields(self, parsed: AvroSchema) -> frozenset[str]:
        """Names of the fields of a record."""
        root = parsed.root
        return frozenset(field.name for field in root.fields) if isinstance(root, Record) else frozenset()

    def check_fields(self, parsed: AvroSchema) -> None:
        """Nothing is checked."""

    def tags(self, parsed: AvroSchema) -> Sequence[EntityTags]:
        """Tags in the prop `confluent:tags` of records and fields."""
        return list(tags.read_tags(parsed.root))

    def edit_tags(self, parsed: AvroSchema, add: Sequence[TagEdit], remove: Sequence[TagEdit]) -> AvroSchema:
        """The schema with tags added, then removed. Raises `Invalid` for a place that is not there."""
        tree = _read(parsed.text)
        tags.edit(tree, add, remove)
        return AvroSchema(_type_of(tree, dict(parsed.visible.names), strict=False), parsed.visible)


AVRO = AvroFormat()
