"""What the tests of the JSON Schema format share."""

import json
from typing import Any

import pytest

from registan.formats.jsonschema import JSON_SCHEMA, JsonSchema
from registan.formats.protocol import Invalid, Policy
from registan.model.schema import Referenced, SchemaType, Source

URLS = {
    "4": "http://json-schema.org/draft-04/schema#",
    "6": "http://json-schema.org/draft-06/schema#",
    "7": "http://json-schema.org/draft-07/schema#",
    "2019": "https://json-schema.org/draft/2019-09/schema",
    "2020": "https://json-schema.org/draft/2020-12/schema",
}


class Kit:
    """The format, in few words."""

    drafts = URLS

    def parse(self, schema: Any, refs: dict[str, Any] | None = None) -> JsonSchema:
        """A schema, given as text or tree, with references by name."""
        texts = {name: self.text(each) for name, each in (refs or {}).items()}
        sources = {name: Referenced("s", 1, Source(SchemaType.JSON, each)) for name, each in texts.items()}
        return JSON_SCHEMA.parse(Source(SchemaType.JSON, self.text(schema)), sources)

    @staticmethod
    def text(schema: Any) -> str:
        return schema if isinstance(schema, str) else json.dumps(schema, ensure_ascii=False)

    @staticmethod
    def under(draft: str, schema: Any) -> Any:
        """The tree with the `$schema` of a draft."""
        return {"$schema": URLS[draft], **schema} if isinstance(schema, dict) else schema

    def why(self, schema: Any, refs: dict[str, Any] | None = None) -> str | None:
        """Why a schema is refused; None if it is not."""
        try:
            self.parse(schema, refs)
        except Invalid as invalid:
            return invalid.why
        return None

    def accepts(self, draft: str, schema: dict[str, Any], refs: dict[str, Any] | None = None) -> bool:
        """Whether a tree is a schema under a draft."""
        why = self.why(self.under(draft, schema), refs)
        assert why in (None, "Invalid JSON")
        return why is None

    def found(self, draft: str, old: Any, new: Any, policy: Policy = Policy.STRICT) -> list[tuple[str, str]]:
        """Rules that `new` breaks towards `old` with their paths, in order."""
        reader, writer = (self.parse(self.under(draft, each)) for each in (new, old))
        return sorted(
            (each.rule, each.path) for each in JSON_SCHEMA.incompatibilities(reader, writer, policy)
        )


@pytest.fixture
def kit() -> Kit:
    return Kit()
