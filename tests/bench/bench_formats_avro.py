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


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    arguments.add_argument("--rounds", type=int, default=7)
    rounds = arguments.parse_args().rounds
    for length in (2_000, 100_000):
        text = sized(length)
        ours = measure(rounds, parse, text)
        others = {"json.loads": json.loads, "fastavro.parse_schema": fastavro_parse}
        ratios = ", ".join(
            f"{ours / measure(rounds, other, text):.2f} x {name}" for name, other in others.items()
        )
        print(f"parse + canonical text of {len(text)} characters: {ours * 1e6:.0f} us ({ratios})")
    reader, writer = parse(record(20, 1)), parse(record(20))
    small = measure(rounds, AVRO.incompatibilities, reader, writer)
    print(f"compatibility of 2 kB + one field: {small * 1e6:.0f} us")
    reader, writer = parse(record(1000, 1)), parse(record(1000))
    large = measure(rounds, AVRO.incompatibilities, reader, writer)
    print(f"compatibility of 1,000 fields: {large * 1e3:.2f} ms")
    normal = measure(rounds, lambda: AVRO.normalize(parse(record(20))))
    print(f"parse, normalize and canonical text of 2 kB: {normal * 1e6:.0f} us")
    text = sized(2_000)
    size = size_of(text)
    print(f"a parsed form of {len(text)} characters: {size:.0f} bytes, {size / len(text):.1f} a character")


if __name__ == "__main__":
    main()
