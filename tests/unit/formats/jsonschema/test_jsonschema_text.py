"""Texts: what is JSON, what is stored of it, and its normal form (docs/wire.md, JSON Schema 5.1, 5.2)."""

import pytest

from registan.formats.jsonschema import JSON_SCHEMA
from registan.formats.protocol import Invalid


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
def test_a_blank_text_is_empty(kit, text):
    assert kit.why(text) == "Empty schema"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "{",
            "{]",
            "{'a':1}",
            '{"a":1,}',
            "[1,]",
            "{a:1}",
            '{"a" 1}',
            '{"a":}',
            '{"a":1 "b":2}',
            "// x\n{}",
        ),
        *('{"a":/*x*/1}', "\ufeff{}", "\f{}", "\u00a0{}", '{"a":"\x01"}', '{"a":"\n"}', '{"a":"\\x"}'),
        *('{"a":01}', '{"a":+1}', '{"a":.5}', '{"a":5.}', '{"a":0x1}', '{"a":1e}', '{"a":-}', '{"a":nan}'),
        *('{"a":tru}', '{"a":"x}', '{"a":"\\u12"}', "nope", '{"a":undefined}', "{\"a\":'x'}", '{"a":NaNx}'),
    ],
)
def test_what_is_no_json_is_refused(kit, text):
    with pytest.raises(Invalid) as refused:
        kit.parse(text)
    assert (refused.value.why, refused.value.syntax) == ("Invalid JSON schema", True)


@pytest.mark.parametrize("rest", [" ", "}", " {", "]]", ' "x', " nonsense", "\x01", ",{}"])
def test_what_follows_the_first_value_is_ignored(kit, rest):
    assert kit.parse('{"a":1}' + rest).text == '{"a":1}'


def test_a_key_twice_keeps_its_first_place_and_last_value(kit):
    assert kit.parse('{"a":1,"b":2,"a":3}').text == '{"a":3,"b":2}'


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_are_strings(kit, word):
    assert kit.parse(f'{{"default":{word}}}').text == f'{{"default":"{word}"}}'
    assert kit.why(f'{{"maximum":{word}}}') == "Invalid JSON"


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ('{"a":' * 999 + "{}" + "}" * 999, '{"a":' * 1000 + "{}" + "}" * 1000),
        ('{"a":' + "[" * 999 + "]" * 999 + "}", '{"a":' + "[" * 1000 + "]" * 1000 + "}"),
        ('{"a":' + "1" * 1000 + "}", '{"a":' + "1" * 1001 + "}"),
        ('{"' + "k" * 50_000 + '":1}', '{"' + "k" * 50_001 + '":1}'),
    ],
    ids=["objects", "arrays", "digits", "name"],
)
def test_limits_of_texts(kit, good, bad):
    assert kit.why(good) is None
    assert kit.why(bad) == "Invalid JSON schema"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1", "NUMBER"),
        ("-1.5e3", "NUMBER"),
        ("null", "NULL"),
        ('"x"', "STRING"),
        ("[]", "ARRAY"),
        ("[{}]", "ARRAY"),
    ],
)
def test_a_root_is_an_object_or_a_boolean(kit, text, kind):
    with pytest.raises(Invalid) as refused:
        kit.parse(text)
    assert (
        refused.value.why == f"Invalid JSON schema: expected an object or boolean at the root, found {kind}"
    )
    assert not refused.value.syntax


