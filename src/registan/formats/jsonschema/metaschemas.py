"""The meta-schemas that a `$ref` may lead to without being registered: what each draft says of itself.

What lives here: the structure that the specifications define, without their prose. Nothing is validated
against them; they are here to be compared.
"""

from __future__ import annotations

from typing import Any

_Schema = dict[str, Any] | bool

_TYPES = ["array", "boolean", "integer", "null", "number", "object", "string"]
_COUNTS = ("maxLength", "maxItems", "maxProperties")
_COUNTS_WITH_DEFAULT = ("minLength", "minItems", "minProperties")
_FLAGS = {"type": "boolean", "default": False}
_FLAG = {"type": "boolean"}
_TEXT = {"type": "string"}
_NUMBER = {"type": "number"}
_UNIQUE = {"type": "array", "minItems": 1, "uniqueItems": True}


def _ref(to: str) -> dict[str, Any]:
    return {"$ref": to}


def _map_of(schema: _Schema, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"type": "object", "additionalProperties": schema, **more}


def _one_or_list(one: _Schema) -> dict[str, Any]:
    listed = {"type": "array", "items": one, "minItems": 1, "uniqueItems": True}
    return {"anyOf": [one, listed]}


def _draft_4() -> dict[str, Any]:
    own, listed = _ref("#"), _ref("#/definitions/schemaArray")
    high, low = _ref("#/definitions/positiveInteger"), _ref("#/definitions/positiveIntegerDefault0")
    or_flag = {"anyOf": [{"type": "boolean"}, own], "default": {}}
    return {
        "id": "http://json-schema.org/draft-04/schema#",
        "$schema": "http://json-schema.org/draft-04/schema#",
        "definitions": {
            "schemaArray": {"type": "array", "minItems": 1, "items": own},
            "positiveInteger": {"minimum": 0, "type": "integer"},
            "positiveIntegerDefault0": {"allOf": [high, {"default": 0}]},
            "simpleTypes": {"enum": _TYPES},
            "stringArray": {"type": "array", "items": _TEXT, "minItems": 1, "uniqueItems": True},
        },
        "type": "object",
        "properties": {
            **dict.fromkeys(("id", "$schema", "title", "description", "format"), _TEXT),
            "default": {},
            "multipleOf": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
            **dict.fromkeys(("maximum", "minimum"), _NUMBER),
            **dict.fromkeys(("exclusiveMaximum", "exclusiveMinimum"), _FLAG),
            **dict.fromkeys(_COUNTS, high),
            **dict.fromkeys(_COUNTS_WITH_DEFAULT, low),
            "pattern": {"type": "string", "format": "regex"},
            "additionalItems": or_flag,
            "items": {"anyOf": [own, listed], "default": {}},
            "uniqueItems": _FLAGS,
            "required": _ref("#/definitions/stringArray"),
            "additionalProperties": or_flag,
            **dict.fromkeys(("definitions", "properties", "patternProperties"), _map_of(own, default={})),
            "dependencies": _map_of({"anyOf": [own, _ref("#/definitions/stringArray")]}),
            "enum": _UNIQUE,
            "type": _one_or_list(_ref("#/definitions/simpleTypes")),
            **dict.fromkeys(("allOf", "anyOf", "oneOf"), listed),
            "not": own,
        },
        "dependencies": {"exclusiveMaximum": ["maximum"], "exclusiveMinimum": ["minimum"]},
        "default": {},
    }


