"""Reading Avro texts: shapes, names, resolution, unions, defaults (docs/wire.md, Avro, parsing)."""

import json

import pytest

from registan.formats.avro import AVRO
from registan.formats.protocol import Invalid
from registan.model.schema import Referenced, SchemaType, Source


def canonical(schema, *, strict: bool = True, references: tuple[str, ...] = ()) -> str:
    text = schema if isinstance(schema, str) else json.dumps(schema)
    refs = {
        str(i): Referenced(f"s{i}", 1, Source(SchemaType.AVRO, each)) for i, each in enumerate(references)
    }
    return AVRO.canonical(AVRO.parse(Source(SchemaType.AVRO, text), refs, strict=strict))


def record(*fields, name: str = "R", **more) -> dict:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def field(type_, name: str = "f", **more) -> dict:
    return {"name": name, "type": type_, **more}


def refused(schema, *, strict: bool = True, references: tuple[str, ...] = ()) -> str:
    with pytest.raises(Invalid) as caught:
        canonical(schema, strict=strict, references=references)
    return caught.value.why


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ('/* a */ "int"', '"int"'),
        ('// a\n{"type" /* b */ : "int"} \x00', '"int"'),
        ('["int"]', '["int"]'),
        ("[]", "[]"),
        ('{"type":"string","type":"int"}', '"int"'),
        ('{"type":"int","p":1,"q":2,"p":3}', '{"type":"int","p":3,"q":2}'),
        ('{"type":"int","a":"\\ud83d!"}', '{"type":"int","a":"?!"}'),
    ],
)
def test_text_is_lenient_json(text: str, stored: str) -> None:
    """Comments up to the end of the schema, blanks behind it, duplicate keys, half characters."""
    assert canonical(text) == stored


@pytest.mark.parametrize(
    "text",
    [
        '"int" // a',
        "int",
        "null",
        "1",
        "",
        '{"type":"int",}',
        "{'type':'int'}",
        '\ufeff"int"',
        '"a\tb"',
        '{"type":"int","a":NaN}',
        '{"type":"int","a":01}',
        '"int" "int"',
        '# a\n"int"',
        "/* a */",
    ],
)
def test_text_is_no_schema(text: str) -> None:
    assert refused(text)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": {"type": "string"}},
        {"type": ["null", "int"]},
        {"type": "union"},
        {"type": None},
        {"type": "record", "name": "A"},
        {"protocol": "P"},
        {"type": "array"},
        {"type": "array", "items": None},
        {"type": "map", "items": "int"},
        {"type": "error_union"},
        "record",
        ["null", ["int"]],
        [None],
    ],
)
def test_shapes_that_are_none(schema) -> None:
    assert refused(json.dumps(schema))


def test_named_type_in_an_object_loses_other_keys() -> None:
    schema = record(field({"type": "fixed", "name": "F", "size": 1}), field({"type": "F", "p": 1}, name="g"))
    assert canonical(schema).endswith('{"name":"g","type":"F"}]}')


@pytest.mark.parametrize(
    "change",
    [
        {"name": None},
        {"fields": None},
        {"fields": [3]},
        {"fields": [{"name": "a"}]},
        {"fields": [{"name": "a", "type": None}]},
        {"fields": [field("int"), field("long")]},
        {"fields": [field("int", order="up")]},
        {"fields": [field("int", order=None)]},
        {"fields": [field("int", aliases="x")]},
        {"aliases": None},
        {"aliases": ["a", 1]},
        {"aliases": ["a-b"]},
        {"name": "a..b"},
        {"name": "a."},
        {"name": "."},
        {"name": "int"},
        {"name": ".int"},
        {"name": "é"},
        {"namespace": "a-b"},
        {"namespace": "a."},
    ],
)
def test_record_attributes_refused(change: dict) -> None:
    assert refused({**record(field("int")), **change})


@pytest.mark.parametrize(
    ("change", "stored"),
    [
        ({"doc": 3}, '{"type":"record","name":"R","fields":[]}'),
        ({"namespace": 3}, '{"type":"record","name":"R","fields":[]}'),
        ({"name": ".Host"}, '{"type":"record","name":"Host","fields":[]}'),
        ({"name": "a.Host", "namespace": "-"}, '{"type":"record","name":"Host","namespace":"a","fields":[]}'),
        ({"name": "n.long"}, '{"type":"record","name":"long","namespace":"n","fields":[]}'),
        ({"name": "record"}, '{"type":"record","name":"record","fields":[]}'),
        ({"aliases": ["A", "A"]}, '{"type":"record","name":"R","fields":[],"aliases":["A"]}'),
        ({"type": "error"}, '{"type":"error","name":"R","fields":[]}'),
    ],
)
def test_record_attributes_accepted(change: dict, stored: str) -> None:
    assert canonical({**record(), **change}) == stored


