"""Prints a file in the form that is stored and hashed; comments and layout of the source are gone.

A file, message, oneof or service consists of sections in a fixed order, with an empty line between them
(which carries the indent of the level around the block). What never lives here: any change of the tree;
normalize.py prints through this module as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from registan.formats.protobuf.lexer import quote
from registan.formats.protobuf.tree import (
    MAX_TAG,
    Aggregate,
    Enum,
    Extend,
    Extensions,
    Field,
    File,
    Group,
    Identifier,
    Items,
    Message,
    Oneof,
    Option,
    Quoted,
    Range,
    Reserved,
    Rpc,
    Service,
    Value,
)

_STEP = "  "


def print_file(file: File, *, normal: bool = False) -> str:
    """The text of a file; it ends in one newline, and starts with one if it has no first lines.

    `normal` is for files in normal form: `default` and `json_name` stand in order among the options of a
    field, and empty extends and oneofs are left out, but not the empty line of their section.
    """
    return "".join(_Printer(normal).file(file))


def _number(value: int | Range) -> str:
    if isinstance(value, Range):
        return f"{value.start} to {'max' if value.end >= MAX_TAG else value.end}"
    return str(value)


def _reserved(items: Reserved) -> str:
    return ", ".join(
        quote(item) if isinstance(item, str) else item.name if isinstance(item, Identifier) else _number(item)
        for item in items
    )


def _option_name(option: Option) -> str:
    name = f"({option.name})" if option.extension else option.name
    return ".".join((name, *option.steps)) if option.steps else name


def _value(value: Value, indent: str, *, own: bool = False) -> str:
    """A value; its further lines are indented by `indent`. `own`: it is an option's value itself.

    One frame for each level of nesting.
    """
    if isinstance(value, Quoted):
        return quote(value.text)
    if isinstance(value, str):
        return value
    inner = indent + _STEP
    if isinstance(value, Aggregate):
        lines = ["{\n"]
        for key, each in value.entries:
            lines += (inner, key, ": ", _value(each, inner), ",\n")
    elif own and len(value.values) == 1:
        return f"[{_value(value.values[0], indent)}]"
    else:
        lines = ["[\n"]
        for each in value.values:
            lines += (inner, _value(each, inner), ",\n")
    if len(lines) > 1:
        lines[-1] = "\n"
    lines += (indent, "}" if isinstance(value, Aggregate) else "]")
    return "".join(lines)


def _assignment(option: Option, indent: str) -> str:
    value = option.value
    if isinstance(value, Items | Aggregate):
        return f"{_option_name(option)} = {_value(value, indent, own=True)}"
    return f"{_option_name(option)} = {value if isinstance(value, str) else quote(value.text)}"


def _statements(options: Iterable[Option], indent: str) -> list[str]:
    return [f"{indent}option {_assignment(option, indent)};\n" for option in options]


def _bracketed(options: Sequence[str | Option], indent: str) -> str:
    """` [a = b]`, or several on lines of their own; a `str` is printed already."""
    if not options:
        return ""
    inner = indent if len(options) == 1 else indent + _STEP
    texts = [o if isinstance(o, str) else _assignment(o, inner) for o in options]
    if len(texts) == 1:
        return f" [{texts[0]}]"
    return " [\n" + ",\n".join(inner + text for text in texts) + f"\n{indent}]"


def _field_options(field: Field, *, normal: bool) -> list[str | Option]:
    """Options of a field with `default` and `json_name`, which stand last except in normal form."""
    options: list[str | Option] = list(field.options)
    if field.default is not None:
        shown = quote(field.default) if field.type == "string" else field.default
        options.append(f"default = {shown}")
    if field.json_name is not None:
        options.append(f"json_name = {quote(field.json_name)}")
    if normal:
        options.sort(key=_sort_name)
    return options


def _sort_name(option: str | Option) -> str:
    return option.partition(" ")[0] if isinstance(option, str) else option.name


class _Printer:
    def __init__(self, normal: bool) -> None:
        self.normal = normal

    def file(self, file: File) -> list[str]:
        out: list[str] = []
        if file.edition:
            out.append(f"edition = {quote(file.edition)};\n")
        elif file.syntax:
            out.append(f"syntax = {quote(file.syntax)};\n")
        if file.package:
            out.append(f"package {file.package};\n")
        if file.imports or file.public_imports:
            out.append("\n")
            out += [f"import {quote(path)};\n" for path in file.imports]
            out += [f"import public {quote(path)};\n" for path in file.public_imports]
        if file.options:
            out.append("\n")
            out += _statements(file.options, "")
        if file.messages or file.enums:
            out.append("\n")
            for message in file.messages:
                self.message(message, "", out)
            for enum in file.enums:
                self.enum(enum, "", out)
        if file.extends:
            out.append("\n")
            for extend in file.extends:
                self.extend(extend, "", out)
        if file.services:
            out.append("\n")
            for service in file.services:
                self.service(service, out)
        return out

    def fields(self, fields: Iterable[Field], indent: str, out: list[str]) -> None:
        for field in fields:
            label, kind, name, tag, options, default, json_name = field
            label = f"{label} " if label else ""
            if options or default is not None or json_name is not None:
                shown = _bracketed(_field_options(field, normal=self.normal), indent)
                out.append(f"{indent}{label}{kind} {name} = {tag}{shown};\n")
            else:
                out.append(f"{indent}{label}{kind} {name} = {tag};\n")

    def message(self, message: Message, around: str, out: list[str]) -> None:
        """One frame for each level of nesting."""
        name, reserved, options, fields, oneofs, groups, extensions, extends, messages, enums = message
        if not any(message[1:]):
            out.append(f"{around}message {name} {{}}\n")
            return
        out.append(f"{around}message {name} {{\n")
        indent = around + _STEP
        between = around + "\n"
        first = len(out)
        if reserved:
            out += [f"{indent}reserved {_reserved(items)};\n" for items in reserved]
            out.append(between)
        if options:
            out += _statements(options, indent)
            out.append(between)
        if fields:
            self.fields(fields, indent, out)
            out.append(between)
        if oneofs:
            for oneof in oneofs:
                self.oneof(oneof, indent, out)
            out.append(between)
        if groups:
            self.groups(groups, indent, out)
            out.append(between)
        if extensions:
            self.extensions(extensions, indent, out)
            out.append(between)
        if extends:
            for extend in extends:
                self.extend(extend, indent, out)
            out.append(between)
        if messages or enums:
            for nested in messages:
                self.message(nested, indent, out)
            for enum in enums:
                self.enum(enum, indent, out)
            out.append(between)
        if len(out) > first:
            out.pop()
        out.append(f"{around}}}\n")

    def oneof(self, oneof: Oneof, around: str, out: list[str]) -> None:
        if not (oneof.fields or oneof.groups):
            if self.normal:
                return
            if not oneof.options:
                out.append(f"{around}oneof {oneof.name} {{}}\n")
                return
        out.append(f"{around}oneof {oneof.name} {{\n")
        indent = around + _STEP
        sections = 0
        for section in (oneof.options, oneof.fields, oneof.groups):
            if section:
                if sections:
                    out.append(around + "\n")
                sections += 1
                if section is oneof.options:
                    out += _statements(oneof.options, indent)
                elif section is oneof.fields:
                    self.fields(oneof.fields, indent, out)
                else:
                    self.groups(oneof.groups, indent, out)
        out.append(f"{around}}}\n")

    def groups(self, groups: Iterable[Group], indent: str, out: list[str]) -> None:
        for group in groups:
            label = f"{group.label} " if group.label else ""
            if group.fields:
                out.append(f"{indent}{label}group {group.name} = {group.tag} {{\n")
                self.fields(group.fields, indent + _STEP, out)
                out.append(f"{indent}}}\n")
            else:
                out.append(f"{indent}{label}group {group.name} = {group.tag} {{}}\n")

    def extensions(self, extensions: Iterable[Extensions], indent: str, out: list[str]) -> None:
        for statement in extensions:
            ranges = ", ".join(map(_number, statement.ranges))
            out.append(f"{indent}extensions {ranges}{_bracketed(statement.options, indent)};\n")

    def extend(self, extend: Extend, indent: str, out: list[str]) -> None:
        if extend.fields:
            out.append(f"{indent}extend {extend.name} {{\n")
            self.fields(extend.fields, indent + _STEP, out)
            out.append(f"{indent}}}\n")
        elif not self.normal:
            out.append(f"{indent}extend {extend.name} {{}}\n")

    def enum(self, enum: Enum, around: str, out: list[str]) -> None:
        name, reserved, options, constants = enum
        if not (reserved or options or constants):
            out.append(f"{around}enum {name} {{}}\n")
            return
        out.append(f"{around}enum {name} {{\n")
        indent = around + _STEP
        out += [f"{indent}reserved {_reserved(items)};\n" for items in reserved]
        out += _statements(options, indent)
        for constant, number, each in constants:
            out.append(f"{indent}{constant} = {number}{_bracketed(each, indent) if each else ''};\n")
        out.append(f"{around}}}\n")

    def service(self, service: Service, out: list[str]) -> None:
        if not (service.options or service.rpcs):
            out.append(f"service {service.name} {{}}\n")
            return
        out.append(f"service {service.name} {{\n")
        out += _statements(service.options, _STEP)
        if service.options and service.rpcs:
            out.append("\n")
        out += [_rpc(rpc, _STEP) for rpc in service.rpcs]
        out.append("}\n")


def _rpc(rpc: Rpc, indent: str) -> str:
    request = f"stream {rpc.request}" if rpc.request_streams else rpc.request
    response = f"stream {rpc.response}" if rpc.response_streams else rpc.response
    head = f"{indent}rpc {rpc.name} ({request}) returns ({response})"
    if not rpc.options:
        return head + ";\n"
    return f"{head} {{\n{''.join(_statements(rpc.options, indent + _STEP))}{indent}}};\n"
