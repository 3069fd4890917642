"""Classes (`[…]`) and the escapes that may stand inside and outside them.

What lives here: the cursor over a pattern and all that is about single characters. The rest of the grammar
is pattern_parser.py's.
"""

from __future__ import annotations

import unicodedata

from registan.formats.budget import BUDGET, exceeded
from registan.formats.jsonschema import pattern_chars as chars
from registan.formats.jsonschema.pattern_tree import BadPattern, Test

_CONTROLS = {"a": "\a", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_HEX = "0123456789abcdefABCDEF"
_SPACES = " \t\n\x0b\f\r"


class Cursor:
    """A place in a pattern. With the flag x, blanks and comments are passed over."""

    def __init__(self, text: str) -> None:
        self.length = len(text)
        self.text = text + "\0\0\0"
        self.cursor = 0
        self.depth = 0
        self.flags: frozenset[str] = frozenset()

    def at_end(self) -> bool:
        """Whether all is passed."""
        return self.cursor >= self.length

    def char(self) -> str:
        """The character at the cursor, whatever the flags."""
        return self.text[self.cursor] if self.cursor < self.length else "\0"

    def peek(self) -> str:
        """The next character, which stays the next."""
        if "x" in self.flags:
            self.pass_blanks()
        return self.char()

    def next(self) -> str:
        """Pass the next character; the one behind it."""
        self.cursor += 1
        return self.peek()

    def read(self) -> str:
        """The next character, passed."""
        char = self.peek()
        self.cursor += 1
        return char

    def skip(self) -> str:
        """Pass the next character, and the one behind it, which is answered."""
        self.cursor += 1
        char = self.char()
        self.cursor += 1
        return char

    def pass_blanks(self) -> None:
        """Pass blanks and comments."""
        while not self.at_end():
            char = self.text[self.cursor]
            if char in _SPACES:
                self.cursor += 1
            elif char == "#":
                while not self.at_end() and self.text[self.cursor] not in "\n\r\x85\u2028\u2029":
                    self.cursor += 1
            else:
                return


class ClassParser(Cursor):
    """The part of the grammar that is about single characters."""

    def char_class(self, *, consume: bool) -> Test:
        """A class, the cursor on its opening bracket; one frame for each class inside it.

        Without `consume` (the right side of `&&`) the closing bracket is left.
        """
        self.depth += 1
        if self.depth > BUDGET.json_pattern_depth:
            raise exceeded("a regular expression is nested too deep", "json_pattern_depth")
        char = self.next()
        negative = char == "^" and self.text[self.cursor - 1] == "["
        if negative:
            char = self.next()
        found: list[Test] = []
        met: Test | None = None
        while True:
            if char == "[":
                found.append(self.char_class(consume=True))
            elif char == "&" and self.next() == "&":
                met = self.intersected(_any(found) if found else None)
                found = [met]
            elif char == "]" and found:
                if consume:
                    self.next()
                break
            else:
                if char == "&":
                    self.cursor -= 1
                elif char == "\0" and self.at_end():
                    raise BadPattern("Unclosed character class")
                found.append(self.range())
            char = self.peek()
        self.depth -= 1
        test = _any(found)
        return chars.negated(test) if negative else test

    def intersected(self, left: Test | None) -> Test:
        """`left` and what stands behind `&&`, the cursor on its second character."""
        char = self.next()
        right: Test | None = None
        while char not in "]&":
            if char == "[":
                inner = self.char_class(consume=True)
                right = inner if right is None else _any([right, inner])
            else:
                if char == "\0" and self.at_end():
                    raise BadPattern("Unclosed character class")
                self.cursor -= 1
                right = self.char_class(consume=False)
            char = self.peek()
        if left is None or right is None:
            found = left or right
            if found is None:
                raise BadPattern("Bad class syntax")
            return found
        one, other = left, right
        return lambda char: one(char) and other(char)

    def range(self) -> Test:
        """One character, or a range of them, or a class by its name."""
        if self.peek() == "\\":
            if self.text[self.cursor + 1] in "pP":
                return self.property()
            found = self.class_escape()
            if not isinstance(found, str):
                return found
            first = found
        else:
            first = self.peek()
            self.next()
        if self.peek() == "-":
            behind = self.text[self.cursor + 1]
            if behind not in "[]" or self.cursor + 1 >= self.length:
                self.next()
                last = self.peek()
                if last == "\\":
                    ending = self.class_escape()
                    if not isinstance(ending, str):
                        raise BadPattern("Illegal character range")
                    last = ending
                else:
                    self.next()
                if last < first:
                    raise BadPattern("Illegal character range")
                return lambda char: first <= char <= last
        return chars.one_of(first)

    def property(self) -> Test:
        """A property with its name, the cursor on the backslash."""
        negative = self.skip() == "P"
        if self.char() == "{":
            end = self.text.find("}", self.cursor)
            if end < 0:
                raise BadPattern("Unclosed character family")
            name = self.text[self.cursor + 1 : end]
            if not name:
                raise BadPattern("Empty character family")
            self.cursor = end + 1
        else:
            name = self.char()
            self.cursor += 1
        test = chars.family(name)
        return chars.negated(test) if negative else test

    def class_escape(self) -> str | Test:
        """What a backslash begins inside a class."""
        char = self.skip()
        if char in "123456789ABGRXZbkz":
            raise BadPattern("Illegal/unsupported escape sequence")
        return self.simple_escape(char)

    def simple_escape(self, char: str) -> str | Test:
        """What a backslash and this character mean anywhere."""
        if char in _CONTROLS:
            return _CONTROLS[char]
        escapes = chars.UNICODE_ESCAPES if "U" in self.flags else chars.ESCAPES
        if char in escapes:
            return escapes[char]
        match char:
            case "0":
                return self.octal()
            case "c":
                if self.at_end():
                    raise BadPattern("Illegal control escape sequence")
                return chr(ord(self.read()) ^ 64)
            case "x":
                return self.hexadecimal()
            case "u":
                return self.utf16()
            case "N":
                return self.by_name()
        if char.isascii() and char.isalpha():
            raise BadPattern("Illegal/unsupported escape sequence")
        if char == "\0" and self.cursor > self.length:
            raise BadPattern("Unexpected internal error")
        return char

    def octal(self) -> str:
        """A character by its octal number."""
        digits = ""
        while len(digits) < 3 and self.char() in "01234567" and (len(digits) < 2 or digits[0] in "0123"):
            digits += self.char()
            self.cursor += 1
        if not digits:
            raise BadPattern("Illegal octal escape sequence")
        return chr(int(digits, 8))

    def hexadecimal(self) -> str:
        """A character by its hexadecimal number."""
        two = self.text[self.cursor : self.cursor + 2]
        if len(two) == 2 and all(digit in _HEX for digit in two):
            self.cursor += 2
            return chr(int(two, 16))
        if two[:1] == "{" and two[1] in _HEX:
            end = self.text.find("}", self.cursor)
            digits = self.text[self.cursor + 1 : end]
            if end > 0 and all(digit in _HEX for digit in digits) and int(digits, 16) <= 0x10FFFF:
                self.cursor = end + 1
                return chr(int(digits, 16))
        raise BadPattern("Illegal hexadecimal escape sequence")

    def utf16(self) -> str:
        """A character by its one or two UTF-16 code units."""
        first = self.code_unit(self.cursor)
        self.cursor += 4
        if 0xD800 <= first < 0xDC00 and self.text.startswith("\\u", self.cursor):
            try:
                second = self.code_unit(self.cursor + 2)
            except BadPattern:
                return chr(first)
            if 0xDC00 <= second < 0xE000:
                self.cursor += 6
                return chr(0x10000 + ((first - 0xD800) << 10) + second - 0xDC00)
        return chr(first)

    def code_unit(self, place: int) -> int:
        """The number that four digits are."""
        digits = self.text[place : place + 4]
        if len(digits) < 4 or not all(digit in _HEX for digit in digits):
            raise BadPattern("Illegal Unicode escape sequence")
        return int(digits, 16)

    def by_name(self) -> str:
        """A character by its name in braces."""
        end = self.text.find("}", self.cursor)
        if self.char() != "{" or end < 0:
            raise BadPattern("Illegal character name escape sequence")
        name = self.text[self.cursor + 1 : end]
        self.cursor = end + 1
        try:
            return unicodedata.lookup(name)
        except KeyError:
            raise BadPattern(f"Unknown character name [{name}]") from None


def _any(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    either = tuple(tests)
    return lambda char: any(test(char) for test in either)
