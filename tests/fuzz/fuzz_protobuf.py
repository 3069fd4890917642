"""Random .proto texts, valid and not, thrown at the format: it answers or refuses, and nothing else.

python tests/fuzz/fuzz_protobuf.py [COUNT] [--seed N]     (PYTHONPATH=src in a checkout)

Files come from a grammar of proto2, proto3 and editions with a taste for what is rare (groups, maps of odd
kinds, extensions, option values of every shape, names that shadow each other), and some of them are then
broken: statements moved between blocks, tokens and characters gone, doubled or put in. Each text that is
accepted must keep what any schema keeps: printing is stable, the normal form is normal, it reads what it
wrote.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time

from registan.formats.protobuf import PROTOBUF, ProtobufSchema
from registan.formats.protocol import Invalid, TagEdit
from registan.model.schema import Referenced, SchemaType, Source

HEADS = ['syntax = "proto3";', 'syntax = "proto3";', 'syntax = "proto2";', "", 'edition = "2023";']
SCALARS = [
    *("double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64"),
    *("fixed32", "fixed64", "sfixed32", "sfixed64", "bool", "string", "bytes"),
]
WORDS = ["a", "b", "c_d", "message", "to", "max", "A", "Ab", "string", "_x", "option", "e1"]
TYPES = ["A", "B", "Ab", ".A", "p.A", ".p.q.A", "A.B", "google.protobuf.Timestamp", "other.T", "E", "Nowhere"]
TAGS = ["1", "2", "3", "4", "5", "0x1F", "017", "0", "-1", "19000", "536870911", "536870912", "99999999999"]
IMPORTS = ["google/protobuf/timestamp.proto", "other.proto", "google/type/date.proto", "nowhere.proto"]
OPTIONS = [
    *("deprecated", "packed", "json_name", "default", "(a)", "(p.a).b", "(.a)", "features.field_presence"),
    *(
        "java_package",
        "allow_alias",
        "map_entry",
        "message_set_wire_format",
        "ctype",
        "(confluent.field_meta)",
    ),
]
VALUES = [
    *(
        "true",
        "false",
        "1",
        "-1",
        "1.5",
        "-inf",
        "nan",
        "1e400",
        "0x1F",
        "'it'",
        '"x"',
        '"a" "b"',
        "FOO",
        "+1",
    ),
    *('"\\x41\\101\\n\\u00e9"', '"é"', "{}", "{ a: 1 }", "{ a { b: [1, 2] } }", "{ [x.y/z]: 'q' c: -1; }"),
    *("99999999999999999999", "{ tags: 'PII' }", "[]", "inf", "''", "{ a < b: 1 > }"),
]
FRAGMENTS = [
    *("{", "}", "[", "]", "(", ")", "<", ">", ";", "=", ",", ".", "-", '"', "'", "\\", "//x\n", "/*", "*/"),
    *("\0", "\ud83d", "\U0001f680", "\n", " ", "message A {", "oneof o {", "1", "extend", "group", "\ufeff"),
]


class Maker:
    """Makes files, most of them valid. What it does depends on its random numbers only."""

    def __init__(self, rnd: random.Random) -> None:
        self.rnd = rnd
        self.head = rnd.choice(HEADS)
        self.names: list[str] = []
        self.careful = rnd.random() < 0.8
        """Whether only that is written which tends to be valid."""
        self.numbers = 0

    def maybe(self, chance: float) -> bool:
        return self.rnd.random() < chance

    def rarely(self, chance: float) -> bool:
        """For what is seldom valid."""
        return self.rnd.random() < (chance / 20 if self.careful else chance)

    def some(self, most: int) -> range:
        return range(self.rnd.randrange(most + 1))

    def fresh(self, stem: str) -> str:
        if self.rarely(0.2):
            return self.rnd.choice(WORDS)
        self.numbers += 1
        return f"{stem}{self.numbers}"

    def tag(self) -> str:
        if self.rarely(0.2):
            return self.rnd.choice(TAGS)
        self.numbers += 1
        return str(self.numbers)

    def type(self) -> str:
        if self.rarely(0.15):
            return self.rnd.choice(TYPES)
        if self.names and self.maybe(0.3):
            return self.rnd.choice(self.names)
        return self.rnd.choice(SCALARS)

    def label(self) -> str:
        if self.rarely(0.2):
            return self.rnd.choice(["", "optional ", "required ", "repeated "])
        if self.head in ("", HEADS[2]):
            return self.rnd.choice(["optional ", "repeated ", "required "])
        return self.rnd.choice(["", "repeated "] + ["optional "] * (self.head == HEADS[0]))

    def option(self) -> str:
        if self.rarely(0.3):
            return f"{self.rnd.choice(OPTIONS)} = {self.rnd.choice(VALUES)}"
        return self.rnd.choice(["deprecated = true", "deprecated = false"])

    def options(self) -> str:
        if not self.maybe(0.2):
            return ""
        return f" [{', '.join(self.option() for _ in range(1 if self.careful else 2))}]"

    def field(self) -> str:
        return f"{self.label()}{self.type()} {self.fresh('f')} = {self.tag()}{self.options()};"

    def map(self) -> str:
        key = self.rnd.choice(SCALARS if self.rarely(0.5) else ["string", "int32", "bool"])
        return f"map<{key}, {self.type()}> {self.fresh('m')} = {self.tag()}{self.options()};"

    def oneof(self, depth: int) -> str:
        fields = [f"{self.type()} {self.fresh('o')} = {self.tag()};" for _ in range(1 + len(self.some(2)))]
        if self.rarely(0.2):
            fields.append(self.statement(depth))
        return f"oneof {self.fresh('one')} {{ {' '.join(fields)} }}"

    def enum(self) -> str:
        name = self.fresh("E")
        self.names.append(name)
        numbers = ["0", *(self.rnd.choice(TAGS) if self.rarely(0.5) else str(n + 1) for n in self.some(3))]
        body = [f"{name}_{i} = {number}{self.options()};" for i, number in enumerate(numbers)]
        if self.maybe(0.2):
            body.append(self.reserved())
        if self.rarely(0.3):
            body.append(f"option {self.option()};")
        return f"enum {name} {{ {' '.join(body)} }}"

    def reserved(self) -> str:
        plain = ["reserved 1000 to 2000;", "reserved 3000;", 'reserved "zz";']
        odd = [
            "reserved 1 to max;",
            "reserved a;",
            "reserved 5 to 2;",
            "reserved -5 to -1;",
            "reserved 1, 'x';",
        ]
        return self.rnd.choice(odd if self.rarely(0.5) else plain)

    def group(self, depth: int) -> str:
        body = " ".join(self.statement(depth - 1) for _ in self.some(2))
        return f"{self.label()}group {self.fresh('Group')} = {self.tag()} {{ {body} }}"

    def extend(self) -> str:
        return f"extend {self.rnd.choice([*self.names, *TYPES])} {{ {self.field()} }}"

    def message(self, depth: int) -> str:
        name = self.fresh("M")
        self.names.append(name)
        body = [self.statement(depth) for _ in self.some(5)]
        return f"message {name} {{\n{chr(10).join(body)}\n}}"

    def service(self) -> str:
        name = self.rnd.choice(self.names) if self.names else "A"
        body = [
            f"rpc {self.fresh('R')} ({'stream ' * self.maybe(0.3)}{name}) returns ({name})"
            + (f" {{ option {self.option()}; }}" if self.maybe(0.3) else ";")
            for _ in self.some(2)
        ]
        return f"service {self.fresh('S')} {{ {' '.join(body)} }}"

    def statement(self, depth: int) -> str:
        """What may stand in a message."""
        kind = self.rnd.random()
        if depth > 0 and kind < 0.15:
            return self.message(depth - 1)
        if kind < 0.25:
            return self.enum()
        if kind < 0.35:
            return self.oneof(depth - 1)
        if kind < 0.45:
            return self.map()
        if kind < 0.5:
            return self.reserved()
        if kind < 0.55 and (self.head in ("", HEADS[2]) or self.rarely(0.5)):
            return self.rnd.choice([self.group(depth - 1), "extensions 5000 to 6000;", self.extend()])
        if kind < 0.6 and (not self.careful):
            return f"option {self.option()};"
        return self.field()

    def file(self) -> str:
        """One file."""
        parts = [self.head]
        if self.maybe(0.5):
            parts.append(f"package {self.rnd.choice(['p', 'p.q', 'A', 'a.message'])};")
        parts += [f'import "{self.rnd.choice(IMPORTS[: 4 - 2 * self.careful])}";' for _ in self.some(1)]
        if self.maybe(0.3):
            parts.append('option java_package = "x.y";')
        blocks = [self.message(3) for _ in range(1 + len(self.some(2)))]
        blocks += [self.enum() for _ in self.some(1)] + [self.service() for _ in self.some(1)]
        return "\n".join([*parts, *blocks]) + "\n"

    # -- changes

    def changed(self, text: str) -> str:
        """The file with a line removed, doubled, moved or replaced."""
        lines = text.split("\n")
        i, j = self.rnd.randrange(len(lines)), self.rnd.randrange(len(lines))
        choice = self.rnd.random()
        if choice < 0.3:
            del lines[i]
        elif choice < 0.5:
            lines.insert(j, lines[i])
        elif choice < 0.7:
            lines.insert(i, self.statement(1))
        elif choice < 0.85:
            lines[i] = re.sub(r"\w+", lambda found: self.rnd.choice([found[0]] * 4 + WORDS[:3]), lines[i])
        else:
            lines[i], lines[j] = lines[j], lines[i]
        return "\n".join(lines)

    def broken(self, text: str) -> str:
        """The text with characters gone, doubled or put in."""
        for _ in range(self.rnd.randrange(1, 3)):
            at = self.rnd.randrange(len(text) + 1)
            end = min(len(text), at + self.rnd.randrange(1, 12))
            middle = self.rnd.choice(["", text[at:end] * 2, self.rnd.choice(FRAGMENTS)])
            text = text[:at] + middle + text[end if self.maybe(0.5) else at :]
        return text

    def text(self) -> str:
        """One text to try."""
        text = self.file()
        for _ in range(self.rnd.choice([0, 0, 0, 1, 2])):
            text = self.changed(text)
        return self.broken(text) if self.maybe(0.15) else text


OTHER = Source(SchemaType.PROTOBUF, 'syntax = "proto3"; package other; message T { T t = 1; string s = 2; }')
REFERENCES = {"other.proto": Referenced("s", 1, OTHER)}


def parse(text: str, *, strict: bool = True) -> ProtobufSchema:
    return PROTOBUF.parse(Source(SchemaType.PROTOBUF, text), REFERENCES, strict=strict)


def check(text: str, before: ProtobufSchema | None = None) -> ProtobufSchema | None:
    """Try one text; None if it is refused. Raises whatever is wrong with an answer."""
    try:
        schema = parse(text)
    except Invalid as invalid:
        str(invalid).encode("utf-8", "surrogatepass")
        return None
    again = parse(schema.text, strict=False)
    assert again.text == schema.text, "printing is not stable"
    assert PROTOBUF.same(schema, again), "not the same after printing"
    schema.text.encode()
    forms = [schema, again]
    try:
        normal = PROTOBUF.normalize(schema)
        forms.append(normal)
    except Invalid as invalid:
        if invalid.syntax:
            raise AssertionError from invalid
    else:
        assert PROTOBUF.normalize(normal).text == normal.text, "the normal form is not normal"
        # What is empty disappears and leaves a line that is gone the next time, so the second form is final.
        second = PROTOBUF.normalize(parse(normal.text, strict=False))
        assert PROTOBUF.normalize(parse(second.text, strict=False)).text == second.text
    for style in ("serialized", "ignore_extensions"):
        PROTOBUF.render(schema, style).encode()
    for other in forms:
        found = [*PROTOBUF.incompatibilities(schema, other), *PROTOBUF.incompatibilities(other, schema)]
        assert not found or _has_tag_twice(schema), f"unreadable by itself: {found}"
    if before is not None:
        for each in (
            *PROTOBUF.incompatibilities(schema, before),
            *PROTOBUF.incompatibilities(before, schema),
        ):
            each.message("new", "old").encode()
    for place in list(PROTOBUF.tags(schema))[:1]:
        added = PROTOBUF.edit_tags(schema, [TagEdit(place.path, place.is_field, ("NEW",))], ())
        assert any("NEW" in each.tags for each in PROTOBUF.tags(added))
    return schema


def _has_tag_twice(schema: ProtobufSchema) -> bool:
    """Whether a oneof of some message has a tag that the message has elsewhere, which nobody refuses."""
    work = list(schema.file.messages)
    for each in work:
        tags = [field.tag for field in each.fields]
        tags += [field.tag for oneof in each.oneofs for field in oneof.fields]
        if len(set(tags)) < len(tags):
            return True
        work += each.messages
    return False


def run(count: int, seed: int = 0) -> int:
    """Try so many texts; how many were accepted."""
    accepted = 0
    before: ProtobufSchema | None = None
    for number in range(count):
        text = Maker(random.Random(seed * 1_000_003 + number)).text()
        try:
            schema = check(text, before)
        except Exception:
            print(f"text {number} of seed {seed}: {text!r}", file=sys.stderr)
            raise
        if schema is not None:
            accepted += 1
            before = schema
    return accepted


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    arguments.add_argument("count", type=int, nargs="?", default=100_000)
    arguments.add_argument("--seed", type=int, default=0)
    given = arguments.parse_args()
    start = time.perf_counter()
    accepted = run(given.count, given.seed)
    print(f"{given.count} texts, {accepted} accepted, {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
