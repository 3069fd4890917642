"""The syntax of java.util.regex: from a text to a tree, or the verdict that it is no pattern.

What lives here: the grammar with its oddities, as observed (docs/wire.md, JSON Schema 5.1): what may be
repeated, what a class may begin with, which escapes exist. A NUL stands for the end of the text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from registan.formats.budget import BUDGET, exceeded
from registan.formats.jsonschema import pattern_chars as chars
from registan.formats.jsonschema.pattern_class import ClassParser
from registan.formats.jsonschema.pattern_tree import (
    EMPTY,
    Alt,
    Atomic,
    Back,
    BadPattern,
    Char,
    Edge,
    Group,
    Literal,
    Look,
    Node,
    Repeat,
    Seq,
    Test,
    has_longest,
)

_FLAGS = "imsducxU"
_COUNT_MAX = 2**31 - 1
_EDGES = "ABGZzb"
_LINE_BREAK = Alt((Literal("\r\n", ""), Char(chars.ESCAPES["v"])))
_CLUSTER = Seq(
    (
        Char(chars.any_char),
        Repeat(Char(lambda char: unicodedata.category(char)[0] == "M"), 0, None, "greedy"),
    )
)


def parse(text: str) -> Node:
    """The tree of a pattern. Raises `BadPattern`, and `Invalid` if it is nested too deep."""
    parser = _Parser(_unquoted(text))
    tree = parser.alternatives()
    if not parser.at_end():
        raise BadPattern("Unmatched closing ')'")
    return tree


def _unquoted(text: str) -> str:
    """The text with what is quoted between backslash-Q and backslash-E written as escapes."""
    start = 0
    while True:
        start = text.find("\\", start)
        if start < 0:
            return text
        if text.startswith("\\Q", start):
            break
        start += 2
    pieces = [text[:start]]
    rest = text[start + 2 :]
    while True:
        quoted, end, rest = rest.partition("\\E")
        for place, char in enumerate(quoted):
            if char.isascii() and char.isdigit() and place == 0:
                pieces.append(f"\\x3{char}")
            else:
                pieces.append("\\" + char if char.isascii() and not char.isalnum() else char)
        if not end:
            break
        plain, begin, rest = rest.partition("\\Q")
        pieces.append(plain)
        if not begin:
            break
    return "".join(pieces)


class _Parser(ClassParser):
    """One pass over one pattern. Each group takes a few frames of the stack."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.groups = 0
        self.names: dict[str, int] = {}

    # -- structure

    def alternatives(self) -> Node:
        """Up to the end or a closing parenthesis."""
        found = [self.sequence()]
        while self.peek() == "|":
            self.next()
            found.append(self.sequence())
        return found[0] if len(found) == 1 else Alt(tuple(found))

    def sequence(self) -> Node:
        items: list[Node] = []
        while True:
            char = self.peek()
            if char in "|)" or (char == "\0" and self.at_end()):
                break
            if char in "?*+":
                raise BadPattern(f"Dangling meta character '{char}'")
            if char == "(":
                group = self.group()
                if group is not None:
                    items.append(group)
                continue
            items.append(self.repeated(self.element(char)))
        return items[0] if len(items) == 1 else Seq(tuple(items))

    def element(self, char: str) -> Node:
        """What may be repeated, but for groups."""
        if char == "[":
            test = self.char_class(consume=True)
            return Char(self.folded(test))
        if char == "^":
            self.next()
            return Edge("^" + self.line_mode())
        if char == "$":
            self.next()
            return Edge("$" + self.line_mode())
        if char == ".":
            self.next()
            if "s" in self.flags:
                return Char(chars.any_char)
            return Char(chars.negated(chars.one_of("\n") if "d" in self.flags else chars.is_line_end))
        return self.atom()

    def line_mode(self) -> str:
        return ("m" if "m" in self.flags else "") + ("d" if "d" in self.flags else "")

    def atom(self) -> Node:
        """Characters up to what has a meaning of its own; of several only the last may be repeated."""
        text: list[str] = []
        before = -1
        while True:
            char = self.peek()
            if char in "*+?{":
                if len(text) > 1:
                    self.cursor = before
                    text.pop()
                break
            if char in "$.^([|)" or (char == "\0" and self.at_end()):
                break
            if char == "\\":
                start = self.cursor
                if self.text[start + 1] in "pP":
                    if text:
                        break
                    return Char(self.folded(self.property()))
                found = self.escape()
                if not isinstance(found, str):
                    if not text:
                        return found
                    self.cursor = start
                    break
                text.append(found)
                before = start
                continue
            before = self.cursor
            text.append(char)
            self.next()
        return Literal("".join(text), self.fold()) if text else EMPTY

    def fold(self) -> str:
        if "i" not in self.flags:
            return ""
        return "unicode" if "u" in self.flags or "U" in self.flags else "ascii"

    def folded(self, test: Test) -> Test:
        """The test, taking letters in either case where the flags say so."""
        fold = self.fold()
        if not fold:
            return test
        narrow = fold == "ascii"
        return lambda char: (
            test(char)
            or ((char.isascii() or not narrow) and (test(char.lower()[0]) or test(char.upper()[0])))
        )

    # -- repetition

    def repeated(self, item: Node) -> Node:
        char = self.peek()
        if char in "?*+":
            least, most = {"?": (0, 1), "*": (0, None), "+": (1, None)}[char]
            return self.with_mode(item, least, most)
        if char == "{":
            least, most = self.counts()
            return self.with_mode(item, least, most)
        return item

    def with_mode(self, item: Node, least: int, most: int | None) -> Node:
        char = self.next()
        if char in "?+":
            self.next()
        mode = {"?": "lazy", "+": "possessive"}.get(char, "greedy")
        return Repeat(item, least, most, mode)

    def counts(self) -> tuple[int, int | None]:
        """Read `{n}`, `{n,}` or `{n,m}`; leave the cursor on the closing brace."""
        char = self.skip()
        if not ("0" <= char <= "9"):
            raise BadPattern("Illegal repetition")
        least, char = self.count(char)
        most: int | None = least
        if char == ",":
            char = self.read()
            most = None
            if char != "}":
                most, char = self.count(char)
        if char != "}":
            raise BadPattern("Unclosed counted closure")
        if most is not None and most < least:
            raise BadPattern("Illegal repetition range")
        self.cursor -= 1
        return least, most

    def count(self, char: str) -> tuple[int, str]:
        value = 0
        while "0" <= char <= "9":
            value = value * 10 + int(char)
            if value > _COUNT_MAX:
                raise BadPattern("Illegal repetition range")
            char = self.read()
        return value, char

    # -- groups

    def group(self) -> Node | None:
        """A group with its repetition; None for flags that hold for the rest of the sequence."""
        self.deeper()
        flags = self.flags
        if self.next() != "?":
            self.groups += 1
            number = self.groups
            node: Node = Group(self.alternatives(), number)
        else:
            special = self.special_group()
            if special is None:
                self.depth -= 1
                return None
            node = special
        if self.peek() != ")":
            raise BadPattern("Unclosed group")
        # The character behind the group is still read by the flags inside it.
        self.next()
        self.flags = flags
        self.depth -= 1
        return self.repeated(node)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > BUDGET.json_pattern_depth:
            raise exceeded("a regular expression is nested too deep", "json_pattern_depth")

    def special_group(self) -> Node | None:
        char = self.skip()
        if char == ":":
            return Seq((self.alternatives(),))
        if char in "=!":
            return Look(self.alternatives(), behind=False, negative=char == "!")
        if char == ">":
            return Atomic(self.alternatives())
        if char == "<":
            char = self.read()
            if char in "=!":
                node = self.alternatives()
                if not has_longest(node):
                    raise BadPattern("Look-behind group does not have an obvious maximum length")
                return Look(node, behind=True, negative=char == "!")
            name = self.group_name(char)
            if name in self.names:
                raise BadPattern(f"Named capturing group <{name}> is already defined")
            self.groups += 1
            number = self.names[name] = self.groups
            return Group(self.alternatives(), number)
        if char in "$@":
            raise BadPattern("Unknown group type")
        self.cursor -= 1
        self.change_flags()
        char = self.read()
        if char == ")":
            return None
        if char != ":":
            raise BadPattern("Unknown inline modifier")
        return Seq((self.alternatives(),))

    def change_flags(self) -> None:
        change: Callable[[str], frozenset[str]] = self.flags.union
        char = self.peek()
        while True:
            if char in _FLAGS:
                self.flags = change(char)
            elif char == "-" and change == self.flags.union:
                self.cursor += 1
                char = self.peek()
                while char in _FLAGS:
                    self.flags = self.flags.difference(char)
                    char = self.next()
                return
            else:
                return
            change = self.flags.union
            char = self.next()

    def group_name(self, char: str) -> str:
        name = ""
        while char.isascii() and char.isalnum():
            name += char
            char = self.read()
        if not name or not name[0].isalpha():
            raise BadPattern("capturing group name does not start with a Latin letter")
        if char != ">":
            raise BadPattern("named capturing group is missing trailing '>'")
        return name

    # -- escapes outside classes

    def escape(self) -> str | Node:
        """What a backslash begins: a character, or what is more than that."""
        char = self.skip()
        if "1" <= char <= "9":
            return self.back_reference(int(char))
        if char == "b" and self.text.startswith("{g", self.cursor):
            self.cursor += 2
            if self.read() != "}":
                raise BadPattern("Illegal/unsupported escape sequence")
            return Edge("g")
        if char in _EDGES:
            return Edge(char)
        if char == "R":
            return _LINE_BREAK
        if char == "X":
            return _CLUSTER
        if char == "k":
            if self.read() != "<":
                raise BadPattern("\\k is not followed by '<' for named capturing group")
            name = self.group_name(self.read())
            if name not in self.names:
                raise BadPattern(f"named capturing group <{name}> does not exist")
            return Back(self.names[name], self.fold())
        found = self.simple_escape(char)
        return found if isinstance(found, str) else Char(found)

    def back_reference(self, number: int) -> Node:
        while "0" <= self.peek() <= "9" and number * 10 + int(self.peek()) <= self.groups:
            number = number * 10 + int(self.peek())
            self.next()
        return Back(number, self.fold())
