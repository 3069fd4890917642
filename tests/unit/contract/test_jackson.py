"""Request bodies: read as the recorded server reads them, refused in its words (docs/wire.md, bodies)."""

from __future__ import annotations

import codecs
import json

import pytest

from registan.contract.body.policy import ModeUpdate
from registan.contract.body.schema import RegisterRequest
from registan.contract.jackson import decode_body
from registan.model.fault import Fault, Refusal


def read(body, type_=RegisterRequest):
    return decode_body(body if isinstance(body, bytes) else body.encode(), type_)


def objection(body, type_=RegisterRequest):
    with pytest.raises(Refusal) as refused:
        read(body, type_)
    assert refused.value.fault is Fault.BAD_REQUEST
    return refused.value.message


# what is taken


@pytest.mark.parametrize("body", ["", " \n\t", "null", " null "])
def test_nothing_is_nothing(body):
    assert read(body) is None


def test_an_object_is_read_by_its_names():
    body = read('{"schema":"x","schemaType":"JSON","id":3}')
    assert (body.schema, body.schema_type, body.id, body.version) == ("x", "JSON", 3, None)


@pytest.mark.parametrize(
    ("body", "schema"),
    [
        ('{"Schema":"x"}', None),
        ('{"unknown":[{}],"schema":"x"}', "x"),
        ('{"schema":"a","schema":"b"}', "b"),
        ('{"schema":null}', None),
        ('{"schema":5}', "5"),
        ('{"schema":1.50}', "1.50"),
        ('{"schema":true}', "true"),
        ('{"schema":NaN}', "NaN"),
        ('{"schema":"\\u00e9\\n\\/"}', "é\n/"),
        ('{"schema":"\\ud83d\\ude00"}', "😀"),
    ],
)
def test_texts_are_taken_from_what_can_be_one(body, schema):
    assert read(body).schema == schema


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("5", 5),
        ('"5"', 5),
        ('" 5 "', 5),
        ('"+5"', 5),
        ("1.9", 1),
        ("-1.9", -1),
        ("1e2", 100),
        ('""', None),
        ('"null"', None),
        ("null", None),
        ("NaN", 0),
        ("2147483647", 2147483647),
        ("-2147483648", -2147483648),
    ],
)
def test_numbers_are_taken_from_what_can_be_one(value, number):
    assert read(f'{{"id":{value}}}').id == number


@pytest.mark.parametrize(
    ("value", "flag"),
    [
        ("true", True),
        ('"true"', True),
        ('"True"', True),
        ('"TRUE"', True),
        ('"FALSE"', False),
        ("0", False),
        ("7", True),
        ('""', None),
        ("null", None),
    ],
)
def test_booleans_are_taken_from_what_can_be_one(value, flag):
    assert read(f'{{"propagateSchemaTags":{value}}}').propagate_schema_tags == flag


def test_only_a_mode_may_be_a_bare_string():
    assert read('"READONLY"', ModeUpdate).mode == "READONLY"
    assert "no String-argument constructor" in objection('"x"')


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
def test_the_encoding_shows_in_the_first_bytes(encoding):
    assert read('{"schema":"é😀"}'.encode(encoding)).schema == "é😀"


@pytest.mark.parametrize("bom", [codecs.BOM_UTF16_LE + b"{", codecs.BOM_UTF32_BE + b"\xff"])
def test_a_broken_encoding_is_refused(bom):
    assert objection(bom).startswith("Invalid UTF-")


# what is not

CANNOT_CONSTRUCT = (
    "Cannot construct instance of `RegisterSchemaRequest` (although at least one Creator exists):"
)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "[]",
            (
                "Cannot deserialize value of type `RegisterSchemaRequest` from Array value "
                "(token `JsonToken.START_ARRAY`)"
            ),
        ),
        (
            "5",
            (
                f"{CANNOT_CONSTRUCT} "
                "no int/Int-argument constructor/factory method to deserialize from Number value (5)"
            ),
        ),
        (
            "1.5",
            (
                f"{CANNOT_CONSTRUCT} "
                "no double/Double-argument constructor/factory method to deserialize from Number value (1.5)"
            ),
        ),
        (
            "true",
            (
                f"{CANNOT_CONSTRUCT} "
                "no boolean/Boolean-argument constructor/factory method to deserialize "
                "from boolean value (true)"
            ),
        ),
        (
            '"x"',
            (
                f"{CANNOT_CONSTRUCT} "
                "no String-argument constructor/factory method to deserialize from String value ('x')"
            ),
        ),
        (
            '{"metadata":""}',
            (
                'Cannot coerce empty String ("") to `Metadata` value '
                "(but could if coercion was enabled using `CoercionConfig`)"
            ),
        ),
        (
            '{"id":"x"}',
            (
                'Cannot deserialize value of type `Integer` from String "x": '
                "not a valid `java.lang.Integer` value"
            ),
        ),
        (
            '{"id":true}',
            "Cannot deserialize value of type `Integer` from Boolean value (token `JsonToken.VALUE_TRUE`)",
        ),
        (
            '{"id":2147483648}',
            "Numeric value (2147483648) out of range of int (-2147483648 - 2147483647)",
        ),
        (
            '{"propagateSchemaTags":"yes"}',
            'Cannot deserialize value of type `Boolean` from String "yes": only "true" or "false" recognized',
        ),
        (
            '{"propagateSchemaTags":1.5}',
            (
                "Cannot deserialize value of type `Boolean` from Floating-point value "
                "(token `JsonToken.VALUE_NUMBER_FLOAT`)"
            ),
        ),
        (
            '{"schema":{}}',
            "Cannot deserialize value of type `String` from Object value (token `JsonToken.START_OBJECT`)",
        ),
        (
            '{"references":{}}',
            (
                "Cannot deserialize value of type `SchemaReference>` from Object value "
                "(token `JsonToken.START_OBJECT`)"
            ),
        ),
        (
            '{"ruleSet":{"domainRules":[{"kind":"x"}]}}',
            (
                'Cannot deserialize value of type `RuleKind` from String "x": '
                "not one of the values accepted for Enum class: [CONDITION, TRANSFORM]"
            ),
        ),
        (
            '{"ruleSet":{"domainRules":[{"mode":"x"}]}}',
            (
                'Cannot deserialize value of type `RuleMode` from String "x": not one of the values accepted '
                "for Enum class: [DOWNGRADE, READ, UPGRADE, UPDOWN, WRITE, WRITEREAD]"
            ),
        ),
    ],
)
def test_values_of_the_wrong_type_are_refused_in_its_words(body, message):
    assert objection(body) == message


START = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 1]"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "{",
            f"Unexpected end-of-input: expected close marker for Object (start marker at {START})",
        ),
        (
            '{"a":1,}',
            "Unexpected character ('}' (code 125)): was expecting double-quote to start field name",
        ),
        (
            "x",
            (
                "Unrecognized token 'x': was expecting (JSON String, Number (or 'NaN'/'+INF'/'-INF'), Array, "
                "Object or token 'null', 'true' or 'false')"
            ),
        ),
        (
            "{}{}",
            (
                "Trailing token (of type START_OBJECT) found after value (bound as `RegisterSchemaRequest`): "
                "not allowed as per `DeserializationFeature.FAIL_ON_TRAILING_TOKENS`"
            ),
        ),
        (b'{"schema":"\xff"}', "Invalid UTF-8 start byte 0xff"),
    ],
)
def test_what_is_no_json_is_refused_in_its_words(body, message):
    assert objection(body) == message


@pytest.mark.parametrize(
    "body",
    [
        "{/* c */}",
        "{'schema':1}",
        '{"id":01}',
        '{"id":+1}',
        '{"id":1.}',
        '{"id":1e}',
        '{"id":-}',
        '{"a" 1}',
        '{"a":}',
        '{"a":1 "b":2}',
        '{"schema":"\n"}',
        '{"schema":"\\x"}',
        '{"schema":"\\u12"}',
        '{"schema":"',
        '{"schema',
        '{"schema":"\\ud800"}',
        "[1,2",
        "[1}",
        "]",
        '{"a":tru}',
        "\x01{}",
        '{"id":Infinity}',
        '{"id":+INF}',
        "{,}",
        '{"a":1]',
    ],
)
def test_odd_json_is_refused(body):
    assert objection(body)


def test_what_comes_first_is_objected_to_first():
    """It maps while it reads: a wrong value is told before the mistake in what follows it."""
    assert "from String" in objection('{"id":"x","schema":')
    assert "from Array" in objection("[" * 1001)
    assert "Unexpected character" in objection('{"schema":,"id":"x"}')


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            '{"x":' + "[" * 1000 + "]" * 1000 + "}",
            "Document nesting depth (1001) exceeds the maximum allowed (1000",
        ),
        ('{"a":' * 100_000, "nesting depth"),
        ('{"x":' + "9" * 1001 + ',"id":"x"}', "Number value length (1001) exceeds the maximum allowed (1000"),
        ('{"' + "n" * 50_001 + '":1,"id":"x"}', "Name length (50001) exceeds the maximum allowed (50000"),
    ],
)
def test_limits_are_told(body, words):
    assert words in objection(body)


def test_a_text_beyond_the_limit_is_refused():
    body = b'{"schema":"' + b"x" * 20_000_100 + b'"}'
    assert objection(body) == (
        "String value length (20000100) exceeds the maximum allowed (20000000, from `getMaxStringLength()`)"
    )


def test_a_text_at_the_limit_is_taken():
    assert len(read(b'{"schema":"' + b"x" * 20_000_000 + b'"}').schema) == 20_000_000


@pytest.mark.parametrize("depth", [1, 100, 999])
def test_deep_values_of_unknown_names_are_skipped(depth):
    assert read(f'{{"unknown":{"[" * depth}{"]" * depth},"schema":"x"}}').schema == "x"


@pytest.mark.parametrize("value", ["x", "\u2028", "\U0001f600", "\x7f", "", "a\\b"])
def test_both_ways_of_reading_agree(value):
    """The quick one, and the tolerant one, which a number for the schema type brings about."""
    quick = read(json.dumps({"schema": value, "schemaType": "5"}))
    tolerant = read(json.dumps({"schema": value, "schemaType": 5}))
    assert quick == tolerant
