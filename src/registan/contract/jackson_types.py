"""How parsed JSON becomes values of the types of a body: the recorded server's coercions and objections.

One mapper for each type, made from its hints when a body needs it for the first time. Syntax is
jackson_parser.py's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, NoReturn

import msgspec
from msgspec import inspect

from registan.contract.jackson_parser import Number, Pairs, Value, Values
from registan.model.fault import Fault, Refusal


@dataclass(frozen=True, slots=True)
class Mapper:
    """Reads JSON values as one type."""

    name: str
    """What messages call the type."""
    convert: Callable[[Value, str], Any]
    """Reads a value that is not null; the text is the name to use in messages."""
    nullable: bool = False
    null: Any = None
    """What null becomes where the type has no null (a primitive)."""

    def read(self, value: Value, name: str | None = None) -> Any:  # noqa: ANN401  (of the type)
        """The value as this type. Raises `Refusal(BAD_REQUEST)`."""
        if value is None:
            return self.null
        return self.convert(value, name or self.name)


@lru_cache(256)
def mapper(type_: Any) -> Mapper:  # noqa: ANN401  (a type)
    """The mapper of a type: a struct, or anything a struct's field may be.

    Raises TypeError for a type that no body uses: a defect of the struct.
    """
    return _mapper(inspect.type_info(type_))


def _mapper(type_: inspect.Type) -> Mapper:
    match type_:
        case inspect.Metadata(type=inspect.BoolType(), extra={"java": "boolean"}):
            return Mapper("boolean", _read_primitive_bool, null=False)
        case inspect.Metadata(type=inspect.ListType(item_type=item), extra={"java": java}):
            return _collection(_mapper(item), list, java)
        case inspect.Metadata(type=inner):
            return _mapper(inner)
        case inspect.UnionType(types=types):
            return _union(types)
        case inspect.StrType():
            return Mapper("String", _read_str)
        case inspect.IntType(ge=low, le=high):
            return _int(low, high)
        case inspect.BoolType():
            return Mapper("Boolean", _read_bool)
        case inspect.EnumType(cls=cls):
            return _enum(cls)
        case inspect.ListType(item_type=item):
            return _collection(_mapper(item), list, "ArrayList")
        case inspect.VarTupleType(item_type=item):
            return _collection(_mapper(item), tuple, "ArrayList")
        case inspect.DictType(key_type=inspect.StrType(), value_type=item):
            return _dict(_mapper(item))
        case inspect.StructType(cls=cls):
            return _struct(cls)
        case inspect.AnyType():
            return Mapper("Object", lambda value, _: _plain(value))
        case _:
            raise TypeError(f"no body has fields like {type_}")


def _union(types: tuple[inspect.Type, ...]) -> Mapper:
    others = [_mapper(one) for one in types if not isinstance(one, inspect.NoneType)]
    if len(others) != 1:
        raise TypeError("a field of a body is of one type, or of one type or None")
    return Mapper(others[0].name, others[0].convert, nullable=len(types) > 1)


# -- objections


def _refuse(why: str) -> NoReturn:
    raise Refusal(Fault.BAD_REQUEST, why=why)


def _mismatch(value: Value, name: str) -> NoReturn:
    match value:
        case Pairs():
            shape, token = "Object", "START_OBJECT"
        case Values():
            shape, token = "Array", "START_ARRAY"
        case bool():
            shape, token = "Boolean", "VALUE_TRUE" if value else "VALUE_FALSE"
        case Number(integral=True):
            shape, token = "Integer", "VALUE_NUMBER_INT"
        case Number():
            shape, token = "Floating-point", "VALUE_NUMBER_FLOAT"
        case _:
            shape, token = "String", "VALUE_STRING"
    _refuse(f"Cannot deserialize value of type `{name}` from {shape} value (token `JsonToken.{token}`)")


def _weird(text: str, name: str, why: str) -> NoReturn:
    _refuse(f'Cannot deserialize value of type `{name}` from String "{text}": {why}')


def _cannot_coerce(text: str, target: str) -> NoReturn:
    described = "blank String (all whitespace)" if text else 'empty String ("")'
    _refuse(
        f"Cannot coerce {described} to {target} (but could if coercion was enabled using `CoercionConfig`)"
    )


def _cannot_construct(name: str, why: str) -> NoReturn:
    _refuse(f"Cannot construct instance of `{name}` (although at least one Creator exists): {why}")


# -- scalars


def _read_str(value: Value, name: str) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case Number(text=text):
            return text
        case _:
            _mismatch(value, name)


def _is_null(text: str) -> bool:
    """Whether a string in the place of a number or a boolean stands for null."""
    return text in ("", "null")


def _int(low: int | None, high: int | None) -> Mapper:
    if low is None or high is None:
        raise TypeError("an int of a body has bounds: use Int32 or Int64")
    java, primitive = ("Integer", "int") if high < 2**31 else ("Long", "long")
    range_ = f"{low} - {high}"

    def read(value: Value, name: str) -> int | None:
        match value:
            case Number(text=text):
                number = _truncate(text)
                if number is None or not low <= number <= high:
                    _refuse(f"Numeric value ({_shown(text)}) out of range of {primitive} ({range_})")
                return number
            case str():
                text = value.strip()
                if _is_null(text):
                    return None
                parsed = _parse_int(text)
                if parsed is None:
                    _weird(text, name, f"not a valid `java.lang.{java}` value")
                if not low <= parsed <= high:
                    _weird(
                        text,
                        name,
                        f"Overflow: numeric value ({text}) out of range of `java.lang.{java}` ({range_})",
                    )
                return parsed
            case _:
                _mismatch(value, name)

    return Mapper(java, read)


def _shown(text: str) -> str:
    return text if len(text) < 1000 else f"[number with {len(text)} characters]"


def _truncate(text: str) -> int | None:
    """The whole part of a JSON number; NaN is 0, infinity none."""
    if text == "NaN":
        return 0
    if text.lstrip("+-")[0] == "I":
        return None
    if text.lstrip("-").isdigit():
        return int(text)
    number = float(text)
    return None if number in (float("inf"), float("-inf")) else int(number)


def _parse_int(text: str) -> int | None:
    """An integer as Java's parseInt takes it: a sign, digits of any script, at most 19 of them."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not digits.isdecimal() or len(digits) > 19:
        return None
    return int(text)