@pytest.mark.parametrize("text", ["true", "false", "{}"])
def test_roots(kit, text):
    assert kit.parse(f" {text} ").text == text


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        *(("1", "1"), ("-0", "0"), ("-1", "-1"), ("1" * 400, "1" * 400), ("1.0", "1.0"), ("1.50", "1.50")),
        *(("25e-1", "2.5"), ("5e+0", "5"), ("-0.0", "0.0"), ("1e2", "1E+2"), ("1.50e3", "1.50E+3")),
        *(
            ("0.0000001", "1E-7"),
            ("0.000001", "0.000001"),
            ("0e5", "0E+5"),
            ("0.00", "0.00"),
            ("1E5", "1E+5"),
        ),
        *(
            ("-1.5E-10", "-1.5E-10"),
            ("12345e-2", "123.45"),
            ("1e0", "1"),
            ("0e-7", "0E-7"),
            ("0.10e1", "1.0"),
        ),
        *(("100e-8", "0.00000100"), ("123e5", "1.23E+7"), ("-0e2", "0E+2")),
    ],
)
def test_numbers_as_stored(kit, written, stored):
    assert kit.parse(f'{{"default":{written}}}').text == f'{{"default":{stored}}}'


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        *(('"\\/"', '"/"'), ('"\\u0041"', '"A"'), ('"\\u001f"', '"\\u001F"'), ('"\\n\\t\\b\\f\\r"',) * 2),
        *(('"\\"\\\\"',) * 2, ('"\\u007f"', '"\x7f"'), ('"\\u2028"', '"\u2028"'), ('"\\u00e9"', '"é"')),
        *(('"\\ud83d\\ude80"', '"\U0001f680"'), ('"\\ud83d"', '"?"'), ('"\\ude80\\ud83d"', '"??"')),
        *(('"\\\\u001f"', '"\\\\u001f"'), ('"\\u0000"',) * 2, ('"\\u0000" ', '"\\u0000"')),
    ],
)
def test_strings_as_stored(kit, written, stored):
    assert kit.parse(f'{{"default":{written}}}').text == f'{{"default":{stored}}}'


def test_nothing_is_added_dropped_or_moved(kit):
    text = '{"x":null,"type":"object","b":{},"a":[],"required":[],"properties":{"z":{},"a":true}}'
    assert kit.parse(text).text == text


def normal(kit, text: str) -> str:
    return JSON_SCHEMA.normalize(kit.parse(text)).text


def test_the_normal_form_orders_keys_at_every_depth(kit):
    text = '{"z":{"b":1,"a":[{"d":1,"c":2}]},"enum":[{"y":1,"x":2}],"default":{"b":1,"a":2},"B":1}'
    assert normal(kit, text) == (
        '{"B":1,"default":{"a":2,"b":1},"enum":[{"x":2,"y":1}],"z":{"a":[{"c":2,"d":1}],"b":1}}'
    )


def test_the_normal_form_leaves_arrays_numbers_and_references(kit):
    text = '{"$ref":"#/definitions/b","definitions":{"b":{"enum":[3,1.0,1e2],"required":["b","a"]}}}'
    assert normal(kit, text) == (
        '{"$ref":"#/definitions/b","definitions":{"b":{"enum":[3,1.0,1E+2],"required":["b","a"]}}}'
    )


def test_keys_are_ordered_by_code_units(kit):
    """A character beyond the BMP comes before the last ones in it."""
    assert normal(kit, '{"\uff5e":1,"\U0001f680":2,"é":3,"a":4}') == '{"a":4,"é":3,"\U0001f680":2,"\uff5e":1}'


@pytest.mark.parametrize("text", ["true", "false", "{}"])
def test_short_normal_forms(kit, text):
    assert normal(kit, text) == text


def test_a_normal_form_is_one_schema_with_its_text(kit):
    schema = JSON_SCHEMA.normalize(kit.parse('{"b":1,"a":2}'))
    assert JSON_SCHEMA.same(schema, kit.parse('{"a":2,"b":1}'))
    assert not JSON_SCHEMA.same(schema, kit.parse('{"b":1,"a":2}'))


@pytest.mark.parametrize("style", ["", "resolved", "serialized", "nonsense"])
def test_all_styles_are_the_canonical_text(kit, style):
    assert JSON_SCHEMA.render(kit.parse('{ "b": 1 }'), style) == '{"b":1}'


@pytest.mark.parametrize(
    ("schema", "fits"),
    [
        ({"properties": {"a": {}}}, True),
        ({"properties": {"$$a": {}}}, False),
        ({"type": "object", "properties": {"$$": {}}}, False),
        ({"properties": {"a": {"properties": {"$$a": {}}}}}, True),
        ({"properties": {"$a": {}}}, True),
        ({"properties": {"$$a": {}}, "oneOf": [{}]}, True),
        ({"type": "string", "properties": {"$$a": {}}}, True),
    ],
)
def test_reserved_names_of_root_properties(kit, schema, fits):
    """Of a root that is an object schema, not a combined one."""
    parsed = kit.parse(schema)
    if fits:
        JSON_SCHEMA.check_fields(parsed)
        return
    with pytest.raises(Invalid) as refused:
        JSON_SCHEMA.check_fields(parsed)
    assert refused.value.why == "#: Field names cannot start with $$ prefix"
