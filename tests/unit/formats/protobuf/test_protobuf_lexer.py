"""Tokens of .proto texts."""

import pytest

from registan.formats.protobuf import lexer
from registan.formats.protocol import Invalid


def kept(text: str) -> list[str]:
    return [token for token in lexer.tokens(text) if token]


def test_blanks_and_comments_fall_away() -> None:
    """Space, tab, CR, LF and both kinds of comment separate tokens and are gone."""
    assert kept("a\t/* b // */c//d\r\n e // f") == ["a", "c", "e"]


def test_strings_keep_quotes_and_comment_marks() -> None:
    assert kept("'a\\'b' \"/* c */\"") == ["'a\\'b'", '"/* c */"']


@pytest.mark.parametrize("char", ["\ufeff", "\u00a0", "\f", "\0"])
def test_other_blanks_are_tokens_that_nobody_expects(char: str) -> None:
    assert kept(f"{char}a") == [char, "a"]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("; /* a */\n", True),
        ("; /* a \n b */ \t\n", True),
        ("; /* a */", True),
        (";\n/* a */ b", True),
        ("; /* a */ b", False),
        ("; /* a */\r\n", False),
        (";/* a *//* b */\n", False),
    ],
)
def test_semicolon_knows_of_a_comment_with_something_behind(text: str, plain: bool) -> None:
    """A block comment on the same line makes another token of `;` if something follows it."""
    assert (kept(text)[0] == ";") == plain


@pytest.mark.parametrize(
    "unit", ["/*", '"\\"', "'", " ", "\n", ";/*", "/**/", "\\", '"a', "/", "//\n", "; /* */ x"]
)
def test_many_of_anything_are_cut_in_one_pass(unit: str) -> None:
    """No input makes the pattern start over: a long text has no more tokens than characters."""
    text = unit * 100_000
    assert len(lexer.tokens(text)) <= len(text) + lexer.LOOKAHEAD + 2


@pytest.mark.parametrize(
    ("literal", "text"),
    [
        (r"'\a\b\f\n\r\t\v'", "\a\b\f\n\r\t\v"),
        (r"'\x41\X4a\x7'", "AJ\x07"),
        (r"'\101\0\12z\1234'", "A\0\nzS4"),
        (r"'\u0041\?\q'", "u0041?q"),
        ("'a\nb'", "a\nb"),
    ],
)
def test_escapes(literal: str, text: str) -> None:
    assert lexer.unquote(literal) == text


def test_hexadecimal_escape_needs_a_digit() -> None:
    with pytest.raises(Invalid, match="expected a digit"):
        lexer.unquote(r"'\xg'")


def test_printed_strings_escape_ten_characters() -> None:
    """Everything else stays raw, even a NUL."""
    assert lexer.quote("\a\b\f\n\r\t\v\\'\"é\0") == '"\\a\\b\\f\\n\\r\\t\\v\\\\\\\'\\"é\0"'


def test_places_count_lines_and_columns_from_one() -> None:
    text = "a b\n  c"
    assert [lexer.place(text, i) for i in range(3)] == ["1:1", "1:3", "2:3"]