@pytest.mark.parametrize(
    ("size", "good"),
    [
        (0, True),
        (2147483639, True),
        (2147483640, False),
        (-1, False),
        (2.0, False),
        ("2", False),
        (None, False),
    ],
)
def test_size_of_a_fixed(size, good: bool) -> None:
    schema = {"type": "fixed", "name": "F", "size": size}
    assert canonical(schema) if good else refused(schema)


@pytest.mark.parametrize(
    "change",
    [{"symbols": ["A", "A"]}, {"symbols": ["a-b"]}, {"symbols": [1]}, {"symbols": "A"}, {"default": "C"}],
)
def test_enum_refused(change: dict) -> None:
    enum = {"type": "enum", "name": "E", "symbols": ["A", "B"], **change}
    assert refused(enum)
    assert refused(enum, strict=False)


def test_lax_takes_letters_of_any_script_but_no_signs() -> None:
    """validateNewSchemas=false: names and defaults are checked less."""
    assert canonical(
        record(field("int", name="größe1", default="x"), name="Größe", namespace="é"), strict=False
    )
    for name in ("a-b", "a b", "$a", "1é", "\U00020000", ""):
        assert refused(record(field("int", name=name)), strict=False)


# -- names


def test_dotless_name_is_of_the_namespace_first() -> None:
    """n.X; else X without namespace, if it is defined by then."""
    inner = record(name="X", namespace="")
    assert canonical(record(field(inner), field("X", name="g"), namespace="n")).endswith('"type":"X"}]}')
    assert "n.X" in refused(record(field("X", name="g"), field(inner), namespace="n"))


def test_forward_references() -> None:
    """The definition is printed where it is met first."""
    schema = record(field("X"), field(record(field("int"), name="X"), name="g"))
    assert canonical(schema) == (
        '{"type":"record","name":"R","fields":[{"name":"f","type":{"type":"record","name":"X",'
        '"fields":[{"name":"f","type":"int"}]}},{"name":"g","type":"X"}]}'
    )


def test_outer_record_is_no_fallback_for_another_namespace() -> None:
    """It is not defined before it ends."""
    assert "a.R" in refused(record(field(record(field("R"), name="In", namespace="a"))))


@pytest.mark.parametrize(
    ("second", "good"),
    [
        ({"doc": "other", "aliases": ["Q"]}, True),
        ({"type": "error"}, True),
        ({"p": 1}, False),
        ({"fields": [field("long")]}, False),
        ({"fields": [field("int", default=1)]}, False),
        ({"fields": [field("int", doc="d", aliases=["z"])]}, True),
        ({"fields": [field("int", order="ignore")]}, False),
    ],
)
def test_definition_given_twice(second: dict, good: bool) -> None:
    one = record(field("int"), name="X")
    schema = record(field(one), field({**one, **second}, name="g"))
    if good:
        assert canonical(schema).endswith('{"name":"g","type":"X"}]}')
    else:
        assert refused(schema) == "Can't redefine: X"


def test_definitions_with_open_names_are_never_equal() -> None:
    one = record(field("Z"), name="X")
    assert refused(record(field(one), field(one, name="g"), field(record(name="Z"), name="z")))


def test_no_definition_inside_itself() -> None:
    assert refused(record(field(record(name="R"))))


@pytest.mark.parametrize(
    "union",
    [
        ["int", {"type": "int", "logicalType": "date"}],
        [{"type": "array", "items": "int"}, {"type": "array", "items": "long"}],
        [record(name="A"), "A"],
        ["A", record(name="A")],
        [record(name="array"), {"type": "array", "items": "int"}],
    ],
)
def test_branches_of_one_kind_or_name(union: list) -> None:
    assert refused(union).startswith("Duplicate in union")


# -- defaults

POINT = record(field("int", name="x"), field("int", name="y", default=0), name="P")
GOOD = [
    ("null", None),
    ("int", -(2**31)),
    ("long", 2**63 - 1),
    ("float", 10**30),
    ("double", 1),
    ("double", " 0x1p3d "),
    ("bytes", "\u0100"),
    ({"type": "enum", "name": "E", "symbols": []}, "Z"),
    ({"type": "fixed", "name": "F", "size": 9}, ""),
    (["null", "int"], 3),
    ({"type": "array", "items": ["null", "int"]}, [None, 1]),
    ({"type": "map", "values": "long"}, {"a": 1}),
    (POINT, {"x": 1, "unknown": 2}),
]
BAD = [
    ("null", 0),
    ("boolean", 1),
    ("int", 2**31),
    ("int", 1.0),
    ("int", True),
    ("long", 2**63),
    ("double", True),
    ("string", None),
    (["double"], "1"),
    ({"type": "array", "items": "int"}, {}),
    ({"type": "array", "items": "int"}, [1, "x"]),
    ({"type": "map", "values": "int"}, []),
    (POINT, {"y": 1}),
    (POINT, {"x": "1"}),
]


