"""Protobuf texts for hypothesis: valid files, and the same files written differently.

What lives here: how texts are drawn. What must hold for them is in tests.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

SCALARS = [
    *("double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64"),
    *("fixed32", "fixed64", "sfixed32", "sfixed64", "bool", "string", "bytes"),
]
DEFAULTS = {"int32": "-7", "uint64": "0x1F", "string": "'it\\'s \\t \"é\"'", "double": "1.5", "bool": "true"}
BUILT_IN = {
    "google/protobuf/timestamp.proto": ".google.protobuf.Timestamp",
    "google/protobuf/wrappers.proto": "google.protobuf.Int32Value",
}
HEAD = {"proto2": 'syntax = "proto2";', "proto3": 'syntax = "proto3";', "2023": 'edition = "2023";'}


@dataclass
class Block:
    """A declaration: statements whose order means nothing, and blocks whose order does."""

    head: str
    loose: list[str] = field(default_factory=list)
    parts: list[Block] = field(default_factory=list)
    fixed: list[Block] = field(default_factory=list)

    def text(self, rnd: random.Random, *, shuffled: bool) -> str:
        """Print it, `shuffled` with what means nothing in another order, and with comments."""
        if self.head.startswith("rpc"):
            return self.head + ";"
        lines = [*self.loose, *(part.text(rnd, shuffled=shuffled) for part in self.parts)]
        fixed = [block.text(rnd, shuffled=shuffled) for block in self.fixed]
        if shuffled:
            rnd.shuffle(lines)
            lines = [rnd.choice(["", "// note\n", "/* a */\n", "\n\t"]) + line for line in lines]
            # Blocks of fixed order go between the others, still in order.
            for text in reversed(fixed):
                lines.insert(rnd.randrange(self._before(lines, fixed) + 1), text)
        else:
            lines += fixed
        return self.head + " {\n" + "\n".join(lines) + "\n}"

    @staticmethod
    def _before(lines: list[str], fixed: list[str]) -> int:
        """How many lines stand before the first of the fixed ones."""
        return next((i for i, line in enumerate(lines) if line in fixed), len(lines))


class Maker:
    """Draws one valid file: unique names, so that any spelling of a type is unambiguous."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.level = draw(st.sampled_from(sorted(HEAD)))
        self.package = draw(st.sampled_from(["", "p", "acme.shop.v1"]))
        self.imports = draw(st.lists(st.sampled_from(sorted(BUILT_IN)), unique=True))
        self.count = 0
        self.messages: list[str] = []
        self.enums: list[str] = []
        self.filled: list[tuple[Block, str]] = []

    def some(self, low: int, high: int) -> range:
        """So many times."""
        return range(self.draw(st.integers(low, high)))

    def fresh(self, stem: str) -> str:
        """A name not used yet."""
        self.count += 1
        return f"{stem}{self.count}"

    def type(self) -> str:
        """A type, in one of its spellings."""
        names = self.messages + self.enums
        kinds = [st.sampled_from(SCALARS), st.sampled_from(names)]
        if self.imports:
            kinds.append(st.sampled_from([BUILT_IN[path] for path in self.imports]))
        name = self.draw(st.one_of(kinds))
        if name in names:
            full = f"{self.package}.{name}" if self.package else name
            return self.draw(st.sampled_from([name, full, "." + full]))
        return name

    def enum(self, outer: str) -> Block:
        """An enum."""
        name = self.fresh("E")
        self.enums.append(outer + name)
        block = Block(f"enum {name}")
        # No negative numbers: the normal form puts them before the zero, which the compiler wants first.
        numbers = [0, *self.draw(st.lists(st.integers(1, 50), unique=True, max_size=4))]
        block.loose = [f"{name}_{i} = {n};" for i, n in enumerate(numbers)]
        if self.draw(st.booleans()):
            block.loose.append("reserved 100 to max, 70;")
        return block

    def message(self, outer: str, depth: int) -> Block:
        """A message, to be filled once all names are known."""
        name = self.fresh("M")
        self.messages.append(outer + name)
        block = Block(f"message {name}")
        inner = f"{outer}{name}."
        if depth:
            block.fixed += [self.message(inner, depth - 1) for _ in self.some(0, 2)]
        block.fixed += [self.enum(inner) for _ in self.some(0, 1)]
        self.filled.append((block, inner))
        return block

    def label(self) -> str:
        """A label that the syntax allows."""
        return self.draw(
            st.sampled_from(
                {
                    "proto2": ["optional ", "repeated ", "required "],
                    "proto3": ["", "optional ", "repeated "],
                }.get(self.level, ["", "repeated "])
            )
        )

    def options(self, kind: str, label: str) -> str:
        """Options of a field."""
        options = []
        if self.level == "proto2" and kind in DEFAULTS and label == "optional ":
            options.append(f"default = {DEFAULTS[kind]}")
        if self.draw(st.booleans()):
            options.append("deprecated = true")
        if self.draw(st.booleans()):
            options.append(f'json_name = "{self.fresh("json")}"')
        return f" [{', '.join(self.draw(st.permutations(options)))}]" if options else ""

    def fill(self, block: Block) -> None:
        """Fields, oneofs and reservations of a message."""
        tags = iter(self.draw(st.lists(st.integers(1, 900), unique=True, min_size=12, max_size=12)))
        for _ in self.some(0, 4):
            kind, label = self.type(), self.label()
            block.loose.append(f"{label}{kind} {self.fresh('f')} = {next(tags)}{self.options(kind, label)};")
        if self.draw(st.booleans()):
            key = self.draw(st.sampled_from(["string", "int64", "bool"]))
            block.loose.append(f"map<{key}, {self.type()}> {self.fresh('m')} = {next(tags)};")
        for _ in self.some(0, 2):
            oneof = Block(f"oneof {self.fresh('o')}")
            oneof.loose = [f"{self.type()} {self.fresh('f')} = {next(tags)};" for _ in self.some(1, 3)]
            block.parts.append(oneof)
        if self.draw(st.booleans()):
            block.loose.append("reserved 950, 960 to 970;")
            if self.level != "2023":
                block.loose.append('reserved "gone";')
        if self.level == "proto2" and self.draw(st.booleans()):
            block.loose.append("extensions 1000 to 1999;")
        if self.draw(st.booleans()):
            block.loose.append("option deprecated = true;")

    def file(self) -> list[Any]:
        """Statements of the file; strings may change places, blocks may not."""
        blocks = [self.message("", 2) for _ in self.some(1, 3)] + [self.enum("") for _ in self.some(0, 2)]
        for block, _ in self.filled:
            self.fill(block)
        for _ in self.some(0, 1):
            service = Block(f"service {self.fresh('S')}")
            names = st.sampled_from(self.messages)
            service.fixed = [
                Block(f"rpc {self.fresh('R')} ({self.draw(names)}) returns (stream {self.draw(names)})")
                for _ in self.some(1, 2)
            ]
            blocks.append(service)
        loose = [f'import "{path}";' for path in self.imports]
        if self.draw(st.booleans()):
            loose += ['option java_package = "x.y";', "option deprecated = false;"]
        return [loose, blocks]


@dataclass
class Made:
    """One file and a way to write it differently."""

    head: str
    package: str
    loose: list[str]
    blocks: list[Block]

    def text(self, rnd: random.Random | None = None) -> str:
        """Print it; with `rnd` written differently, and meaning the same."""
        chance = rnd or random.Random(0)  # noqa: S311  (repeatable, not secret)
        loose = list(self.loose)
        if rnd:
            rnd.shuffle(loose)
        package = [f"package {self.package};"] if self.package else []
        written = [block.text(chance, shuffled=rnd is not None) for block in self.blocks]
        return "\n".join([self.head, *package, *loose, *written])


@st.composite
def files(draw: st.DrawFn) -> Made:
    """Valid files."""
    maker = Maker(draw)
    loose, blocks = maker.file()
    return Made(HEAD[maker.level], maker.package, loose, blocks)
