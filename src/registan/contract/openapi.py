"""The description of the API for machines, computed from the routes: OpenAPI 3.1 as JSON values.

What lives here: how a route reads as an operation. What never does: a fact about a single route.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import Enum
from typing import Any, get_args, get_origin

import msgspec

from registan.contract.args import INT_MAX, Parameter, parameters
from registan.contract.media import PLAIN_JSON, V1_JSON
from registan.contract.route import Effect, Freshness, NoContent, RawJson, RawText, Route
from registan.model.fault import Fault

Json = dict[str, Any]

_INTRODUCTION = """A schema registry for Kafka messages, wire-compatible with the Confluent Schema Registry.

Every path also stands below `/contexts/{context}`: subjects and scopes that do not name a context
themselves are then those of that context. A subject in a path is percent-encoded (`/` is `%2F`).

Errors are `{"error_code": …, "message": …}`; codes of five digits begin with the HTTP status.
`application/vnd.schemaregistry+json` is taken and answered too, and bodies may come as
`application/octet-stream`."""

_REF = "#/components/schemas/{name}"

_MEDIA = (V1_JSON.decode(), PLAIN_JSON.decode())


class ErrorReply(msgspec.Struct, frozen=True):
    """An error."""

    error_code: int
    message: str


def document(routes: Iterable[Route], version: str) -> Json:
    """The whole description. Raises TypeError for a body or reply that has no schema: a route's defect."""
    routes = tuple(routes)
    bodies = {route.name: _body(route) for route in routes}
    types = _unique(
        [ErrorReply]
        + [body for body, _ in bodies.values() if body is not None]
        + [reply for route in routes if (reply := _reply(route)) is not None]
    )
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    by_type = dict(zip(map(repr, types), schemas, strict=True))
    paths: dict[str, Json] = {}
    for route in routes:
        operation = _operation(route, bodies[route.name], by_type)
        paths.setdefault(route.path, {})[route.method.value.lower()] = operation
    tags = dict.fromkeys(tag for route in routes for tag in route.tags)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Registan",
            "version": version,
            "description": _INTRODUCTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": [{"name": tag} for tag in tags],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(components.items())),
            "responses": {f"E{fault.code}": _error([fault], by_type) for fault in _COMMON},
        },
    }


def _unique(types: list[Any]) -> list[Any]:
    return list({repr(type_): type_ for type_ in types}.values())


def _body(route: Route) -> tuple[Any, bool]:
    """The type of the body, None where there is none, and whether it must be sent."""
    _, body = parameters(route)
    given = [option for option in get_args(body) if option is not type(None)]
    optional = body is not None and type(None) in get_args(body)
    return (given[0] if optional else body), not optional


def _reply(route: Route) -> Any:  # noqa: ANN401  (a type)
    """The type of a JSON reply, None for other replies."""
    return None if route.reply in (NoContent, RawText, RawJson) else route.reply


def _operation(route: Route, body: tuple[Any, bool], schemas: dict[str, Json]) -> Json:
    found, _ = parameters(route)
    operation: Json = {
        "operationId": route.name,
        "summary": route.doc,
        "description": route.args.__doc__ or "",
        "tags": list(route.tags),
        "parameters": [_parameter(each) for each in found],
    }
    type_, required = body
    if type_ is not None:
        content = {"schema": schemas[repr(type_)]}
        operation["requestBody"] = {
            "required": required,
            "content": dict.fromkeys(_MEDIA, content),
        }
    operation["responses"] = _responses(route, schemas, has_body=type_ is not None)
    if route.access is not None:
        operation["x-permission"] = f"{route.access.resource}:{route.access.action.value}"
    return operation


def _parameter(parameter: Parameter) -> Json:
    schema = _schema(parameter)
    if parameter.repeats:
        schema = {"type": "array", "items": schema}
    elif parameter.default not in (None, "") and not parameter.in_path:
        default = parameter.default
        schema = {**schema, "default": default.value if isinstance(default, Enum) else default}
    return {
        "name": parameter.field if parameter.in_path else parameter.name,
        "in": "path" if parameter.in_path else "query",
        "required": parameter.in_path,
        "schema": schema,
    }


def _schema(parameter: Parameter) -> Json:
    kind = parameter.kind
    if get_origin(kind) is tuple:
        kind = get_args(kind)[0]
    if kind is bool:
        return {"type": "boolean"}
    if kind is int:
        return {"type": "integer", "format": "int32", "minimum": -INT_MAX - 1, "maximum": INT_MAX}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"type": "string", "enum": [member.value for member in kind]}
    return {"type": "string", **({"minLength": 1} if parameter.in_path else {})}


def _responses(route: Route, schemas: dict[str, Json], *, has_body: bool) -> Json:
    responses = {str(route.status): _success(route, schemas)}
    by_status: dict[int, list[Fault]] = {}
    for fault in dict.fromkeys((*route.faults, *_common(route, has_body=has_body))):
        by_status.setdefault(fault.status, []).append(fault)
    for status, faults in sorted(by_status.items()):
        alone = len(faults) == 1 and faults[0] in _COMMON
        responses[str(status)] = (
            {"$ref": f"#/components/responses/E{faults[0].code}"} if alone else _error(faults, schemas)
        )
    return responses


def _error(faults: Collection[Fault], schemas: dict[str, Json]) -> Json:
    said = "\n".join(f"- `{fault.code}` {fault.doc}" for fault in faults)
    error = {"schema": schemas[repr(ErrorReply)]}
    content: Json = dict.fromkeys(_MEDIA, error)
    if Fault.BAD_REQUEST in faults:
        content["text/html"] = {
            "schema": {"type": "string", "description": "For a path that cannot be read."}
        }
    return {"description": said, "content": content}


def _success(route: Route, schemas: dict[str, Json]) -> Json:
    if route.reply is NoContent:
        return {"description": "Done."}
    if route.reply in (RawText, RawJson):
        schema: Json = {"description": "The text as it is, whatever the Content-Type says."}
    else:
        schema = schemas[repr(route.reply)]
    return {"description": "The answer.", "content": {media: {"schema": schema} for media in _MEDIA}}


_ALWAYS = (Fault.BAD_REQUEST, Fault.NOT_FOUND, Fault.NOT_ACCEPTABLE, Fault.UNSUPPORTED_MEDIA_TYPE)
_WITH_BODY = (Fault.UNPROCESSABLE, Fault.BODY_TOO_LARGE)
_OF_STORE = (Fault.STORE_UNAVAILABLE,)
_COMMON = (*_ALWAYS, *_WITH_BODY, *_OF_STORE)


def _common(route: Route, *, has_body: bool) -> tuple[Fault, ...]:
    """What any route of this kind may answer besides its own faults."""
    body = _WITH_BODY if has_body else ()
    asks = route.effect is Effect.WRITES or route.freshness is not Freshness.LOCAL
    return (*_ALWAYS, *body, *(_OF_STORE if asks else ()))
