"""Cuts a .proto text into tokens, with one regular expression and in linear time.

A token is a word (`[A-Za-z0-9_.-]+`), a string with its quotes, or one character. Blanks (space, tab,
CR, LF) and comments fall away. Three tokens are made to be refused by whoever meets them:
`;` with a block comment behind it that something follows on the same line (the place after a field,
constant or `reserved` does not allow that; all others take the token for a `;`), a block comment or a
string that never ends (each swallows the rest of the text), and any character that means nothing.
"""

from __future__ import annotations

import re

from registan.formats.protocol import Invalid

_BLANK = r"(?:[ \t\r\n]++|//[^\n]*+|/\*(?s:.*?)\*/)*+"
_TOKEN = re.compile(
    _BLANK
    + r"""([A-Za-z0-9_.\-]++"""
    + r"""|;[ \t]*+/\*(?s:.*?)\*/(?![ \t]*+(?:\n|\Z))"""
    + r"""|"(?:[^"\\]++|\\(?s:.))*+"?"""
    + r"""|'(?:[^'\\]++|\\(?s:.))*+'?"""
    + r"""|/\*(?s:.*+)|(?s:.)|\Z)"""
)
LOOKAHEAD = 8
"""Empty tokens behind the last one, so that looking ahead never leaves the list."""

_ESCAPE = re.compile(r"\\(?:[xX]([0-9A-Fa-f]{0,2})|([0-7]{1,3})|((?s:.)))")
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_PRINTED = {
    7: "\\a", 8: "\\b", 12: "\\f", 10: "\\n", 13: "\\r", 9: "\\t", 11: "\\v",
    ord("\\"): "\\\\", ord("'"): "\\'", ord('"'): '\\"',
}  # fmt: skip
_PRINTED_ANY = re.compile("[\a\b\f\n\r\t\v\\\\'\"]")
_TRIMMED = "".join(map(chr, range(33)))


def is_blank(text: str) -> bool:
    """Whether a text holds nothing but blanks and control characters."""
    return not text.strip(_TRIMMED)


def tokens(text: str) -> list[str]:
    """All tokens of a text, followed by at least `LOOKAHEAD` empty ones."""
    found = _TOKEN.findall(text)
    found.extend([""] * LOOKAHEAD)
    return found


def place(text: str, index: int, *, behind: int = 0) -> str:
    """Where token `index` stands, as `line:column` from 1; `behind` moves on within the token.

    Reads the text once more: for error messages only.
    """
    offset = len(text)
    for count, match in enumerate(_TOKEN.finditer(text)):
        if count == index:
            offset = match.start(1) + min(behind, len(match[1]))
            break
    line = text.count("\n", 0, offset) + 1
    return f"{line}:{offset - text.rfind(chr(10), 0, offset)}"


def unquote(token: str) -> str:
    r"""The text of a string token.

    Escapes: `\a \b \f \n \r \t \v`, `\x` with one or two digits, up to three octal digits; any
    other escaped character stands for itself. Raises `Invalid` for `\x` without digits.
    """
    body = token[1:-1]
    return _ESCAPE.sub(_unescape, body) if "\\" in body else body


def _unescape(match: re.Match[str]) -> str:
    digits, octal, other = match.groups()
    if octal:
        return chr(int(octal, 8))
    if other:
        return _SIMPLE.get(other, other)
    if not digits:
        msg = "expected a digit after \\x or \\X"
        raise Invalid(msg)
    return chr(int(digits, 16))


def quote(text: str) -> str:
    """A text as the stored form prints it: double quotes, ten characters escaped, all else raw."""
    if _PRINTED_ANY.search(text):
        text = text.translate(_PRINTED)
    return f'"{text}"'
