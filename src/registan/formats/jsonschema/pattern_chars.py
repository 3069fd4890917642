"""Tests for single characters: classes, families and properties by their names in java.util.regex.

What lives here: what the escapes d, w, s and the properties Lu, IsGreek and the like mean. Syntax is
pattern_parser.py's.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from registan.formats.jsonschema.pattern_tree import BadPattern, Test

category = unicodedata.category

_LINE_ENDS = "\n\r\u0085\u2028\u2029"
_HORIZONTAL = " \t\xa0\u1680\u180e\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_VERTICAL = "\n\x0b\f\r\x85\u2028\u2029"
_SPACES = " \t\n\x0b\f\r"
_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_HEX = "0123456789abcdefABCDEF"
_NAMES = "Cn Lu Ll Lt Lm Lo Mn Me Mc Nd Nl No Zs Zl Zp Cc Cf Co Cs Pd Ps Pe Pc Po Sm Sc Sk So Pi Pf"
_CATEGORIES = frozenset(_NAMES.split())


def is_digit(char: str) -> bool:
    """A digit, by the escape d."""
    return "0" <= char <= "9"


def is_space(char: str) -> bool:
    """A blank, by the escape s."""
    return char in _SPACES


def is_word(char: str) -> bool:
    """A part of a word, by the escape w."""
    return char == "_" or (char.isascii() and char.isalnum())


def is_unicode_word(char: str) -> bool:
    """A part of a word, with the flag U."""
    return category(char)[0] in "LM" or category(char) in ("Nd", "Pc", "Nl") or char in "\u200c\u200d"


def is_boundary_word(char: str) -> bool:
    """A part of a word, where its edge is asked for."""
    return char == "_" or category(char)[0] == "L" or category(char) == "Nd"


def is_line_end(char: str) -> bool:
    """What `.` does not match."""
    return char in _LINE_ENDS


def any_char(_: str) -> bool:
    """Any character."""
    return True


def negated(test: Test) -> Test:
    """The opposite."""
    return lambda char: not test(char)


def one_of(chars: str) -> Test:
    """One of these characters."""
    return lambda char: char in chars


ESCAPES: dict[str, Test] = {
    "d": is_digit,
    "D": negated(is_digit),
    "s": is_space,
    "S": negated(is_space),
    "w": is_word,
    "W": negated(is_word),
    "h": one_of(_HORIZONTAL),
    "H": negated(one_of(_HORIZONTAL)),
    "v": one_of(_VERTICAL),
    "V": negated(one_of(_VERTICAL)),
}
"""Classes by the letter behind the backslash."""

UNICODE_ESCAPES: dict[str, Test] = {
    **ESCAPES,
    "d": lambda char: category(char) == "Nd",
    "D": lambda char: category(char) != "Nd",
    "s": str.isspace,
    "S": negated(str.isspace),
    "w": is_unicode_word,
    "W": negated(is_unicode_word),
}
"""The same with the flag U."""


def _ascii(test: Test) -> Test:
    return lambda char: char.isascii() and test(char)


_NAMED: dict[str, Test] = {
    "LC": lambda char: category(char) in ("Lu", "Ll", "Lt"),
    "LD": lambda char: category(char)[0] == "L" or category(char) == "Nd",
    "L1": lambda char: char <= "\xff",
    "all": any_char,
    "ASCII": str.isascii,
    "Alnum": _ascii(str.isalnum),
    "Alpha": _ascii(str.isalpha),
    "Blank": one_of(" \t"),
    "Cntrl": lambda char: char < " " or char == "\x7f",
    "Digit": is_digit,
    "Graph": lambda char: "!" <= char <= "~",
    "Lower": _ascii(str.islower),
    "Print": lambda char: " " <= char <= "~",
    "Punct": one_of(_PUNCTUATION),
    "Space": is_space,
    "Upper": _ascii(str.isupper),
    "XDigit": one_of(_HEX),
    "javaLowerCase": str.islower,
    "javaUpperCase": str.isupper,
    "javaAlphabetic": str.isalpha,
    "javaIdeographic": lambda char: unicodedata.name(char, "").startswith("CJK UNIFIED"),
    "javaTitleCase": lambda char: category(char) == "Lt",
    "javaDigit": lambda char: category(char) == "Nd",
    "javaDefined": lambda char: category(char) != "Cn",
    "javaLetter": lambda char: category(char)[0] == "L",
    "javaLetterOrDigit": lambda char: category(char)[0] == "L" or category(char) == "Nd",
    "javaJavaIdentifierStart": lambda char: category(char)[0] == "L" or category(char) in ("Nl", "Sc", "Pc"),
    "javaJavaIdentifierPart": lambda char: (
        category(char)[0] == "L" or category(char) in ("Nl", "Sc", "Pc", "Nd", "Mn", "Mc", "Cf")
    ),
    "javaUnicodeIdentifierStart": lambda char: category(char)[0] == "L" or category(char) == "Nl",
    "javaUnicodeIdentifierPart": lambda char: (
        category(char)[0] == "L" or category(char) in ("Nl", "Pc", "Nd", "Mn", "Mc", "Cf")
    ),
    "javaIdentifierIgnorable": lambda char: category(char) in ("Cf", "Cc") and not char.isspace(),
    "javaSpaceChar": lambda char: category(char)[0] == "Z",
    "javaWhitespace": lambda char: char.isspace() and char not in "\xa0\u2007\u202f\x85",
    "javaISOControl": lambda char: category(char) == "Cc",
    "javaMirrored": lambda char: unicodedata.mirrored(char) == 1,
}

_PROPERTIES: dict[str, Test] = {
    "ALPHABETIC": str.isalpha,
    "LETTER": lambda char: category(char)[0] == "L",
    "IDEOGRAPHIC": _NAMED["javaIdeographic"],
    "LOWERCASE": str.islower,
    "UPPERCASE": str.isupper,
    "TITLECASE": lambda char: category(char) == "Lt",
    "WHITE_SPACE": str.isspace,
    "CONTROL": lambda char: category(char) == "Cc",
    "PUNCTUATION": lambda char: category(char)[0] == "P",
    "HEX_DIGIT": lambda char: category(char) == "Nd" or char in _HEX,
    "ASSIGNED": lambda char: category(char) != "Cn",
    "NONCHARACTER_CODE_POINT": lambda char: ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF,
    "DIGIT": lambda char: category(char) == "Nd",
    "ALNUM": lambda char: char.isalpha() or category(char) == "Nd",
    "BLANK": lambda char: category(char) == "Zs" or char == "\t",
    "GRAPH": lambda char: not char.isspace() and category(char) not in ("Cc", "Cs", "Cn"),
    "PRINT": lambda char: category(char) not in ("Cc", "Cs", "Cn"),
    "WORD": is_unicode_word,
    "JOIN_CONTROL": one_of("\u200c\u200d"),
}
_PROPERTIES["WHITESPACE"] = _PROPERTIES["WHITE_SPACE"]
_PROPERTIES["HEXDIGIT"] = _PROPERTIES["HEX_DIGIT"]
_PROPERTIES["NONCHARACTERCODEPOINT"] = _PROPERTIES["NONCHARACTER_CODE_POINT"]
_PROPERTIES["JOINCONTROL"] = _PROPERTIES["JOIN_CONTROL"]


def _named(name: str) -> Test | None:
    if name in _NAMED:
        return _NAMED[name]
    if name in _CATEGORIES:
        return lambda char: category(char) == name
    if len(name) == 1 and name in "LMNZCPS":
        return lambda char: category(char)[0] == name
    return None


@lru_cache(maxsize=512)
def family(name: str) -> Test:
    """The characters of a property. Raises `BadPattern`."""
    # Late: the names of scripts and blocks are many and rarely asked for.
    from registan.formats.jsonschema.unicode_names import block, script

    found: Test | None
    kind, mark, value = name.partition("=")
    if mark:
        match kind.lower():
            case "sc" | "script":
                found = script(value)
            case "blk" | "block":
                found = block(value)
            case "gc" | "general_category":
                found = _named(value)
            case _:
                found = None
    elif name.startswith("In"):
        found = block(name[2:])
    elif name.startswith("Is"):
        short = name[2:]
        found = _PROPERTIES.get(short.upper()) or _named(short) or script(short)
    else:
        found = _named(name)
    if found is None:
        raise BadPattern(f"Unknown character property {name}")
    return found
