"""More texts: Protobuf and JSON Schema of everyday size, and large ones of all three. Pure."""

from __future__ import annotations

from typing import Any

from bench.dataset import EVENTS, THINGS, compact, record

_TYPES = ("string", "int64", "int32", "double", "bool", "bytes", "uint32", "float")
_WORDS = (
    "amount",
    "reference",
    "channel",
    "created",
    "quantity",
    "label",
    "note",
    "source",
    "weight",
    "trace",
)
_JSON_TYPES: tuple[dict[str, Any], ...] = (
    {"type": "string", "maxLength": 200},
    {"type": "integer", "minimum": 0},
    {"type": ["string", "null"], "description": "Left out where it is not known."},
    {"type": "number"},
    {"type": "boolean", "default": False},
    {"type": "array", "items": {"type": "string"}, "maxItems": 50},
    {"type": "string", "format": "date-time"},
    {"enum": ["OPEN", "DONE", "FAILED"]},
)


def protobuf(number: int, size: int = 2000, package: str = "") -> str:
    """A .proto file of at least `size` bytes: an enum, nested messages, a oneof, a map, options, comments."""
    thing, event = THINGS[number % len(THINGS)], EVENTS[number // 7 % len(EVENTS)]
    parts = [
        'syntax = "proto3";\n\n',
        f"package {package or f'example.{thing.lower()}.v{number}'};\n\n",
        'import "google/protobuf/timestamp.proto";\n\n',
        f'option java_package = "com.example.{thing.lower()}.v{number}";\n',
        "option java_multiple_files = true;\n\n",
        f"enum {thing}Status {{\n  UNKNOWN = 0;\n  OPEN = 1;\n  DONE = 2;\n",
        "  FAILED = 3 [deprecated = true];\n}\n\n",
    ]
    length = sum(map(len, parts))
    i = 0
    while length < size:
        parts.append(_message(f"{thing}{event}{i or ''}", f"{thing}Status", number + i))
        length += len(parts[-1])
        i += 1
    return "".join(parts)


def _message(name: str, status: str, seed: int) -> str:
    fields = [
        f"// A message of the stream; number {seed}.\nmessage {name} {{\n",
        "  string id = 1;\n",
        f"  {status} status = 2;\n",
        "  google.protobuf.Timestamp created_at = 3;\n",
        "  map<string, string> labels = 4;\n",
        "  repeated Line lines = 5;\n",
        "  oneof origin {\n    string partner = 6;\n    int64 shop = 7;\n  }\n",
    ]
    for i in range(8, 24):
        label = ("", "repeated ", "optional ")[(seed + i) % 3]
        word, type_ = _WORDS[(seed * 3 + i) % len(_WORDS)], _TYPES[(seed + i) % len(_TYPES)]
        option = f' [json_name = "jsonName{i}"]' if (seed + i) % 7 == 0 else ""
        fields.append(f"  {label}{type_} {word}_{i} = {i}{option};\n")
    fields.append(
        "  reserved 100 to 110;\n\n  message Line {\n    string article = 1;\n    int32 count = 2;\n"
    )
    fields.append("    int64 price_cents = 3;\n  }\n}\n\n")
    return "".join(fields)


def protobuf_message(fields: int, *, changed: int = 0) -> str:
    """One message of many fields, of which each `changed`-th has another type."""
    lines = ['syntax = "proto3";\n\npackage example.wide;\n\nmessage Wide {\n']
    for i in range(1, fields + 1):
        type_ = _TYPES[i % len(_TYPES)]
        if changed and i % changed == 0:
            type_ = "int32" if type_ in ("string", "bytes") else "string"
        lines.append(f"  {type_} field_{i} = {i};\n")
    return "".join([*lines, "}\n"])


def json_schema(number: int, size: int = 2000) -> str:
    """A JSON Schema of at least `size` bytes: objects in objects, arrays, enums, definitions."""
    thing = THINGS[number % len(THINGS)]
    properties: dict[str, Any] = {"id": {"type": "string"}, "line": {"$ref": "#/definitions/Line"}}
    made = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": f"{thing}{number}",
        "type": "object",
        "properties": properties,
        "required": ["id"],
        "definitions": {
            "Line": {
                "type": "object",
                "properties": {"article": {"type": "string"}, "count": {"type": "integer"}},
                "additionalProperties": False,
            }
        },
    }
    length, i = len(compact(made)), 0
    while length < size:
        name, value = (
            f"{_WORDS[(number + i) % len(_WORDS)]}_{i}",
            _JSON_TYPES[(number + i) % len(_JSON_TYPES)],
        )
        if i % 11 == 10:
            value = {"type": "object", "properties": {"a": value, "b": {"type": "string"}}}
        properties[name] = value
        length += len(name) + len(compact(value)) + 4
        i += 1
    return compact(made)


def large_avro(number: int | str, size: int = 100_000) -> str:
    """An Avro record of at least `size` bytes: one field for each record of everyday size in it."""
    fields: list[dict[str, Any]] = []
    made = {"type": "record", "name": f"Large{number}", "namespace": "com.example.large", "fields": fields}
    length, i = len(compact(made)), 0
    while length < size:
        inner = record(i)
        inner["namespace"] = f"com.example.large.n{i}"
        fields.append({"name": f"part_{i}", "type": inner})
        length += len(compact(fields[-1])) + 1
        i += 1
    return compact(made)
