"""What the formats take by themselves, without a server: parse, print, compare.

Each time is processor time, the median of rounds in which everybody takes a turn; a rival that does
the like (a protocol compiler, a JSON parser) is measured in the same rounds.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from time import process_time
from typing import TYPE_CHECKING, Any

from bench import texts
from bench.figures import Fact
from bench.servers import ROOT
from registan.formats.table import format_of
from registan.model.schema import SchemaType, Source

if TYPE_CHECKING:
    from bench.sites import House

ROUNDS = 7
LARGE = 100_000
FIELDS = 1000
PARSE_MS, COMPARE_MS, REGISTRATIONS = 60.0, 50.0, 1000
SMALL_FILES = 1000


def facts(house: House) -> Iterator[Fact]:
    """Every format's figures; those of other benches are found by their names."""
    yield from protobuf(1 if house.options.quick else ROUNDS)
    for file in sorted((ROOT / "tests" / "bench").glob("bench_formats_*.py")):
        yield from _of_file(file)


def times_ms(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Milliseconds of processor time of each work: the median of interleaved rounds."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()
    for _ in range(rounds):
        for name, work in works.items():
            started = process_time()
            work()
            taken[name].append((process_time() - started) * 1000)
    return {name: median(of) for name, of in taken.items()}


def protobuf(rounds: int) -> Iterator[Fact]:
    """Parse and print a large file, beside protobuf's own compiler; compare; parse many small ones."""
    format_ = format_of(SchemaType.PROTOBUF)
    large = texts.protobuf(1, LARGE)

    def parse(text: str) -> Any:
        return format_.parse(Source(SchemaType.PROTOBUF, text), {})

    before, after = parse(texts.protobuf_message(FIELDS)), parse(texts.protobuf_message(FIELDS, changed=10))
    files = [texts.protobuf(number) for number in range(SMALL_FILES)]
    with tempfile.TemporaryDirectory() as directory:
        compile_ = _compiler(Path(directory), large)
        took = times_ms(
            {
                "parse": lambda: format_.canonical(parse(large)),
                "compile": compile_,
                "same": lambda: format_.incompatibilities(before, before),
                "changed": lambda: format_.incompatibilities(after, before),
                "small": lambda: [format_.canonical(parse(text)) for text in files],
            },
            rounds,
        )
    ratio = took["parse"] / took["compile"]
    yield Fact("Protobuf: parse and print 100 kB", took["parse"], "ms", PARSE_MS)
    yield Fact(
        "Protobuf: the same, protobuf's own compiler", took["compile"], "ms", note=f"ours {ratio:.1f} x that"
    )
    yield Fact("Protobuf: compare 1,000 fields with themselves", took["same"], "ms", COMPARE_MS)
    yield Fact("Protobuf: compare 1,000 fields, 100 changed", took["changed"], "ms", COMPARE_MS)
    small = SMALL_FILES / took["small"] * 1000
    yield Fact("Protobuf: parse and print files of 2 kB", small, "/s", REGISTRATIONS, at_least=True)


def _compiler(directory: Path, text: str) -> Callable[[], object]:
    """Protobuf's compiler in this process, from text to descriptor."""
    import grpc_tools
    from grpc_tools import protoc

    (directory / "large.proto").write_text(text)
    include = Path(grpc_tools.__file__).parent / "_proto"
    arguments = [
        "protoc",
        f"-I{directory}",
        f"-I{include}",
        f"--descriptor_set_out={directory}/out",
        "large.proto",
    ]

    def work() -> None:
        if protoc.main(arguments):
            raise RuntimeError("protoc refuses the text")

    return work


def _of_file(file: Path) -> Iterator[Fact]:
    """The figures of a bench that has a function `facts`, of tuples as `Fact` takes them."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    for one in module.facts():
        yield Fact(*one)
