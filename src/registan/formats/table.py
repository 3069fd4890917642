"""The formats that exist, loaded when first asked for: each costs memory that many servers never need."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from registan.formats.protocol import Invalid, SchemaFormat
from registan.model.schema import SchemaType

_WHERE = {
    SchemaType.AVRO: ("registan.formats.avro", "AVRO"),
    SchemaType.JSON: ("registan.formats.jsonschema", "JSON_SCHEMA"),
    SchemaType.PROTOBUF: ("registan.formats.protobuf", "PROTOBUF"),
}


@cache
def format_of(type_: SchemaType) -> SchemaFormat[Any]:
    """The format of a schema type."""
    module, name = _WHERE[type_]
    found: SchemaFormat[Any] | None = getattr(import_module(module), name, None)
    if found is None:
        raise Invalid(f"Schemas of type {type_} are not supported yet")
    return found


def rules_of(type_: SchemaType) -> Mapping[Any, str]:
    """The compatibility rules of a schema type with what each says; `%s` for the words of the schemas."""
    module, _ = _WHERE[type_]
    texts: Mapping[Any, str] = getattr(import_module(f"{module}.rules"), "TEXTS", {})
    return texts
