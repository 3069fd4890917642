"""How fast and how large Avro is: parse with canonical text, compatibility, bytes of a parsed form.

Not a test: prints figures, medians of several rounds, beside those of other readers of the same text.

python tests/bench/bench_formats_avro.py [--rounds 7]     (PYTHONPATH=src in a checkout)
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

import fastavro

from registan.formats.avro import AVRO, AvroSchema
from registan.model.schema import SchemaType, Source


def field(i: int, prefix: str) -> dict[str, Any]:
    """Six kinds of fields in turn, as event schemas have them."""
    kinds: list[dict[str, Any]] = [
        {"name": f"identifier_{i}", "type": "string", "doc": "the identifier of the thing"},
        {"name": f"amount_{i}", "type": ["null", "double"], "default": None},
        {"name": f"created_{i}", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {
            "name": f"status_{i}",
            "type": {"type": "enum", "name": f"{prefix}Status{i}", "symbols": ["OPEN", "CLOSED", "PENDING"]},
            "default": "OPEN",
        },
        {"name": f"tags_{i}", "type": {"type": "array", "items": "string"}, "default": []},
        {
            "name": f"line_{i}",
            "type": {
                "type": "record",
                "name": f"{prefix}Line{i}",
                "fields": [
                    {"name": "sku", "type": "string"},
                    {"name": "qty", "type": "int", "default": 0},
                ],
            },
        },
    ]
    return kinds[i % 6]


def record(fields: int, more: int = 0) -> str:
    """A record with so many fields, and some more with defaults."""
    listed = [field(i, "") for i in range(fields)]
    listed += [{"name": f"more_{i}", "type": ["null", "string"], "default": None} for i in range(more)]
    return json.dumps(
        {
            "type": "record",
            "name": "OrderPlaced",
            "namespace": "com.acme.orders",
            "doc": "An order was placed",
            "fields": listed,
        }
    )


def sized(length: int) -> str:
    """A record of about so many characters."""
    fields = 1
    while len(record(fields)) < length:
        fields = max(fields + 1, fields * length // len(record(fields)))
    return record(fields)


def parse(text: str) -> AvroSchema:
    return AVRO.parse(Source(SchemaType.AVRO, text), {})


def parse_and_print(text: str) -> str:
    return AVRO.canonical(parse(text))


def fastavro_parse(text: str) -> Any:
    return fastavro.parse_schema(json.loads(text))


def measure(rounds: int, work: Any, *arguments: Any) -> float:
    """Median time of one call in seconds."""
    start = time.perf_counter()
    work(*arguments)
    calls = max(1, int(0.05 / (time.perf_counter() - start)))
    times = []
    for _ in range(rounds):
        gc.collect()
        start = time.perf_counter()
        for _ in range(calls):
            work(*arguments)
        times.append((time.perf_counter() - start) / calls)
    return statistics.median(times)


def size_of(text: str) -> float:
    """Bytes that one parsed form keeps, its canonical text included."""
    parse(text)
    tracemalloc.start()
    kept = [parse(text) for _ in range(100)]
    size = tracemalloc.get_traced_memory()[0] / len(kept)
    tracemalloc.stop()
    return size


Row = tuple[str, float, str, float | None, bool, str]
"""What is measured, the figure, its unit, the bound, whether that is the least, a note."""


def facts(rounds: int = 7) -> Iterator[Row]:
    """All figures."""
    others = {"json.loads": json.loads, "fastavro.parse_schema": fastavro_parse}
    for name, length, bound in (("2 kB", 2_000, None), ("100 kB", 100_000, 40.0)):
        text = sized(length)
        ours = measure(rounds, parse_and_print, text)
        note = ", ".join(f"{ours / measure(rounds, o, text):.2f} x {name}" for name, o in others.items())
        yield f"Avro: parse and print {name}", ours * 1e3, "ms", bound, False, note
    text = sized(2_000)
    plain = measure(rounds, AVRO.plain_text, Source(SchemaType.AVRO, text))
    yield "Avro: print 2 kB without its form", plain * 1e3, "ms", None, False, ""
    normal = measure(rounds, lambda: AVRO.canonical(AVRO.normalize(parse(text))))
    yield "Avro: parse, normalize and print 2 kB", normal * 1e3, "ms", None, False, ""
    for name, fields, bound in (("2 kB, one more field", 20, None), ("1,000 fields", 1000, 50.0)):
        reader, writer = parse(record(fields, 1)), parse(record(fields))
        took = measure(rounds, AVRO.incompatibilities, reader, writer)
        yield f"Avro: compare {name}", took * 1e3, "ms", bound, False, ""
    share = size_of(text) / len(text)
    yield "Avro: a form of 2 kB with its text, bytes a character", share, "", None, False, ""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    arguments.add_argument("--rounds", type=int, default=7)
    for name, value, unit, bound, _, note in facts(arguments.parse_args().rounds):
        aim = f"(target {bound:g})" if bound else ""
        print(f"{name:<56} {value:9.3f} {unit:<3} {aim:<14} {note}")


if __name__ == "__main__":
    main()
