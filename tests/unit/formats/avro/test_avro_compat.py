"""Compatibility: rules, paths and limits (docs/wire.md, Avro, compatibility)."""

import json

import pytest

from registan.formats.avro import AVRO, AvroSchema
from registan.formats.budget import BUDGET
from registan.formats.protocol import Invalid
from registan.model.schema import SchemaType, Source


def parse(schema) -> AvroSchema:
    text = schema if isinstance(schema, str) else json.dumps(schema)
    return AVRO.parse(Source(SchemaType.AVRO, text), {})


def found(reader, writer) -> list[tuple[str, str]]:
    return [(each.rule, each.path) for each in AVRO.incompatibilities(parse(reader), parse(writer))]


def record(name: str, **fields) -> dict:
    return {"type": "record", "name": name, "fields": [{"name": k, "type": v} for k, v in fields.items()]}


PROMOTED = {
    *(("int", to) for to in ("long", "float", "double")),
    *(("long", "float"), ("long", "double"), ("float", "double"), ("string", "bytes"), ("bytes", "string")),
}
KINDS = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]


@pytest.mark.parametrize("writer", KINDS)
@pytest.mark.parametrize("reader", KINDS)
def test_promotions(reader: str, writer: str) -> None:
    good = reader == writer or (writer, reader) in PROMOTED
    assert found(json.dumps(reader), json.dumps(writer)) == ([] if good else [("TYPE_MISMATCH", "/")])


def test_messages_have_the_words_put_in() -> None:
    (finding,) = AVRO.incompatibilities(parse(record("R", a="int", b="int")), parse(record("R", a="int")))
    assert finding.message("new", "old") == (
        "{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'b' at path '/fields/1' in "
        "the new schema has no default value and is missing in the old schema', additionalInfo:'b'}"
    )


def test_names_match_without_namespace_or_by_alias() -> None:
    assert found(record("a.R"), record("b.R")) == []
    assert found(record("S"), record("n.R")) == [("NAME_MISMATCH", "/name")]
    assert found({**record("S"), "aliases": ["n.R"]}, record("n.R")) == []
    assert found({**record("n.S"), "aliases": ["R"]}, record("R")) == [("NAME_MISMATCH", "/name")]


def test_enums() -> None:
    def enum(*symbols: str, **more) -> dict:
        return {"type": "enum", "name": "E", "symbols": list(symbols), **more}

    assert found(enum("A"), enum("B", "A", "C")) == [("MISSING_ENUM_SYMBOLS", "/symbols")]
    assert found(enum("A", default="A"), enum("B")) == []
    assert found(enum("A", "B"), enum("A")) == []
    added = record("R", e=enum("A", default="A"))
    assert found(added, record("R")) == [("TYPE_MISMATCH", "/fields/0/type")]


def test_fixed() -> None:
    def fixed(name: str, size: int) -> dict:
        return {"type": "fixed", "name": name, "size": size}

    assert found(fixed("A", 1), fixed("B", 2)) == [
        ("NAME_MISMATCH", "/name"),
        ("FIXED_SIZE_MISMATCH", "/size"),
    ]


def test_unions() -> None:
    assert found(["null", "int"], ["null", "string", "long"]) == [
        ("MISSING_UNION_BRANCH", "/1"),
        ("MISSING_UNION_BRANCH", "/2"),
    ]
    assert found('"long"', ["int", "null", "string"]) == [("TYPE_MISMATCH", "/1"), ("TYPE_MISMATCH", "/2")]
    assert found(["null", "double"], '"int"') == []
    assert found(["null", "int"], '"double"') == [("MISSING_UNION_BRANCH", "/")]


def test_field_aliases() -> None:
    def aliased(*aliases: str) -> dict:
        return {
            "type": "record",
            "name": "R",
            "fields": [{"name": "a", "type": "int", "aliases": list(aliases)}],
        }

    assert found(aliased("b"), record("R", b="int")) == []
    assert found(aliased("b"), record("R", b="string")) == [("TYPE_MISMATCH", "/fields/0/type")]
    (finding,) = AVRO.incompatibilities(parse(aliased("b")), parse(record("R", a="int", b="int")))
    assert finding.message("new", "old") == (
        "Unexpected exception during compatibility check: Reader record field a type:INT pos:0 matches "
        'multiple fields in writer record schema {"type":"record","name":"R","fields":['
        '{"name":"a","type":"int"},{"name":"b","type":"int"}]}'
    )
    assert len(AVRO.incompatibilities(parse(aliased("a")), parse(record("R", a="int")))) == 1


def test_a_pair_met_again_keeps_its_first_path() -> None:
    inner, changed = record("In", x="int"), record("In", x="string")
    assert (
        found(record("R", a=inner, b="In"), record("R", a=changed, b="In"))
        == [("TYPE_MISMATCH", "/fields/0/type/fields/0/type")] * 2
    )
    # First tried as a branch of a union, where paths begin anew.
    assert found(record("R", a=["null", inner], b="In"), record("R", a=["null", changed], b="In")) == [
        ("MISSING_UNION_BRANCH", "/fields/0/type/1"),
        ("TYPE_MISMATCH", "/fields/0/type"),
    ]


def test_recursive_types() -> None:
    def chain(type_: str) -> dict:
        return record("R", v=type_, next=["null", "R"])

    assert found(chain("long"), chain("int")) == []
    assert found(chain("int"), chain("long"))[0] == ("TYPE_MISMATCH", "/fields/0/type")


def test_messages_that_multiply_are_cut() -> None:
    """Each record holds the one before twice: 2^40 places of one difference."""

    def doubled(type_: str) -> dict:
        inner = record("R0", v=type_)
        for i in range(1, 40):
            inner = record(f"R{i}", a=inner, b=f"R{i - 1}")
        return inner

    assert 1 < len(found(doubled("int"), doubled("string"))) <= 2_000
    assert found(doubled("long"), doubled("int")) == []


def test_wide_unions() -> None:
    """A million pairs of branches."""

    def union(type_: str) -> list:
        return [record(f"R{i}", v=type_) for i in range(1000)]

    assert found(union("long"), list(reversed(union("int")))) == []
    assert len(found(union("int"), union("long"))) == 1000


@pytest.mark.parametrize("budget", ["avro_comparison_depth", "avro_comparison_steps"])
def test_pairs_that_multiply_are_refused(budget: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rings of types of coprime lengths: all pairs can meet."""
    monkeypatch.setattr(BUDGET, "avro_comparison_depth", 10**9)
    monkeypatch.setattr(BUDGET, budget, 20_000)

    def ring(length: int) -> str:
        types = [record("R" if i == 0 else f"R{i}", next=f"R{i + 1}") for i in range(length)]
        types[-1]["fields"][0]["type"] = "R"
        return json.dumps([*types[1:], types[0]])

    reader = json.loads(ring(1009))[-1]
    schemas = []
    for length in (1009, 1013):
        types = json.loads(ring(length))
        schemas.append(parse({"type": "record", "name": "Top", "fields": [{"name": "r", "type": types}]}))
    assert reader["name"] == "R"
    with pytest.raises(Invalid, match=rf"limits\.budget\.{budget} is 20,000"):
        AVRO.incompatibilities(schemas[0], schemas[1])


def test_deep_types_use_no_stack() -> None:
    opening = '{"type":"array","items":'
    deep = opening * 1000 + '"%s"' + "}" * 1000
    assert found(deep % "long", deep % "int") == []
    assert found(deep % "int", deep % "long") == [("TYPE_MISMATCH", "/items" * 1000)]