@pytest.mark.parametrize(("type_", "default"), GOOD)
def test_default_suits(type_, default) -> None:
    assert canonical(record(field(type_, default=default)))


@pytest.mark.parametrize(("type_", "default"), BAD)
def test_default_does_not_suit(type_, default) -> None:
    schema = record(field(type_, default=default))
    assert refused(schema)
    assert canonical(schema, strict=False)


def test_text_that_is_no_number_is_refused_even_when_lax() -> None:
    assert refused(record(field("float", default="abc")), strict=False)


def test_no_object_is_a_default_of_an_unfinished_record() -> None:
    """Its fields are not known. Where none is reached it does not matter."""
    assert "not set yet" in refused(record(field("R", default={})))
    assert "not set yet" in refused(record(field({"type": "array", "items": "R"}, default=[{}])))
    assert canonical(record(field({"type": "array", "items": "R"}, default=[])))
    assert canonical(record(field(["null", "R"], default=None)))


def test_default_of_a_forward_reference_is_judged_twice() -> None:
    """As a record without fields, and when all is known."""
    later = field(record(field("int"), name="X"), name="g")
    assert canonical(record(field("X", default={"f": 1}), later))
    assert refused(record(field("X", default={}), later))
    assert refused(record(field("X", default=[]), later))
    enum = field({"type": "enum", "name": "X", "symbols": ["A"]}, name="g")
    assert refused(record(field("X", default="A"), enum))


def test_defaults_that_multiply_are_judged_once() -> None:
    """2^60 ways to the innermost record."""
    chain = [record(field("int", default=1), name="R0")]
    for i in range(1, 60):
        fields = (field(f"R{i - 1}", default={}, name=name) for name in ("a", "b"))
        chain.append(record(*fields, name=f"R{i}"))
    assert canonical(chain)


# -- references


def test_types_of_references_print_by_name() -> None:
    """Those that are the schema of a reference; nested ones are written in full."""
    address = json.dumps(record(field({"type": "enum", "name": "Land", "symbols": ["D"]}), name="geo.A"))
    schema = record(field("geo.A"), field("geo.Land", name="g"))
    assert canonical(schema, references=(address,)) == (
        '{"type":"record","name":"R","fields":[{"name":"f","type":"geo.A"},{"name":"g","type":'
        '{"type":"enum","name":"Land","namespace":"geo","symbols":["D"]}}]}'
    )


def test_resolved_prints_references_in_full() -> None:
    refs = {"a": Referenced("a", 1, Source(SchemaType.AVRO, json.dumps(record(name="n.A"))))}
    schema = AVRO.parse(Source(SchemaType.AVRO, '["null","n.A"]'), refs)
    assert (
        AVRO.render(schema, "resolved") == '["null",{"type":"record","name":"A","namespace":"n","fields":[]}]'
    )
    assert AVRO.render(schema, "other") == '["null","n.A"]'


def test_reference_defined_again() -> None:
    one = record(field("int"), name="n.A")
    assert canonical(one, references=(json.dumps(one),)) == '"n.A"'
    assert refused(record(name="n.A"), references=(json.dumps(one),)) == "Can't redefine: n.A"


# -- limits


@pytest.mark.parametrize(
    ("opening", "count"), [("[", 10_000_000), ('{"type":"array","items":', 100_000), ('{"a":', 100_000)]
)
def test_deep_nesting_is_refused(opening: str, count: int) -> None:
    assert "nested deeper" in refused(opening * count)


def test_deep_records_are_refused_or_read() -> None:
    """Up to the depth that a JSON text may have; no stack is used up."""

    def deep(levels: int) -> str:
        start = '{"type":"record","name":"R%d","fields":[{"name":"f","type":'
        return "".join(start % i for i in range(levels)) + '"int"' + "}]}" * levels

    assert canonical(deep(333)) == deep(333)
    assert "nested deeper" in refused(deep(100_000))


def test_depth_limit_is_that_of_the_recorded_server() -> None:
    opening = '{"type":"array","items":'
    assert canonical(opening * 1000 + '"int"' + "}" * 1000)
    assert refused(opening * 1001 + '"int"' + "}" * 1001)
