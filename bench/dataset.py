"""The data: subjects and schemas as companies have them, the same on every machine and in every run.

What lives here: texts, as functions of a number. What never does: I/O, randomness, the clock.
"""

from __future__ import annotations

import json
from typing import Any

COUNTER = "000000000"
"""What the load generator replaces by a running number of as many digits: nine noughts.

Nothing else in a request that counts may contain them.
"""

DOMAINS = ("orders", "payments", "shipping", "catalog", "customers", "billing", "returns", "pricing")
THINGS = ("Order", "Payment", "Parcel", "Article", "Customer", "Invoice", "Refund", "Offer")
EVENTS = ("Created", "Changed", "Confirmed", "Cancelled", "Expired", "Archived")

_FIELDS: tuple[tuple[str, Any, str], ...] = (
    ("customer_id", "long", "Who it belongs to, as the customer service numbers them."),
    ("reference", ["null", "string"], "The number that customers see; unique within a year."),
    ("channel", "string", "Where it came from: web, app, store, or the name of a partner."),
    ("amount", {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 4}, "Without taxes."),
    ("created_at", {"type": "long", "logicalType": "timestamp-millis"}, "When the event was first seen."),
    ("valid_until", ["null", {"type": "int", "logicalType": "date"}], "The last day, in local time."),
    ("quantity", "int", "How many; never negative."),
    ("weight_kg", ["null", "double"], "Gross weight, with packaging."),
    ("labels", {"type": "map", "values": "string"}, "Free-form labels, for search only."),
    ("note", ["null", "string"], "What a person wrote."),
    ("express", "boolean", "Whether it must leave today."),
    ("source_ip", ["null", "string"], "Address of the caller, kept for thirty days."),
    ("discount_percent", ["null", "float"], "Between 0 and 100."),
    ("trace_id", ["null", "string"], "To find the request in the logs."),
    ("attempts", "int", "How often it was tried."),
)
_DEFAULTS: dict[str, Any] = {
    "long": 0,
    "string": "",
    "int": 0,
    "boolean": False,
}
SIZE = 2000
"""Bytes that a schema has at least."""


def subject(number: int) -> str:
    """The name of a subject."""
    domain = DOMAINS[number % len(DOMAINS)]
    event = EVENTS[number // 7 % len(EVENTS)].lower()
    return f"{domain}.{event}.v{number // 100 % 10}-{number:06d}-value"


def record(number: int, name: str = "") -> dict[str, Any]:
    """An Avro record of about 2 kB."""
    thing = THINGS[number // 3 % len(THINGS)]
    event = EVENTS[number // 7 % len(EVENTS)]
    fields: list[dict[str, Any]] = [
        {
            "name": "id",
            "type": {"type": "string", "logicalType": "uuid"},
            "doc": f"Identity of the event in stream {number}.",
        },
        {"name": "status", "type": _status(thing, number), "doc": f"Where the {thing.lower()} stands."},
        {"name": "address", "type": ["null", _address(thing)], "default": None},
        {"name": "lines", "type": {"type": "array", "items": _line(thing)}, "default": []},
    ]
    made = {
        "type": "record",
        "name": name or f"{thing}{event}{number}",
        "namespace": f"com.example.{DOMAINS[number % len(DOMAINS)]}.v{number // 100 % 10}",
        "doc": f"A {thing.lower()} was {event.lower()}.",
        "fields": fields,
    }
    i = number
    while len(compact(made)) < SIZE:
        fields.append(_field(i, len(fields)))
        i += 1 + number % 4
    return made


def avro(number: int, name: str = "") -> str:
    """The text of `record`."""
    return compact(record(number, name))


def evolved(number: int, field: str = "added_later") -> str:
    """The same record with one more field, which has a default."""
    made = record(number)
    made["fields"].append({"name": field, "type": ["null", "string"], "default": None})
    return compact(made)


def compact(value: Any) -> str:
    """JSON without white space."""
    return json.dumps(value, separators=(",", ":"))


def _field(i: int, position: int) -> dict[str, Any]:
    name, type_, doc = _FIELDS[i % len(_FIELDS)]
    made = {"name": f"{name}_{position}", "type": type_, "doc": doc}
    if isinstance(type_, list):
        made["default"] = None
    elif isinstance(type_, str):
        made["default"] = _DEFAULTS[type_]
    return made


def _status(thing: str, number: int) -> dict[str, Any]:
    symbols = ["UNKNOWN", "OPEN", "DONE", "FAILED", *(f"STEP_{n}" for n in range(number % 3))]
    return {"type": "enum", "name": f"{thing}Status", "symbols": symbols, "default": "UNKNOWN"}


def _address(thing: str) -> dict[str, Any]:
    return {
        "type": "record",
        "name": f"{thing}Address",
        "fields": [
            {"name": "street", "type": "string"},
            {"name": "city", "type": "string"},
            {"name": "zip", "type": ["null", "string"], "default": None},
            {"name": "country", "type": "string", "doc": "Two letters, ISO 3166-1."},
        ],
    }


def _line(thing: str) -> dict[str, Any]:
    return {
        "type": "record",
        "name": f"{thing}Line",
        "fields": [
            {"name": "article", "type": "string"},
            {"name": "count", "type": "int"},
            {"name": "price_cents", "type": "long"},
        ],
    }
