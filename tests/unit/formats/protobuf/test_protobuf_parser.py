"""What is read and what is refused, and how it is printed."""

import pytest

from registan.formats.budget import BUDGET
from registan.formats.protobuf.canonical import print_file
from registan.formats.protobuf.cursor import parse_int
from registan.formats.protobuf.parser import import_path, read
from registan.formats.protocol import Invalid


def printed(text: str) -> str:
    return print_file(read(text))


def in_message(statement: str, level: str = "proto3") -> str:
    return f'syntax = "{level}"; message A {{ {statement} }}'


@pytest.mark.parametrize(
    "text",
    [
        in_message("int32 1a = 1;"),
        in_message("required int32 a = 1;"),
        in_message("int32 a = 1;", "proto2"),
        in_message("repeated map<string, string> a = 1;"),
        in_message("map a = 1;"),
        in_message("optional group G = 1 [deprecated = true] { }", "proto2"),
        in_message("optional group G = 1 { optional group H = 2 { } }", "proto2"),
        in_message("oneof o { ; int32 a = 1; }"),
        in_message("oneof o { optional int32 a = 1; }"),
        in_message("int32 a = 1 [];"),
        in_message("int32 a = 1 [b = 1,];"),
        in_message("reserved ;"),
        in_message("reserved a;"),
        in_message("reserved 1,;"),
        in_message("extensions ;"),
        in_message("option (a) = < b: 1 >;"),
        in_message("option (a) = +5;"),
        in_message("option (a) = - 5;"),
        in_message("option (a) = 1e+5;"),
        in_message("option (a) = { [x/y]: 1 };"),
        in_message("option (a) = { a: 1,, b: 2 };"),
        in_message("option (a)..b = 1;"),
        in_message("int32 a = 2147483648;"),
        in_message("int32 a = -0x1;"),
        in_message("int32 a = 1; /* b */ int32 c = 2;"),
        in_message("service S {}"),
        in_message("M. N a = 1;"),
        'syntax = "proto3"; service S { message M {} }',
        'syntax = "proto3"; enum E { option = 1; }',
        'syntax = "proto3"; enum E { 1A = 1; }',
        '; syntax = "proto3";',
        'syntax = "proto3"; syntax = "proto3";',
        'package a; syntax = "proto3";',
        "package a . b;",
        "message A {} enum A {}",
        "service A {} service A {}",
        "message A {",
        'option a = "x',
        "/* never closed",
        "\ufeffmessage A {}",
        "",
        " \t\r\n\0",
    ],
)  # fmt: skip
def test_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(text)
    assert refused.value.syntax


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("int32 a = 007;", "int32 a = 7;"),
        ("int32 a = 0x7fffFFFF;", "int32 a = 2147483647;"),
        ("int32 a = -1;", "int32 a = -1;"),
        ("int32 (a) = 1;", "int32 a = 1;"),
        ("int32 [a] = 1;", "int32 a = 1;"),
        ("M . N . O a = 1;", "M.N.O a = 1;"),
        ("map < string , M . N > a = 1;", "map<string, M.N> a = 1;"),
        ("message = 1 = 1;", None),
        ("int32 message = 1;", "int32 message = 1;"),
        ("optional message message = 1;", "optional message message = 1;"),
        (".map map = 1;", ".map map = 1;"),
        ("int32 a = 1; ;;", "int32 a = 1;"),
        ("string a = 1 [json_name = b];", 'string a = 1 [json_name = "b"];'),
        ("string a = 1 [default = b, default = c];", 'string a = 1 [default = "c"];'),
        ("bytes a = 1 [default = 'b'];", "bytes a = 1 [default = b];"),
        ("reserved 5 to 2, 3 to 3, 1 to max, 'a' 'b';", 'reserved 5 to 2, 3 to 3, 1 to max, "ab";'),
        ("reserved 1 to 536870912;", "reserved 1 to max;"),
        ("extensions 536870911;", "extensions 536870911;"),
        ("int32 a = 1 [(b.c).d.e = 1];", "int32 a = 1 [(b.c).d.e = 1];"),
        ("int32 a = 1 [(b) . (c) .d = TRUE];", "int32 a = 1 [(b).(c).d = TRUE];"),
        ("int32 a = 1 [b.c = 0x1F];", "int32 a = 1 [b.c = 0x1F];"),
        ("int32 a = 1 [b = [1]];", "int32 a = 1 [b = [1]];"),
    ],
)
def test_statements_of_a_message(statement: str, shown: str | None) -> None:
    if shown is None:
        with pytest.raises(Invalid):
            read(in_message(statement))
        return
    assert printed(in_message(statement)) == f'syntax = "proto3";\n\nmessage A {{\n  {shown}\n}}\n'


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("{}", "{\n}"),
        ("[]", "[\n]"),
        ("{a: []}", "{\n  a: [\n  ]\n}"),
        ("{a: 1; b: 'x' c {d: -.5}}", '{\n  a: 1,\n  b: "x",\n  c: {\n    d: -.5\n  }\n}'),
        ("{a: 1 a: 2 a: [3, 4]}", "{\n  a: [\n    1,\n    2,\n    3,\n    4\n  ]\n}"),
        ("{[x.y]: 1}", "{\n  [x.y]: 1\n}"),
        ("[{a: 1}]", "[{\n  a: 1\n}]"),
        ("[1, [2]]", "[\n  1,\n  [\n    2\n  ]\n]"),
        ("'a' \"b\"", '"ab"'),
    ],
)
def test_values_of_options(value: str, shown: str) -> None:
    assert printed(f"option (o) = {value};") == f"\noption (o) = {shown};\n"


