"""A place in a list of tokens, and the small things read everywhere: words, names, numbers, strings, types.

What never lives here: any statement of the language.
"""

from __future__ import annotations

import string
from typing import NoReturn

from registan.formats.budget import BUDGET
from registan.formats.protobuf import lexer
from registan.formats.protobuf.tree import MAX_TAG
from registan.formats.protocol import Invalid

WORD = frozenset(string.ascii_letters + string.digits + "_-.")
"""What a word may begin with."""
NAME = frozenset(string.ascii_letters + "_-")
"""What the name of a field or constant may begin with (a dot would belong to the type before it)."""

_LONGEST_MESSAGE = 500
_INT_DIGITS = 12
"""Longer numbers (without leading zeros) cannot be 32-bit ones."""


class Cursor:
    """Reads tokens from left to right. Every complaint is an `Invalid` that says where."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.toks = lexer.tokens(text)
        self.i = 0
        self.depth = 0
        self.value_depth = 0

    def fail(self, message: str, index: int | None = None, *, behind: int = 0) -> NoReturn:
        """Refuse the text because of the token at `index`, by default the next one.

        `behind`: the place told is so many characters behind the beginning of the token.
        """
        index = self.i if index is None else index
        where = lexer.place(self.text, index, behind=behind)
        if not self.toks[index]:
            message = "unexpected end of file"
        elif self.toks[index][0] == "/":
            message = "unexpected '/'"
        msg = f"Could not parse Protobuf - Syntax error in :{where}: {message[:_LONGEST_MESSAGE]}"
        raise Invalid(msg)

    def deeper(self) -> None:
        """One level of messages or map types more; the caller takes it back when it is done."""
        self.depth += 1
        if self.depth > BUDGET.protobuf_nesting_depth:
            self.fail(f"nested deeper than {BUDGET.protobuf_nesting_depth} levels")

    def deeper_value(self, levels: int = 1) -> None:
        """Some levels of option values more; the caller takes them back when it is done."""
        self.value_depth += levels
        if self.value_depth > BUDGET.protobuf_value_depth:
            self.fail(f"option value nested deeper than {BUDGET.protobuf_value_depth} levels")

    def require(self, char: str) -> None:
        """Read the one character `char`."""
        ahead = self.toks[self.i]
        if ahead != char:
            if ahead[:1] == char:  # a `;` with a comment behind
                if char == ";":
                    self.i += 1
                    return
                ahead = char
            self.fail(f"expected '{char}' but was '{ahead[:1]}'", behind=1)
        self.i += 1

    def end_statement(self) -> None:
        """Read the `;` of a field, constant or `reserved`, where no comment may stand in between."""
        ahead = self.toks[self.i]
        if ahead == ";":
            self.i += 1
        elif ahead[:1] == ";":
            self.fail("no syntax may follow trailing comment")
        else:
            self.require(";")

    def take(self, char: str) -> bool:
        """Read `char` if it is next."""
        if self.toks[self.i] == char:
            self.i += 1
            return True
        return False

    def word(self) -> str:
        """Read a word."""
        ahead = self.toks[self.i]
        if ahead[:1] not in WORD:
            self.fail("expected a word")
        self.i += 1
        return ahead

    def name(self) -> str:
        """Read a word that may stand in parentheses or brackets, which are dropped."""
        ahead = self.toks[self.i]
        if ahead not in ("(", "["):
            return self.word()
        self.i += 1
        name = self.word()
        self.require(")" if ahead == "(" else "]")
        return name

    def data_type(self, first: str | None = None) -> str:
        """Read a type; `first` is its first word if that has been read already.

        Maps become `map<key, value>`; a dot after blanks goes on with the name.
        """
        name = self.word() if first is None else first
        if name == "map":
            return self._map_type()
        while (ahead := self.toks[self.i])[:1] == ".":
            self.i += 1
            name += "." + (ahead[1:] or self.word())
        return name

    def _map_type(self) -> str:
        self.deeper()
        if not self.take("<"):
            self.fail("expected '<'", behind=1)
        key = self.data_type()
        if not self.take(","):
            self.fail("expected ','", behind=1)
        value = self.data_type()
        if not self.take(">"):
            self.fail("expected '>'", behind=1)
        self.depth -= 1
        return f"map<{key}, {value}>"

    def integer(self) -> int:
        """Read a 32-bit number: decimal with any leading zeros, or hexadecimal without a sign."""
        index = self.i
        word = self.word()
        value = parse_int(word)
        if value is None:
            self.fail(f"expected an integer but was {word}", index, behind=len(word))
        return value

    def range_end(self) -> int:
        """Read the end of a range: a number or `max`."""
        return MAX_TAG if self.take("max") else self.integer()

    def string(self) -> str:
        """Read a string; adjacent ones are joined."""
        parts = []
        while (ahead := self.toks[self.i])[:1] in ("'", '"'):
            try:
                parts.append(lexer.unquote(ahead))
            except Invalid as error:
                self.fail(error.why)
            self.i += 1
        if not parts:
            self.fail("expected quoted string")
        return parts[0] if len(parts) == 1 else "".join(parts)


def parse_int(word: str) -> int | None:
    """The 32-bit number a word stands for, if it does."""
    sign, digits, base = 1, word, 10
    if word[:2] in ("0x", "0X"):
        digits, base = word[2:], 16
    elif word[:1] == "-":
        sign, digits = -1, word[1:]
    if not (digits.isalnum() and digits.isascii()):
        return None
    digits = digits.lstrip("0") or "0"
    if len(digits) > _INT_DIGITS:
        return None
    try:
        value = sign * int(digits, base)
    except ValueError:
        return None
    return value if -(2**31) <= value < 2**31 else None
