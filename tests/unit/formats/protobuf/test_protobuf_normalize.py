"""The normal form: numbers, options and the order of things."""

import pytest

from registan.formats.protobuf import PROTOBUF
from registan.formats.protobuf.number_form import normal
from registan.formats.protocol import Invalid
from registan.model.schema import Referenced, SchemaType, Source

OPTIONS = """syntax = "proto2"; package o; import "google/protobuf/descriptor.proto";
message T {
  optional int32 n = 1; repeated int32 r = 2; optional T t = 3; map<string, int32> m = 4;
  oneof one { int32 s = 5; } extensions 100 to 199;
}
extend google.protobuf.MessageOptions {
  optional T t = 1; repeated T ts = 2; optional int32 n = 3; repeated string words = 4;
}
"""


def normalized(text: str, refs: dict[str, Referenced] | None = None) -> str:
    schema = PROTOBUF.parse(Source(SchemaType.PROTOBUF, text), refs or {})
    return PROTOBUF.canonical(PROTOBUF.normalize(schema))


def options(*given: str) -> str:
    """The normal form of message options, without the message."""
    text = OPTIONS + "message A { " + " ".join(f"option {each};" for each in given) + " }"
    shown = normalized(text).partition("message A {\n")[2].partition("\n}\n")[0]
    return "\n".join(line[2:] for line in shown.split("\n"))


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("0x1F", "31"), ("-0x10", "-16"), ("0777", "511"), ("-0777", "-511"), ("08", "08"), ("00", "0"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("1.50", "1.5"), ("1.0", "1"), ("5.", "5"), (".5", "0.5"), ("-.25", "-0.25"), ("-0.0", "-0"),
        ("1e3", "1000"), ("1e10", "10000000000"), ("1e-5", "0"), ("0.0005", "0.001"), ("2.0015", "2.001"),
        ("1e22", "9999999778196308000000"), ("0.0625", "0.062"), ("0.1875", "0.188"),
        ("123456789.123456789", "123456789.123"), ("1e100", "1" + "0" * 100), ("1e400", "1" + "0" * 400),
        ("1e-400", "0"), ("1e99999", "1e99999"), ("1e9999999999", "1e9999999999"), ("9" * 5000, "9" * 5000),
        *((word, word) for word in ("inf", "-inf", "nan", "true", "A", "0x", "1e", ".", "-", "1.2.3", "e5")),
    ],
)  # fmt: skip
def test_numbers(word: str, shown: str) -> None:
    assert normal(word) == shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (("(t).n = 1", "(o.t).t.n = 2"), "option (o.t) = {\n  n: 1,\n  t: {\n    n: 2\n  }\n};"),
        (("(t) = {n: 1}", "(t) = {n: 2}"), "option (o.t) = {\n  n: 2\n};"),
        (("(t).t.n = 1", "(t).t.r = 2"), "option (o.t) = {\n  t: {\n    n: 1,\n    r: 2\n  }\n};"),
        (("(t).r = 1", "(t).r = [2, 3]"), "option (o.t) = {\n  r: [\n    1,\n    2,\n    3\n  ]\n};"),
        (("(t).s = 1", "(t).s = 2"), "option (o.t) = {\n  s: [\n    1,\n    2\n  ]\n};"),
        (("(t).x = 1", "(t).x = 2"), "option (o.t) = {\n  x: [\n    1,\n    2\n  ]\n};"),
        (("(t) = {n: 1 n: 2}",), "option (o.t) = {\n  n: [\n    1,\n    2\n  ]\n};"),
        (("(t) = {r: [[1]] t: {} x: []}",), "option (o.t) = {\n  r: 1,\n  t: {\n  }\n};"),
        (("(n) = 1", "(n) = 0x2"), "option (o.n) = 2;"),
        (("(words) = 'b'", "(words) = 'a'"), 'option (o.words) = "b";\noption (o.words) = "a";'),
        (("(t).(x.y).n = 1",), "option (o.t) = {\n  x.y: {\n    n: 1\n  }\n};"),
        (("(ghost).b = 1", "(ghost).a = 2"), "option (ghost).b = 1;\noption (ghost).a = 2;"),
        (("java = 1", "java = 2", "(ghost) = {b: 1 a: 2}"), None),
    ],
)
def test_options_are_folded_and_merged(given: tuple[str, ...], shown: str | None) -> None:
    """Known extensions become one aggregate; the unknown keep their statements."""
    if shown is None:
        shown = "option (ghost) = {\n  a: 2,\n  b: 1\n};\noption java = 1;\noption java = 2;"
    assert options(*given) == shown


def test_options_with_many_parts_merge_in_one_go() -> None:
    shown = options(*(f"(t).x{i} = {i}" for i in range(3000)))
    assert shown.count(":") == 3000


def test_negative_zero_stays() -> None:
    """The normal form of -0.0 is stable."""
    text = "message A { optional double a = 1 [default = -0.0]; }"
    once = normalized(text)
    assert "default = -0]" in once
    assert normalized(once) == once


def test_an_entry_that_is_no_map_cannot_be_normalized() -> None:
    """The entry of a map disappears; a singular field of its type would point nowhere."""
    text = """syntax = "proto3"; message A { E e = 1;
        message E { option map_entry = true; string key = 1; int32 value = 2; } }"""
    with pytest.raises(Invalid, match=r"Could not resolve type: \.A\.E") as refused:
        normalized(text)
    assert not refused.value.syntax


def test_entries_of_other_files_become_maps() -> None:
    """Types inside of the entry are looked for where it is declared."""
    inner = """syntax = "proto3"; package d; message V {}
        message E { option map_entry = true; string key = 1; V value = 2; }"""
    refs = {"d.proto": Referenced("d", 1, Source(SchemaType.PROTOBUF, inner))}
    assert "map<string, .d.V> e = 1;" in normalized(
        'syntax = "proto3"; message A { repeated d.E e = 1; }', refs
    )


def test_names_that_would_grow_without_bound_are_refused() -> None:
    """A short name in a deep scope is long when qualified."""
    deep = "".join(f"message M{i:0>400} {{" for i in range(250))
    fields = "".join(f"M{249:0>400} f{i} = {i + 1};" for i in range(400))
    with pytest.raises(Invalid, match="qualified names"):
        normalized(f'syntax = "proto3"; {deep} {fields} {"}" * 250}')


def test_nothing_but_proto2_keeps_its_line() -> None:
    assert normalized('syntax = "proto2";') == 'syntax = "proto2";\n'