def test_dropped_statements() -> None:
    """`reserved` where it means nothing, options and groups of an extend."""
    text = """syntax = "proto2"; reserved 1; service S { reserved 2; }
        extend A { option x = 1; reserved 3; optional group G = 1 { } optional int32 b = 4; }"""
    wanted = 'syntax = "proto2";\n\nextend A {\n  optional int32 b = 4;\n}\n\nservice S {}\n'
    assert printed(text) == wanted


def test_edition() -> None:
    """Edition 2023: no labels but repeated, identifiers for reserved names."""
    text = 'edition = "2023"; message A { reserved a, 5; int32 x = 1 [features.field_presence = IMPLICIT]; }'
    shown = printed(text)
    assert shown == (
        'edition = "2023";\n\nmessage A {\n  reserved a, 5;\n\n'
        "  int32 x = 1 [features.field_presence = IMPLICIT];\n}\n"
    )
    assert printed(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        'edition = "2022"; message A {}',
        'edition = "2023"; message A { optional int32 x = 1; }',
        'edition = "2023"; message A { required int32 x = 1; }',
        'edition = "2023"; message A { group G = 1 {} }',
    ],
)
def test_what_editions_forbid(text: str) -> None:
    with pytest.raises(Invalid):
        read(text)


def test_nesting_is_bounded() -> None:
    """Messages nest to the limit and no deeper."""
    read("message A {" * BUDGET.protobuf_nesting_depth + "}" * BUDGET.protobuf_nesting_depth)
    with pytest.raises(Invalid, match="nested deeper"):
        read("message A {" * (BUDGET.protobuf_nesting_depth + 1) + "}" * (BUDGET.protobuf_nesting_depth + 1))


@pytest.mark.parametrize("unit", ["{a:", "["])
def test_option_values_are_bounded(unit: str) -> None:
    close = "}" if unit[0] == "{" else "]"
    depth = BUDGET.protobuf_value_depth
    read(f"option (a) = {unit * (depth - 1)} {{}} {close * (depth - 1)};")
    with pytest.raises(Invalid, match="nested deeper"):
        read(f"option (a) = {unit * depth} {{}} {close * depth};")


@pytest.mark.parametrize(
    "text",
    [
        "option (a)" + ".b" * 5000 + " = 1;",
        "option (a)" + " .b" * 5000 + " = 1;",
        "package " + "a." * 5000 + "b;",
        'syntax = "proto3"; message A { ' + "map<string," * 5000,
    ],
)
def test_long_names_are_bounded(text: str) -> None:
    with pytest.raises(Invalid):
        read(text)


@pytest.mark.parametrize(
    ("word", "value"),
    [("0", 0), ("-0", 0), ("2147483647", 2**31 - 1), ("-2147483648", -(2**31)), ("0" * 9999 + "8", 8)]
    + [(word, None) for word in ("", "-", "0x", "1.5", "1_0", "٣", "9" * 9999, "0x80000000", "--1", "a")],
)
def test_integers(word: str, value: int | None) -> None:
    """32 bits; long numbers are refused without being computed."""
    assert parse_int(word) == value


@pytest.mark.parametrize(
    ("path", "kept"),
    [("a//b", "a/b"), ("./a/./b/", "a/b"), ("../a", "../a"), ("/a", "/a"), ("", "."), ("/", "/")],
)
def test_import_paths(path: str, kept: str) -> None:
    """Empty and `.` segments go, `..` and a leading slash stay."""
    assert import_path(path) == kept


def test_messages_say_where() -> None:
    """Line and column, as the recorded registry counts them."""
    with pytest.raises(Invalid, match=":2:16: expected '=' but was ';'"):
        read("message A {\n  repeated b c;\n}")
