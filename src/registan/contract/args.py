"""From a matched path, a query and a body to the arguments of a route, by the argument class alone.

Every field's type says how its text is read: `Subject`, `str`, `int`, `bool`, an enum, or a tuple of
these for a parameter that may repeat. A value of the wrong type is 404, as the wire has it. Below a
context prefix an absent `Subject` of the query stands for the whole context.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from enum import Enum
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

from registan.contract.jackson import decode_body
from registan.contract.route import Route
from registan.model.fault import Fault, Refusal
from registan.model.subject import DEFAULT_CONTEXT, Subject

Query = Mapping[str, Sequence[str]]

INT_MAX = 2**31 - 1


class Parameter(NamedTuple):
    """One argument of a route as the wire has it."""

    field: str
    name: str
    """On the wire; `alternative` is accepted too (some clients write snake case)."""
    alternative: str
    kind: Any
    repeats: bool
    in_path: bool
    default: Any
    required: bool


def camel(name: str) -> str:
    """The wire's spelling of a field name."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def parameters(route: Route) -> tuple[tuple[Parameter, ...], Any]:
    """The path and query parameters of a route, and the type of its body, or None.

    A body whose type allows None may be missing.
    """
    hints = get_type_hints(route.args)
    in_path = {segment[1:-1] for segment in route.path.split("/") if segment.startswith("{")}
    found: list[Parameter] = []
    body: Any = None
    for field in fields(route.args):
        if not field.init:  # a constant of the route
            continue
        kind = hints[field.name]
        if field.name == "body":
            body = kind
            continue
        repeats = get_origin(kind) is tuple
        options = [option for option in get_args(kind) if option is not type(None)]
        found.append(
            Parameter(
                field=field.name,
                name=camel(field.name),
                alternative=field.name,
                kind=(options[0] if options else kind),
                repeats=repeats,
                in_path=field.name in in_path,
                default=None if field.default is MISSING else field.default,
                required=field.default is MISSING,
            )
        )
    return tuple(found), body


def _integer(text: str) -> int:
    """A 32-bit integer, sign and leading zeros allowed; raises `Refusal` NOT_FOUND."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdigit()) or len(digits.lstrip("0")) > 10:
        raise Refusal(Fault.NOT_FOUND)
    number = -int(digits) if text[0] == "-" else int(digits)
    if not -INT_MAX - 1 <= number <= INT_MAX:
        raise Refusal(Fault.NOT_FOUND)
    return number


def _reader(parameter: Parameter) -> Callable[[str, str], Any]:
    """Make the function (text, context) -> value."""
    kind = parameter.kind
    if kind is Subject:
        return Subject.parse
    if kind is int:
        return lambda text, _: _integer(text) if text.strip() or parameter.in_path else parameter.default
    if kind is bool:
        return lambda text, _: text.lower() == "true"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda text, _: _member(kind, text) if text else parameter.default
    return lambda text, _: text


def _member(kind: type[Enum], text: str) -> Enum:
    try:
        return kind(text)
    except ValueError:
        raise Refusal(Fault.NOT_FOUND) from None


def _query_reader(parameter: Parameter) -> Callable[[Sequence[str], str], Any]:
    """Make the function (texts, context) -> value; of several texts for one value the first counts."""
    read = _reader(parameter)
    if not parameter.repeats:
        return lambda texts, context: read(texts[0], context)
    if isinstance(parameter.kind, type) and issubclass(parameter.kind, Enum):
        return lambda texts, context: tuple(read(text, context) for text in texts if text)
    return lambda texts, context: tuple(read(text, context) for text in texts)


class Decoder:
    """Reads the arguments of one route."""

    def __init__(self, route: Route) -> None:
        self.route = route
        found, body = parameters(route)
        given = [option for option in get_args(body) if option is not type(None)]
        self._body_optional = type(None) in get_args(body)
        self.body = given[0] if self._body_optional else body
        self._path = [(p.field, _reader(p)) for p in _in_path_order(route, found)]
        self._query = [(p.field, (p.name, p.alternative), _query_reader(p)) for p in found if not p.in_path]
        self._subjects = [p.field for p in found if p.kind is Subject and not p.in_path]

    def arguments(self, path: Sequence[str], query: Query, body: bytes, within: str | None = None) -> Any:  # noqa: ANN401
        """The arguments; raises `Refusal` NOT_FOUND, BAD_REQUEST, UNPROCESSABLE (in this order).

        `within` is the context that a prefix of the path names, if there is one.
        """
        context = DEFAULT_CONTEXT if within is None else within
        values: dict[str, Any] = {}
        for (field, read), text in zip(self._path, path, strict=True):
            values[field] = read(text, context)
        if query:
            for field, names, read in self._query:
                texts = query.get(names[0]) or query.get(names[1])
                if texts:
                    values[field] = read(texts, context)
        if within is not None:
            for field in self._subjects:
                values.setdefault(field, Subject(context, ""))
        if self.body is not None:
            values["body"] = self.read_body(body)
        return self.route.args(**values)

    def read_body(self, raw: bytes) -> Any:  # noqa: ANN401
        """The body of the route's type; raises `Refusal` BAD_REQUEST, UNPROCESSABLE."""
        assert self.body is not None
        body = decode_body(raw, self.body)
        if body is None and not self._body_optional:
            raise Refusal(
                Fault.UNPROCESSABLE, why=f"{self.route.operation}.request must not be null (was null)"
            )
        return body


def _in_path_order(route: Route, found: Sequence[Parameter]) -> list[Parameter]:
    by_name = {p.field: p for p in found if p.in_path}
    return [by_name[s[1:-1]] for s in route.path.split("/") if s.startswith("{")]
