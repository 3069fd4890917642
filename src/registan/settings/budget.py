"""Settings of budgets: how much work one schema, or one verdict on compatibility, may cause.

What lives here: their names, defaults and what they count. The formats know them by the same names.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from registan.settings.kinds import Section


def _said(description: str, least: int = 1) -> Meta:
    return Meta(ge=least, description=description)


class Budget(Section, frozen=True, kw_only=True):
    """How much work one schema or one verdict may cause; more is refused with 422, naming the setting."""

    avro_comparison_steps: Annotated[
        int, _said("Avro: fields and pairs of types compared for one verdict.")
    ] = 500_000
    avro_comparison_depth: Annotated[int, _said("Avro: pairs of types compared within one another.")] = 20_000
    avro_differences: Annotated[int, _said("Avro: incompatibilities listed; more are cut off.")] = 2_000
    avro_path_chars: Annotated[
        int, _said("Avro: characters of all paths listed; after that the list is cut off.")
    ] = 1_000_000
    avro_trials: Annotated[
        int, _said("Avro: trials of union branches; after that only those of the same name are tried.")
    ] = 10_000
    avro_default_steps: Annotated[
        int, _said("Avro: types looked at on the way to defaults that stand before their types.")
    ] = 200_000
    json_schemas: Annotated[
        int,
        _said("JSON Schema: schemas that one document and what it refers to unfold into."),
    ] = 300_000
    json_uri_chars: Annotated[
        int, _said("JSON Schema: length of all absolute forms of ids and references of one document.")
    ] = 20_000_000
    json_dynamic_depth: Annotated[
        int, Meta(ge=1, le=64, description="JSON Schema: targets of `$dynamicRef` inside each other.")
    ] = 32
    json_comparison_steps: Annotated[
        int,
        _said("JSON Schema: steps of one verdict. A pair of scalars takes one, a pair of objects some ten."),
    ] = 700_000
    json_differences: Annotated[int, _said("JSON Schema: incompatibilities listed; more are cut off.")] = (
        20_000
    )
    json_path_chars: Annotated[
        int, _said("JSON Schema: characters of all paths listed; after that the list is cut off.")
    ] = 8_000_000
    json_pattern_size: Annotated[
        int, _said("JSON Schema: instructions that one regular expression becomes when it is matched.")
    ] = 20_000
    json_pattern_depth: Annotated[
        int, Meta(ge=1, le=100, description="JSON Schema: groups inside each other in a regular expression.")
    ] = 100
    json_pattern_steps: Annotated[
        int, _said("JSON Schema: steps of matching names of properties with patterns for one verdict.")
    ] = 1_000_000
    protobuf_nesting_depth: Annotated[
        int, Meta(ge=1, le=256, description="Protobuf: messages inside each other, segments of a package.")
    ] = 256
    protobuf_value_depth: Annotated[
        int, Meta(ge=1, le=100, description="Protobuf: nesting of the value of an option, steps of its name.")
    ] = 100
    protobuf_name_chars: Annotated[
        int, _said("Protobuf: length of all qualified names of a normal form.")
    ] = 16 * 1024 * 1024
    protobuf_comparison_fields: Annotated[
        int,
        _said(
            "Protobuf: fields compared for one verdict; after that a type that is met again is taken with "
            "what was found the first time."
        ),
    ] = 100_000
    protobuf_differences: Annotated[int, _said("Protobuf: incompatibilities listed; more are cut off.")] = (
        2_000
    )
