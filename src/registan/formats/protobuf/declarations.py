"""Reads the declarations of types: messages, enums, extend blocks and what stands in them.

What lives here: the statements, exactly as lenient as the recorded registry (unknown options, doubled
tags, any name). Keywords are keywords at the start of a statement only. The file around is parser.py's.
"""

from __future__ import annotations

from registan.formats.protobuf.cursor import NAME, WORD
from registan.formats.protobuf.options import OptionReader
from registan.formats.protobuf.tree import (
    Constant,
    Enum,
    Extend,
    Extensions,
    Field,
    Group,
    Identifier,
    Message,
    Oneof,
    Option,
    Quoted,
    Range,
    Reserved,
)

_LABELS = frozenset({"required", "optional", "repeated"})
_STATEMENTS = frozenset({"message", "enum", "oneof", "option", "reserved", "extensions", "extend"})
"""Words that begin something other than a field in a message."""
_DIGITS = frozenset("123456789")
_LONGEST_PLAIN_TAG = 9
_DEFAULT = ("default", "json_name")


class Declarations(OptionReader):
    """A cursor that can read declarations of types, by the rules of a syntax level."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.syntax = ""
        self.edition = ""
        self.unlabelled = False
        """Whether fields may stand without label."""

    def message(self) -> Message:
        """Read what follows the word `message`. One frame for each level of nesting."""
        name = self.name()
        self.require("{")
        self.deeper()
        toks = self.toks
        unlabelled, required = self.unlabelled, "" if self.unlabelled else "required"
        fields: list[Field] = []
        rest: _Rest = {}
        while (first := toks[self.i]) != "}":
            i = self.i
            # The plain field without options, read in one step: most statements are of this form.
            if first == "repeated" or first == "optional" or first == required:
                label, kind, i = first, toks[i + 1], i + 2
            elif unlabelled and first not in _STATEMENTS:
                label, kind, i = "", first, i + 1
            else:
                label, kind = "", ""
            if (
                toks[i + 1] == "="
                and toks[i + 3] == ";"
                and kind[:1] in WORD
                and kind not in ("map", "group")
                and toks[i][0] in NAME
                and toks[i + 2][0] in _DIGITS
                and toks[i + 2].isdigit()
                and len(toks[i + 2]) <= _LONGEST_PLAIN_TAG
                and not self.edition
            ):
                fields.append(Field(label, kind, toks[i], int(toks[i + 2])))
                self.i = i + 4
            elif first == "message":
                self.i += 1
                rest.setdefault("message", []).append(self.message())
            else:
                self._in_message(first, fields, rest)
        self.i += 1
        self.depth -= 1
        if not rest:
            return Message(name, fields=tuple(fields))
        return Message(
            name,
            tuple(rest.get("reserved", ())),
            tuple(rest.get("option", ())),
            tuple(fields),
            *(tuple(rest.get(key, ())) for key in _AFTER_FIELDS),
        )

    def _in_message(self, first: str, fields: list[Field], rest: _Rest) -> None:
        """Read any statement of a message but a message."""
        start = self.i
        if first[:1] == ";":
            self.i += 1
            return
        self.word()
        if first in _STATEMENTS:
            rest.setdefault(first, []).append(_READERS[first](self))
            return
        field = self._field(first, start)
        if isinstance(field, Group):
            rest.setdefault("group", []).append(field)
        else:
            fields.append(field)

    def _field(self, first: str, start: int) -> Field | Group:
        """Read a field whose first word has been read."""
        if first in _LABELS:
            if first == "required" and self.syntax == "proto3":
                self.fail("'required' label forbidden in proto3 field declarations", start)
            if self.edition and first != "repeated":
                self.fail(f"'{first}' label forbidden in editions", start)
            kind = self.data_type()
        else:
            if not self.unlabelled and (first != "map" or self.toks[self.i] != "<"):
                self.fail(f"unexpected label: {first}", start)
            kind = self.data_type(first)
            first = ""
        if first and kind.startswith("map<"):
            self.fail("'map' type cannot have label", start)
        if kind == "group":
            return self._group(first)
        return self._named_field(first, kind)

    def _named_field(self, label: str, kind: str) -> Field:
        """Read a field from its name on."""
        index = self.i
        name = self.name()
        if name[0].isdigit():
            self.fail("field and constant names cannot start with a digit", index)
        self.require("=")
        tag = self.integer()
        default = json_name = None
        options = self.option_list()
        if options:
            default, json_name = (self._text_of(options, wanted) for wanted in _DEFAULT)
            options = tuple(o for o in options if o.extension or o.name not in _DEFAULT)
        self.end_statement()
        return Field(label, kind, name, tag, options, default, json_name)

    def _text_of(self, options: tuple[Option, ...], name: str) -> str | None:
        """The text of the last option of a name."""
        for option in reversed(options):
            if option.name == name and not option.extension:
                if isinstance(option.value, Quoted):
                    return option.value.text
                if isinstance(option.value, str):
                    return option.value
                self.fail(f"'{name}' takes a plain value")
        return None

    def _group(self, label: str) -> Group:
        name = self.word()
        if self.edition:
            self.fail("groups are not part of editions")
        self.require("=")
        tag = self.integer()
        self.require("{")
        fields = []
        while not self.take("}"):
            start = self.i
            if self.toks[start][:1] == ";":
                self.i += 1
                continue
            field = self._field(self.word(), start)
            if isinstance(field, Group):
                self.fail("expected field declaration, was a group", start)
            fields.append(field)
        return Group(label, name, tag, tuple(fields))

    def oneof(self) -> Oneof:
        """Read what follows the word `oneof`."""
        name = self.name()
        self.require("{")
        options: list[Option] = []
        fields: list[Field] = []
        groups: list[Group] = []
        while not self.take("}"):
            kind = self.data_type()
            if kind == "option":
                options.append(self.option_statement())
            elif kind == "group":
                groups.append(self._group(""))
            else:
                fields.append(self._named_field("", kind))
        return Oneof(name, tuple(options), tuple(fields), tuple(groups))

    def extend(self) -> Extend:
        """Read what follows the word `extend`; options, `reserved` and groups in it are dropped."""
        name = self.name()
        self.require("{")
        fields = []
        while not self.take("}"):
            start = self.i
            if self.toks[start][:1] == ";":
                self.i += 1
                continue
            first = self.word()
            if first == "option":
                self.option_statement()
            elif first == "reserved":
                self.reserved()
            else:
                field = self._field(first, start)
                if isinstance(field, Field):
                    fields.append(field)
        return Extend(name, tuple(fields))

    def enum(self) -> Enum:
        """Read what follows the word `enum`."""
        name = self.name()
        self.require("{")
        reserved: list[Reserved] = []
        options: list[Option] = []
        constants: list[Constant] = []
        toks = self.toks
        while (first := toks[self.i]) != "}":
            start = self.i
            if first[:1] == ";":
                self.i += 1
                continue
            self.word()
            if first == "option":
                options.append(self.option_statement())
            elif first == "reserved":
                reserved.append(self.reserved())
            else:
                if first[0].isdigit():
                    self.fail("field and constant names cannot start with a digit", start)
                self.require("=")
                number = self.integer()
                constants.append(Constant(first, number, self.option_list()))
                self.end_statement()
        self.i += 1
        return Enum(name, tuple(reserved), tuple(options), tuple(constants))

    def reserved(self) -> Reserved:
        """Read what follows the word `reserved`."""
        items: list[int | Range | str | Identifier] = []
        while True:
            token = self.toks[self.i]
            if token[:1] in ("'", '"'):
                items.append(self.string())
            elif self.edition and token[:1] in NAME and not token[1:2].isdigit():
                items.append(Identifier(self.word()))
            else:
                items.append(self._range())
            if not self.take(","):
                self.end_statement()
                return tuple(items)

    def _range(self) -> int | Range:
        start = self.integer()
        return Range(start, self.range_end()) if self.take("to") else start

    def extensions(self) -> Extensions:
        """Read what follows the word `extensions`."""
        ranges = [self._range()]
        while self.take(","):
            ranges.append(self._range())
        options = self.option_list()
        self.require(";")
        return Extensions(tuple(ranges), options)


_Rest = dict[str, list]  # type: ignore[type-arg]
_AFTER_FIELDS = ("oneof", "group", "extensions", "extend", "message", "enum")
_READERS = {
    "enum": Declarations.enum,
    "oneof": Declarations.oneof,
    "option": Declarations.option_statement,
    "reserved": Declarations.reserved,
    "extensions": Declarations.extensions,
    "extend": Declarations.extend,
}
