"""A file without extensions, as `?format=ignore_extensions` answers it.

Left out: extend blocks, extension ranges and options named in parentheses other than those of `confluent`.
"""

from __future__ import annotations

from collections.abc import Iterable

from registan.formats.protobuf.tree import Enum, Field, File, Group, Message, Oneof, Option


def without_extensions(file: File) -> File:
    """The file without anything that has to do with extensions; imports stay."""
    return file._replace(
        options=_options(file.options),
        messages=tuple(map(_message, file.messages)),
        enums=tuple(map(_enum, file.enums)),
        extends=(),
        services=tuple(
            service._replace(
                options=_options(service.options),
                rpcs=tuple(rpc._replace(options=_options(rpc.options)) for rpc in service.rpcs),
            )
            for service in file.services
        ),
    )


def _options(options: tuple[Option, ...]) -> tuple[Option, ...]:
    return tuple(
        option
        for option in options
        if not option.extension or option.name.lstrip(".").startswith("confluent.")
    )


def _fields(fields: Iterable[Field]) -> tuple[Field, ...]:
    return tuple(
        field._replace(options=_options(field.options)) if field.options else field for field in fields
    )


def _groups(groups: Iterable[Group]) -> tuple[Group, ...]:
    return tuple(group._replace(fields=_fields(group.fields)) for group in groups)


def _oneof(oneof: Oneof) -> Oneof:
    return oneof._replace(
        options=_options(oneof.options), fields=_fields(oneof.fields), groups=_groups(oneof.groups)
    )


def _enum(enum: Enum) -> Enum:
    constants = tuple(constant._replace(options=_options(constant.options)) for constant in enum.constants)
    return enum._replace(options=_options(enum.options), constants=constants)


def _message(message: Message) -> Message:
    """One frame for each level of nesting."""
    nested = []
    for each in message.messages:
        nested.append(_message(each))  # noqa: PERF401 (a frame less)
    return message._replace(
        options=_options(message.options),
        fields=_fields(message.fields),
        oneofs=tuple(map(_oneof, message.oneofs)),
        groups=_groups(message.groups),
        extensions=(),
        extends=(),
        messages=tuple(nested),
        enums=tuple(map(_enum, message.enums)),
    )
