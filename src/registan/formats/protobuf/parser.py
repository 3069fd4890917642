"""Reads a .proto file: proto2, proto3 and edition 2023.

What lives here: the statements of a file and of its services. What never lives here: names and their
meaning (resolve.py).
"""

from __future__ import annotations

from typing import TypeVar

from registan.formats.budget import BUDGET
from registan.formats.protobuf import lexer
from registan.formats.protobuf.declarations import Declarations
from registan.formats.protobuf.tree import Enum, Extend, File, Message, Option, Rpc, Service
from registan.formats.protocol import Invalid

T = TypeVar("T", Message, Enum, Service)

EDITIONS = frozenset({"2023"})


def read(text: str) -> File:
    """The tree of a .proto text. Raises `Invalid` if it is none."""
    if lexer.is_blank(text):
        msg = "Empty schema"
        raise Invalid(msg)
    return Parser(text).file()


class Parser(Declarations):
    """One reading of one text."""

    def file(self) -> File:
        """Read everything."""
        package = ""
        imports: dict[str, list[str]] = {"": [], "public": [], "weak": []}
        options: list[Option] = []
        messages: list[Message] = []
        enums: list[Enum] = []
        extends: list[Extend] = []
        services: list[Service] = []
        types: dict[str, int] = {}
        service_names: dict[str, int] = {}
        while self.toks[self.i]:
            start = self.i
            if self.toks[start][0] == ";":
                self.i += 1
                continue
            keyword = self.word()
            if keyword == "message":
                messages.append(self._once(self.message(), start, types))
            elif keyword == "enum":
                enums.append(self._once(self.enum(), start, types))
            elif keyword == "import":
                kind, path = self._import()
                imports[kind].append(path)
            elif keyword == "option":
                options.append(self.option_statement())
            elif keyword == "package":
                package = self.name()
                if package.count(".") >= BUDGET.protobuf_nesting_depth:
                    segments = BUDGET.protobuf_nesting_depth
                    self.fail(f"package of more than {segments} segments", start)
                self.require(";")
            elif keyword == "extend":
                extends.append(self.extend())
            elif keyword == "service":
                services.append(self._once(self.service(), start, service_names))
            elif keyword == "syntax" or (keyword == "edition" and self.toks[self.i] == "="):
                self._syntax(keyword, start)
            elif keyword == "reserved":
                self.reserved()
            else:
                self.fail(f"unexpected label: {keyword}", start)
        return File(
            self.syntax,
            self.edition,
            package,
            tuple(imports[""]),
            tuple(imports["public"]),
            tuple(options),
            tuple(messages),
            tuple(enums),
            tuple(extends),
            tuple(services),
        )

    def _once(self, node: T, start: int, seen: dict[str, int]) -> T:
        """Refuse a second declaration of one name."""
        first = seen.setdefault(node.name, start)
        if first != start:
            here, there = lexer.place(self.text, start), lexer.place(self.text, first)
            msg = f"Could not parse Protobuf - {node.name} (:{here}) is already defined at :{there}"
            raise Invalid(msg)
        return node

    def _syntax(self, keyword: str, start: int) -> None:
        if self.syntax or self.edition:
            self.fail(f"too many {keyword} definitions", start)
        self.require("=")
        if start:
            self.fail(f"'{keyword}' element must be the first declaration in a file", start)
        level = self.string()
        if keyword == "edition":
            if level not in EDITIONS:
                self.fail(f"unsupported edition: {level}", start)
            self.edition = level
        else:
            if level not in ("proto2", "proto3"):
                self.fail(f"unexpected syntax: {level}", start)
            self.syntax = level
        self.unlabelled = level != "proto2"
        self.require(";")

    def _import(self) -> tuple[str, str]:
        kind = self.toks[self.i]
        if kind in ("public", "weak"):
            self.i += 1
        else:
            kind = ""
        path = import_path(self.string())
        self.require(";")
        return kind, path

    def service(self) -> Service:
        """Read what follows the word `service`."""
        name = self.name()
        self.require("{")
        options: list[Option] = []
        rpcs: list[Rpc] = []
        while not self.take("}"):
            start = self.i
            if self.toks[start][:1] == ";":
                self.i += 1
                continue
            keyword = self.word()
            if keyword == "rpc":
                rpcs.append(self._rpc())
            elif keyword == "option":
                options.append(self.option_statement())
            elif keyword == "reserved":
                self.reserved()
            else:
                self.fail(f"unexpected label: {keyword}", start)
        return Service(name, tuple(options), tuple(rpcs))

    def _rpc(self) -> Rpc:
        name = self.name()
        request, request_streams = self._rpc_type()
        if not self.take("returns"):
            self.fail("expected 'returns'")
        response, response_streams = self._rpc_type()
        options: list[Option] = []
        if self.take("{"):
            while not self.take("}"):
                start = self.i
                if self.toks[start][:1] == ";":
                    self.i += 1
                    continue
                keyword = self.word()
                if keyword == "option":
                    options.append(self.option_statement())
                elif keyword == "reserved":
                    self.reserved()
                else:
                    self.fail(f"unexpected label: {keyword}", start)
        else:
            self.require(";")
        return Rpc(name, request, response, request_streams, response_streams, tuple(options))

    def _rpc_type(self) -> tuple[str, bool]:
        self.require("(")
        streams = self.take("stream")
        kind = self.data_type()
        self.require(")")
        return kind, streams


def import_path(path: str) -> str:
    """An import path without empty and `.` segments; `..` and a leading slash stay."""
    root = "/" if path.startswith("/") else ""
    kept = "/".join(part for part in path.split("/") if part not in ("", "."))
    return root + kept or "."
