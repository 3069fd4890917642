"""The JSON Schema format: drafts 4, 6, 7, 2019-09 and 2020-12.

What lives here: the format as the rest of the house sees it, composed of its parts. How texts are read and
printed, what a schema means and what is compatible is in the modules beside. Validity is that of the
recorded registry, which no library shares, so none is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from registan.formats.jsonschema import classic, modern
from registan.formats.jsonschema.compare import incompatibilities
from registan.formats.jsonschema.draft import BadSchema, Draft, draft_of
from registan.formats.jsonschema.library import Library
from registan.formats.jsonschema.model import Kind, Node
from registan.formats.jsonschema.tags import edit, read_tags
from registan.formats.jsonschema.text import Json, compact, read
from registan.formats.jsonschema.uri import BadReference
from registan.formats.protocol import EntityTags, Incompatibility, Invalid, Policy, References, TagEdit
from registan.model.schema import SchemaType, Source

_KINDS = {type(None): "NULL", str: "STRING", list: "ARRAY"}


class JsonSchema:
    """A parsed schema with all it can see. Immutable; its text is printed once, on demand."""

    def __init__(self, json: Json, references: References, *, normal: bool = False) -> None:
        self.json = json
        self.references = references
        self.normal = normal
        """Whether this is the normal form."""

    @cached_property
    def text(self) -> str:
        """The canonical text."""
        return compact(self.json)

    @cached_property
    def model(self) -> Node:
        """The object model. Raises `Invalid` when first asked for, if there is none."""
        try:
            library = Library(self.json, self.references)
            draft = draft_of(self.json) or Draft.D7
            if draft is Draft.MODERN:
                return modern.load(library)
            return classic.load(library, draft)
        except (BadSchema, BadReference) as bad:
            raise Invalid("Invalid JSON", syntax=False) from bad


class JsonSchemaFormat:
    """`SchemaFormat` of JSON Schema."""

    type = SchemaType.JSON

    def parse(self, source: Source, refs: References, *, strict: bool = True) -> JsonSchema:  # noqa: ARG002
        """Read a JSON text and check that it is a schema whose references lead somewhere.

        `strict` changes nothing. Raises `Invalid`: `syntax` is False if the text is JSON.
        """
        json = read(source.text)
        if not isinstance(json, dict | bool):
            kind = _KINDS.get(type(json), "NUMBER")
            why = f"Invalid JSON schema: expected an object or boolean at the root, found {kind}"
            raise Invalid(why, syntax=False)
        parsed = JsonSchema(json, refs)
        _ = parsed.model
        return parsed

    def plain_text(self, source: Source) -> str | None:  # noqa: ARG002
        """Never told sooner."""
        return None

    def evidently_reads(self, reader: str, writer: str) -> bool:  # noqa: ARG002
        """Never told sooner."""
        return False

    def canonical(self, parsed: JsonSchema) -> str:
        """The text that is stored and hashed."""
        return parsed.text

    def normalize(self, parsed: JsonSchema) -> JsonSchema:
        """The schema with the keys of all objects in order."""
        if parsed.normal or not isinstance(parsed.json, dict):
            return parsed
        return JsonSchema(read(compact(parsed.json, ordered=True)), parsed.references, normal=True)

    def render(self, parsed: JsonSchema, style: str) -> str:  # noqa: ARG002
        """The canonical text, whatever the style."""
        return parsed.text

    def incompatibilities(
        self, reader: JsonSchema, writer: JsonSchema, policy: Policy = Policy.STRICT
    ) -> Sequence[Incompatibility]:
        """Why `reader` cannot read all that `writer` wrote. Raises `Invalid` if a budget does not suffice."""
        return incompatibilities(writer.model, reader.model, policy)

    def same(self, a: JsonSchema, b: JsonSchema) -> bool:
        """Whether the canonical texts are equal."""
        return a.text == b.text

    def top_fields(self, parsed: JsonSchema) -> frozenset[str]:
        """Names of the properties of the root."""
        properties = parsed.json.get("properties") if isinstance(parsed.json, dict) else None
        return frozenset(properties) if isinstance(properties, dict) else frozenset()

    def check_fields(self, parsed: JsonSchema) -> None:
        """No property of a root that is an object schema may begin with `$$`. Raises `Invalid`."""
        if parsed.model.kind is Kind.OBJECT and any(
            name.startswith("$$") for name in self.top_fields(parsed)
        ):
            raise Invalid("#: Field names cannot start with $$ prefix", syntax=False)

    def tags(self, parsed: JsonSchema) -> Sequence[EntityTags]:
        """Tags in `confluent:tags` of objects and properties."""
        return list(read_tags(parsed.json))

    def edit_tags(self, parsed: JsonSchema, add: Sequence[TagEdit], remove: Sequence[TagEdit]) -> JsonSchema:
        """The schema with tags added, then removed. Raises `Invalid` for a place that is not there."""
        edited = JsonSchema(edit(parsed.json, add, remove), parsed.references)
        return self.normalize(edited) if parsed.normal else edited


JSON_SCHEMA = JsonSchemaFormat()
