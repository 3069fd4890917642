"""The Protobuf format: .proto texts (proto2, proto3, edition 2023) and base64 file descriptors.

What lives here: the format as the rest of the house sees it, composed of its parts. Rules of the language
and of the recorded registry are in the modules beside. The protobuf runtime is imported only where a
descriptor is read or written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache

from registan.formats.java_json import storable
from registan.formats.protobuf import wellknown
from registan.formats.protobuf.canonical import print_file
from registan.formats.protobuf.checks import check_descriptor
from registan.formats.protobuf.compat import incompatibilities
from registan.formats.protobuf.index import Home
from registan.formats.protobuf.normalize import normal_file
from registan.formats.protobuf.parser import read
from registan.formats.protobuf.resolve import Scope, check
from registan.formats.protobuf.stripped import without_extensions
from registan.formats.protobuf.tags import edit, read_tags
from registan.formats.protobuf.tree import File, members
from registan.formats.protocol import (
    EntityTags,
    Incompatibility,
    Invalid,
    Policy,
    References,
    TagEdit,
)
from registan.model.schema import SchemaType, Source

_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_REFERENCES_KEPT = 128
"""How many referenced files are kept read; they tend to be referenced by many schemas."""


class ProtobufSchema:
    """A parsed file with all it can see. Immutable; its text is printed once, on demand."""

    def __init__(self, scope: Scope, served: frozenset[str], *, normal: bool = False) -> None:
        self.scope = scope
        self.served = served
        """The import paths that a reference or a built-in file serves."""
        self.normal = normal
        """Whether this is the normal form."""

    @property
    def file(self) -> File:
        """The tree."""
        return self.scope.own.file

    @cached_property
    def text(self) -> str:
        """The canonical text."""
        return print_file(self.file, normal=self.normal)

    def with_file(self, file: File, *, normal: bool = False) -> ProtobufSchema:
        """Another tree with the same references."""
        scope = Scope(Home(file), self.scope.others, self.scope.built_in)
        return ProtobufSchema(scope, self.served, normal=normal)


def _read(text: str) -> File:
    """The tree of a .proto text or of a base64 descriptor; the error is that of the former."""
    try:
        file = read(text)
    except Invalid:
        described = _read_descriptor(text) if _BASE64.fullmatch(text) else None
        if described is None:
            raise
        return described
    if file.blank:
        msg = "Empty schema"
        raise Invalid(msg)
    return file


def _read_descriptor(text: str) -> File | None:
    # Late: pulls in the protobuf runtime.
    from registan.formats.protobuf.descriptor import decode, file_of

    try:
        file = file_of(decode(text))
    except Invalid:
        return None
    if not file.blank:
        try:
            read(print_file(file))
        except Invalid as error:
            raise Invalid(error.why, syntax=False) from None
    return file


@lru_cache(maxsize=_REFERENCES_KEPT)
def _referenced(text: str, subject: str, version: int) -> Home:
    return Home(_read(text), (subject, version))


class ProtobufFormat:
    """`SchemaFormat` of Protobuf."""

    type = SchemaType.PROTOBUF

    def parse(self, source: Source, refs: References, *, strict: bool = True) -> ProtobufSchema:  # noqa: ARG002
        """Read a .proto text or base64 descriptor and check that all type names mean something.

        `strict` changes nothing. Raises `Invalid`: `syntax` is False if the text reads but a name in it
        means nothing, or if it could not be read again in its stored form.
        """
        own = Home(_read(storable(source.text)))
        others = [_referenced(each.source.text, each.subject, each.version) for each in refs.values()]
        scope = Scope(own, others, wellknown.types_beside(refs))
        check(scope)
        return ProtobufSchema(scope, wellknown.PATHS.union(refs) if refs else wellknown.PATHS)

    def plain_text(self, source: Source) -> str | None:  # noqa: ARG002
        """Never told sooner."""
        return None

    def evidently_reads(self, reader: str, writer: str) -> bool:  # noqa: ARG002
        """Never told sooner."""
        return False

    def canonical(self, parsed: ProtobufSchema) -> str:
        """The text that is stored and hashed."""
        return parsed.text

    def normalize(self, parsed: ProtobufSchema) -> ProtobufSchema:
        """The normal form. Raises `Invalid` if the entry of a map is used as an ordinary type."""
        if parsed.normal:
            return parsed
        file = normal_file(parsed.scope)
        if file.blank:
            return parsed
        normal = parsed.with_file(file, normal=True)
        check(normal.scope)
        return normal

    def render(self, parsed: ProtobufSchema, style: str) -> str:
        """`serialized`: a base64 descriptor; `ignore_extensions`; else the canonical text."""
        if style == "serialized":
            # Late: pulls in the protobuf runtime.
            from registan.formats.protobuf.serialized import encode

            return encode(parsed.scope, parsed.served)
        if style == "ignore_extensions":
            return print_file(without_extensions(parsed.file), normal=parsed.normal)
        return parsed.text

    def incompatibilities(
        self,
        reader: ProtobufSchema,
        writer: ProtobufSchema,
        policy: Policy = Policy.STRICT,  # noqa: ARG002
    ) -> Sequence[Incompatibility]:
        """Why `reader` cannot read all that `writer` wrote."""
        return incompatibilities(reader.scope, writer.scope)

    def same(self, a: ProtobufSchema, b: ProtobufSchema) -> bool:
        """Whether the canonical texts are equal."""
        return a.text == b.text

    def top_fields(self, parsed: ProtobufSchema) -> frozenset[str]:
        """Names of the fields of all top-level messages."""
        return frozenset(f.name for each in parsed.file.messages for f in members(each))

    def check_fields(self, parsed: ProtobufSchema) -> None:
        """What no descriptor could be built from. Raises `Invalid`."""
        check_descriptor(parsed.scope)

    def tags(self, parsed: ProtobufSchema) -> Sequence[EntityTags]:
        """Tags in `confluent` meta of messages and fields."""
        return list(read_tags(parsed.scope))

    def edit_tags(
        self, parsed: ProtobufSchema, add: Sequence[TagEdit], remove: Sequence[TagEdit]
    ) -> ProtobufSchema:
        """The schema with tags added, then removed. Raises `Invalid` for a place that is not there."""
        edited = parsed.with_file(edit(parsed.scope, add, remove))
        return self.normalize(edited) if parsed.normal else edited


PROTOBUF = ProtobufFormat()