def _read_bool(value: Value, name: str) -> bool | None:
    if isinstance(value, str):
        text = value.strip()
        if _is_null(text):
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        _weird(text, name, 'only "true" or "false" recognized')
    return _bool(value, name)


def _read_primitive_bool(value: Value, name: str) -> bool:
    if isinstance(value, str):
        text = value.strip()
        if _is_null(text):
            return False
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        _weird(text, name, 'only "true"/"True"/"TRUE" or "false"/"False"/"FALSE" recognized')
    return _bool(value, name)


_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


def _bool(value: Value, name: str) -> bool:
    match value:
        case bool():
            return value
        case Number(text=text, integral=True):
            return text.lstrip("-0") != ""
        case _:
            _mismatch(value, name)


def _enum(cls: type[Enum]) -> Mapper:
    members = list(cls)
    by_value = {str(member.value): member for member in members}
    accepted = ", ".join(by_value)

    def by_position(text: str, name: str) -> Enum:
        position = int(text)
        if not 0 <= position < len(members):
            _refuse(
                f"Cannot deserialize value of type `{name}` from number {position}: "
                f"index value outside legal index range [0..{len(members) - 1}]"
            )
        return members[position]

    def read(value: Value, name: str) -> Enum:
        match value:
            case str() if value in by_value:
                return by_value[value]
            case str() if not value.strip():
                _cannot_coerce(value, f"`{name}` value")
            case str():
                _weird(value, name, f"not one of the values accepted for Enum class: [{accepted}]")
            case Number(text=text, integral=True):
                return by_position(text, name)
            case _:
                _mismatch(value, name)

    return Mapper(getattr(cls, "__java__", cls.__name__), read)


# -- collections and structs


def _collection(item: Mapper, build: Callable[[list[Any]], Any], java: str) -> Mapper:
    of_strings = item.name == "String"

    def read(value: Value, name: str) -> object:
        if isinstance(value, str) and of_strings:
            _from_string(value, java, f"element of `{java}`")
        if not isinstance(value, Values):
            _mismatch(value, name)
        return build([_read_item(item, one) for one in value])

    return Mapper(f"{item.name}>", read)


