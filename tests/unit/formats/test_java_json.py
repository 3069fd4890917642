"""JSON texts read and written as a Java server's parser does."""

from decimal import Decimal

import pytest

from registan.formats.java_json import (
    Dialect,
    depth,
    in_order,
    reader,
    storable,
    string,
    with_sorted_names,
    write,
)
from registan.formats.protocol import Invalid

strict = reader(Dialect())
exact = reader(Dialect(exact=True, non_finite=True, rest_ignored=True))
commented = reader(Dialect(comments=True))


def refused(read, text: str) -> str:
    with pytest.raises(Invalid) as caught:
        read(text)
    return caught.value.why


def test_duplicate_names_keep_place_and_last_value() -> None:
    for text in ('{"a":1,"b":2,"a":3}', '{"a":1,"b":2,"a":3,"c":"\\ud800"}'):
        assert list(strict(text).items())[:2] == [("a", 3), ("b", 2)]


def test_numbers() -> None:
    assert strict("[1, -0, 1e2, 1e999, 123456789012345678901234567890]") == [
        *(1, 0, 100.0, float("inf")),
        123456789012345678901234567890,
    ]
    assert exact("[1.50e3, NaN, -Infinity]") == [Decimal("1.50e3"), "NaN", "-Infinity"]


def test_comments_only_where_allowed() -> None:
    assert commented("/**/ [1, // x\n 2 /* y **/ ]") == [1, 2]
    for text in ("[1] // x", "/* x", "/*/ 1", "/*\x01*/ 1"):
        refused(commented, text)
    refused(strict, "/**/ 1")


def test_what_follows_the_value() -> None:
    assert strict("[1] \x00\x1f") == [1]
    assert "dangling" in refused(strict, "[1] x")
    assert exact("[1] x") == [1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1,]",
        "[,1]",
        '{"a":1,}',
        '{"a" 1}',
        "{a:1}",
        "['a']",
        "[01]",
        "[1.]",
        "[.5]",
        "[+1]",
        "[1e]",
        "tru",
        '"a\nb"',
        '"\\q"',
        '"\\u12"',
        '"a',
        "\ufeff1",
        "\xa01",
        "[1 2]",
        '{"a":1 "b":2}',
        "[-]",
        "[true1]",
        "NaN",
    ],
)
def test_no_json(text: str) -> None:
    assert "line 1, column" in refused(strict, text)


def test_places_are_told() -> None:
    assert refused(strict, '{\r\n"a": x}').endswith("(line 2, column 6)")


def test_limits() -> None:
    """1,000 levels, 1,000 digits, names of 50,000 characters; not one more."""
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        assert depth(strict(opening * 999 + "[]" + closing * 999)) == 1000
        refused(strict, opening * 1000 + "[]" + closing * 1000)
    assert strict("[1" + "0" * 999 + "]")
    refused(strict, "[1" + "0" * 1000 + "]")
    refused(strict, "[1." + "0" * 1000 + "]")
    assert strict('["' + "1" * 5000 + '"]')
    assert strict('{"' + "n" * 50_000 + '":1}')
    refused(strict, '{"' + "n" * 50_001 + '":1}')


def test_strings_are_escaped_as_little_as_possible() -> None:
    assert string('"\\\b\f\n\r\t\x1f/\x7f\u2028é🚀') == '"\\"\\\\\\b\\f\\n\\r\\t\\u001F/\x7f\u2028é🚀"'


def test_written_text() -> None:
    text = '{"a":[1,2.5,{"b":null,"c":[]},"x"],"d":{},"e":true,"f":"NaN"}'
    assert write(strict(text)) == text
    assert write(strict("[1e400, -1e400]")) == '["Infinity","-Infinity"]'
    assert write(exact("1e2")) == "1E+2"


def test_half_characters_are_stored_as_question_marks() -> None:
    assert storable(write(strict('"a\\ud83d\\ude80\\ud83db"'))) == '"a🚀?b"'


def test_order_is_that_of_utf_16() -> None:
    assert in_order(["\uffff", "🚀", "a", "B"]) == ["B", "a", "🚀", "\uffff"]
    assert write(with_sorted_names(strict('{"b":[{"d":1,"c":2}],"a":3}'))) == '{"a":3,"b":[{"c":2,"d":1}]}'