def _draft_6(uri: str, anything: _Schema, *, seven: bool) -> dict[str, Any]:
    own, listed = _ref("#"), _ref("#/definitions/schemaArray")
    high = _ref("#/definitions/nonNegativeInteger")
    low, names = _ref("#/definitions/nonNegativeIntegerDefault0"), _ref("#/definitions/stringArray")
    own_properties = {
        "$id": {"type": "string", "format": "uri-reference"},
        "$schema": {"type": "string", "format": "uri"},
        "$ref": {"type": "string", "format": "uri-reference"},
        **dict.fromkeys(("title", "description"), _TEXT),
        "default": anything,
        "examples": {"type": "array", "items": anything},
        "multipleOf": {"type": "number", "exclusiveMinimum": 0},
        **dict.fromkeys(("maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"), _NUMBER),
        **dict.fromkeys(_COUNTS, high),
        **dict.fromkeys(_COUNTS_WITH_DEFAULT, low),
        "pattern": {"type": "string", "format": "regex"},
        "items": {"anyOf": [own, listed], "default": anything},
        "uniqueItems": _FLAGS,
        "required": names,
        **dict.fromkeys(("definitions", "properties"), _map_of(own, default={})),
        "patternProperties": _map_of(own, default={}, propertyNames={"format": "regex"}),
        "dependencies": _map_of({"anyOf": [own, names]}),
        "const": anything,
        "enum": {"type": "array", "items": anything},
        "type": _one_or_list(_ref("#/definitions/simpleTypes")),
        "format": _TEXT,
        **dict.fromkeys(("allOf", "anyOf", "oneOf"), listed),
        **dict.fromkeys(("additionalItems", "contains", "additionalProperties", "propertyNames", "not"), own),
    }
    if seven:
        own_properties |= {
            "$comment": _TEXT,
            **dict.fromkeys(("readOnly", "writeOnly"), _FLAGS),
            **dict.fromkeys(("contentMediaType", "contentEncoding"), _TEXT),
            **dict.fromkeys(("if", "then", "else"), own),
        }
    return {
        "$schema": uri,
        "$id": uri,
        "definitions": {
            "schemaArray": {"type": "array", "minItems": 1, "items": own},
            "nonNegativeInteger": {"type": "integer", "minimum": 0},
            "nonNegativeIntegerDefault0": {"allOf": [high, {"default": 0}]},
            "simpleTypes": {"enum": _TYPES},
            "stringArray": {"type": "array", "items": _TEXT, "uniqueItems": True, "default": []},
        },
        "type": ["object", "boolean"],
        "properties": own_properties,
        "default": anything,
    }