def _dict(item: Mapper) -> Mapper:
    def read(value: Value, name: str) -> dict[str, Any]:
        if isinstance(value, str):
            _from_string(value, "LinkedHashMap", "element of `LinkedHashMap`")
        if not isinstance(value, Pairs):
            _mismatch(value, name)
        return {key: _read_item(item, one) for key, one in value}

    return Mapper(f"{item.name}>", read)


def _read_item(item: Mapper, value: Value) -> object:
    if value is None and not item.nullable:
        # The recorded server fails here, or stores a null that fails later.
        _refuse(f"Null is not allowed among values of type `{item.name}`")
    return item.read(value)


def _from_string(text: str, java: str, target: str) -> NoReturn:
    if not text.strip():
        _cannot_coerce(text, target)
    _cannot_construct(
        java,
        f"no String-argument constructor/factory method to deserialize from String value ('{text}')",
    )


def _struct(cls: type[msgspec.Struct]) -> Mapper:
    java: str = getattr(cls, "__java__", cls.__name__)
    from_string: str | None = getattr(cls, "__java_from_string__", None)
    # The fields' mappers are made with the first object, so that a struct may hold its own kind.
    fields: dict[str, tuple[str, Mapper, bool]] = {}

    def learn() -> None:
        described = inspect.type_info(cls)
        assert isinstance(described, inspect.StructType)
        for field in described.fields:
            fields[field.encode_name] = (field.name, _mapper(field.type), not field.required)

    def read(value: Value, name: str) -> msgspec.Struct:
        if isinstance(value, str) and from_string and value:
            return cls(**{from_string: value})
        if not isinstance(value, Pairs):
            _no_struct(value, name)
        if not fields:
            learn()
        found: dict[str, Any] = {}
        for key, one in value:
            if key not in fields:
                continue
            attribute, of_type, optional = fields[key]
            result = of_type.read(one)
            if result is None and not of_type.nullable and optional:
                found.pop(attribute, None)
            else:
                found[attribute] = result
        return cls(**found)

    return Mapper(java, read)


def _no_struct(value: Value, name: str) -> NoReturn:
    match value:
        case str():
            _from_string(value, name, f"`{name}` value")
        case bool():
            shown = "true" if value else "false"
            kind = "boolean/Boolean-argument constructor/factory method to deserialize from boolean"
        case Number(text=text, integral=True):
            shown, kind = (
                text,
                f"{_int_kind(int(text))} constructor/factory method to deserialize from Number",
            )
        case Number(text=text):
            shown = java_double(text)
            kind = "double/Double-argument constructor/factory method to deserialize from Number"
        case _:
            _mismatch(value, name)
    _cannot_construct(name, f"no {kind} value ({shown})")


def _int_kind(number: int) -> str:
    if -(2**31) <= number < 2**31:
        return "int/Int-argument"
    return "long/Long-argument" if -(2**63) <= number < 2**63 else "BigInteger-argument"


def java_double(text: str) -> str:
    """A JSON number as Java prints the double."""
    number = float(text)
    if text == "NaN" or number in (float("inf"), float("-inf")):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(number)]
    if number == 0 or 1e-3 <= abs(number) < 1e7:
        return repr(number) if "e" not in repr(number) else format(number, "f").rstrip("0")
    digits, _, exponent = format(number, "e").partition("e")
    shortest = repr(number).lstrip("-").partition("e")[0].replace(".", "").strip("0") or "0"
    sign = "-" if digits.startswith("-") else ""
    return f"{sign}{shortest[0]}.{shortest[1:] or '0'}E{int(exponent)}"


def _plain(value: Value) -> Any:  # noqa: ANN401  (any JSON)
    match value:
        case Pairs():
            return {key: _plain(one) for key, one in value}
        case Values():
            return [_plain(one) for one in value]
        case Number(text=text, integral=True):
            return int(text)
        case Number(text=text):
            return float(text.replace("INF", "inf"))
        case _:
            return value