class _Modern:
    """2019-09 or 2020-12, which are made of vocabularies."""

    def __init__(self, year: str) -> None:
        self.year = year
        self.old = year == "2019-09"
        self.base = f"https://json-schema.org/draft/{year}/"
        self.own = {"$recursiveRef": "#"} if self.old else {"$dynamicRef": "#meta"}
        self.anchor: dict[str, Any] = {"$recursiveAnchor": True} if self.old else {"$dynamicAnchor": "meta"}

    def documents(self) -> dict[str, dict[str, Any]]:
        parts = {
            "core": self.core(),
            "applicator": self.applicator(),
            "validation": self.validation(),
            "meta-data": self.meta_data(),
            "content": {
                **dict.fromkeys(("contentMediaType", "contentEncoding"), _TEXT),
                "contentSchema": self.own,
            },
        }
        if self.old:
            parts["format"] = {"format": _TEXT}
        else:
            parts["unevaluated"] = dict.fromkeys(("unevaluatedItems", "unevaluatedProperties"), self.own)
            parts["format-annotation"] = parts["format-assertion"] = {"format": _TEXT}
        documents = {f"meta/{name}": self.document(f"meta/{name}", part) for name, part in parts.items()}
        documents["schema"] = self.schema([name for name in documents if "assertion" not in name])
        return documents

    def document(self, name: str, properties: dict[str, Any]) -> dict[str, Any]:
        definitions = {
            "meta/applicator": {"schemaArray": {"type": "array", "minItems": 1, "items": self.own}},
            "meta/core": self.core_definitions(),
            "meta/validation": self.validation_definitions(),
        }.get(name)
        return {
            "$schema": self.base + "schema",
            "$id": self.base + name,
            **self.anchor,
            "type": ["object", "boolean"],
            "properties": properties,
            **({"$defs": definitions} if definitions else {}),
        }

    def schema(self, parts: list[str]) -> dict[str, Any]:
        document = self.document("schema", {})
        either = {"anyOf": [self.own, _ref("meta/validation#/$defs/stringArray")]}
        document["allOf"] = [_ref(part) for part in parts]
        document["properties"] = {
            "definitions": _map_of(self.own, default={}),
            "dependencies": _map_of(either, **({} if self.old else {"default": {}})),
        }
        if not self.old:
            document["properties"]["$recursiveAnchor"] = _ref("meta/core#/$defs/anchorString")
            document["properties"]["$recursiveRef"] = _ref("meta/core#/$defs/uriReferenceString")
        return document

    def core_definitions(self) -> dict[str, Any] | None:
        if self.old:
            return None
        return {
            "anchorString": {"type": "string", "pattern": "^[A-Za-z_][-A-Za-z0-9._]*$"},
            "uriString": {"type": "string", "format": "uri"},
            "uriReferenceString": {"type": "string", "format": "uri-reference"},
        }

    def core(self) -> dict[str, Any]:
        reference: dict[str, Any] = {"type": "string", "format": "uri-reference"}
        uri: dict[str, Any] = {"type": "string", "format": "uri"}
        if self.old:
            return {
                "$id": {**reference, "pattern": "^[^#]*#?$"},
                "$schema": uri,
                "$anchor": {"type": "string", "pattern": "^[A-Za-z][-A-Za-z0-9.:_]*$"},
                "$ref": reference,
                "$recursiveRef": reference,
                "$recursiveAnchor": _FLAGS,
                "$vocabulary": _map_of({"type": "boolean"}, propertyNames=uri),
                "$comment": _TEXT,
                "$defs": _map_of(self.own, default={}),
            }
        reference, uri = _ref("#/$defs/uriReferenceString"), _ref("#/$defs/uriString")
        anchor = _ref("#/$defs/anchorString")
        return {
            "$id": {**reference, "pattern": "^[^#]*#?$"},
            "$schema": uri,
            "$ref": reference,
            "$anchor": anchor,
            "$dynamicRef": reference,
            "$dynamicAnchor": anchor,
            "$vocabulary": _map_of({"type": "boolean"}, propertyNames=uri),
            "$comment": _TEXT,
            "$defs": _map_of(self.own),
        }

    def applicator(self) -> dict[str, Any]:
        listed = _ref("#/$defs/schemaArray")
        schemas = ["contains", "additionalProperties", "propertyNames", "if", "then", "else", "not"]
        if self.old:
            schemas += ["additionalItems", "unevaluatedItems", "unevaluatedProperties"]
        found: dict[str, Any] = dict.fromkeys(schemas, self.own)
        found |= {
            "items": {"anyOf": [self.own, listed]} if self.old else self.own,
            "properties": _map_of(self.own, default={}),
            "patternProperties": _map_of(self.own, default={}, propertyNames={"format": "regex"}),
            "dependentSchemas": _map_of(self.own, **({} if self.old else {"default": {}})),
            **dict.fromkeys(("allOf", "anyOf", "oneOf"), listed),
        }
        if not self.old:
            found["prefixItems"] = listed
        return found

    def validation_definitions(self) -> dict[str, Any]:
        whole = {"type": "integer", "minimum": 0}
        return {
            "nonNegativeInteger": whole,
            "nonNegativeIntegerDefault0": {**_ref("#/$defs/nonNegativeInteger"), "default": 0},
            "simpleTypes": {"enum": _TYPES},
            "stringArray": {"type": "array", "items": _TEXT, "uniqueItems": True, "default": []},
        }

    def validation(self) -> dict[str, Any]:
        high, low = _ref("#/$defs/nonNegativeInteger"), _ref("#/$defs/nonNegativeIntegerDefault0")
        names = _ref("#/$defs/stringArray")
        return {
            "multipleOf": {"type": "number", "exclusiveMinimum": 0},
            **dict.fromkeys(("maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"), _NUMBER),
            **dict.fromkeys((*_COUNTS, "maxContains"), high),
            **dict.fromkeys(_COUNTS_WITH_DEFAULT, low),
            "minContains": {**high, "default": 1},
            "pattern": {"type": "string", "format": "regex"},
            "uniqueItems": _FLAGS,
            "required": names,
            "dependentRequired": _map_of(names),
            "const": True,
            "enum": {"type": "array", "items": True},
            "type": _one_or_list(_ref("#/$defs/simpleTypes")),
        }

    def meta_data(self) -> dict[str, Any]:
        return {
            **dict.fromkeys(("title", "description"), _TEXT),
            "default": True,
            **dict.fromkeys(("deprecated", "readOnly", "writeOnly"), _FLAGS),
            "examples": {"type": "array", "items": True},
        }


def _all() -> dict[str, dict[str, Any]]:
    six, seven = ("http://json-schema.org/draft-06/schema#", "http://json-schema.org/draft-07/schema#")
    found = {
        "http://json-schema.org/schema": _draft_4(),
        "http://json-schema.org/draft-04/schema": _draft_4(),
        "http://json-schema.org/draft-06/schema": _draft_6(six, {}, seven=False),
        "http://json-schema.org/draft-07/schema": _draft_6(seven, True, seven=True),
    }
    for modern in (_Modern("2019-09"), _Modern("2020-12")):
        found |= {modern.base + name: document for name, document in modern.documents().items()}
    other = {uri.replace("://", "s://") for uri in found if uri.startswith("http:")}
    return found | {uri: found[uri.replace("https:", "http:")] for uri in other}


META_SCHEMAS = _all()
"""Meta-schemas by their URI without a fragment."""
