"""From what a client sent to what is stored: references resolved, text parsed, printed and hashed.

Errors of a schema have texts of their own by type (docs/wire.md, invalid schemas).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from registan.contract.body.common import EntityType, SchemaEntityBody, SchemaTagsBody
from registan.contract.body.schema import RegisterRequest
from registan.core.state import State, target
from registan.formats import memo
from registan.formats.memo import Parsed, Wanted
from registan.formats.protocol import Invalid
from registan.formats.table import format_of
from registan.model.data_contract import Metadata
from registan.model.fault import Fault, Refusal
from registan.model.record import Schema, Version
from registan.model.schema import Named, Reference, Referenced, SchemaType, Source, guid
from registan.model.subject import Subject

LATEST = -1


class Prepared:
    """A schema ready to be compared, found or stored."""

    __slots__ = ("_guid", "_source", "_stored", "parsed")

    def __init__(self, parsed: Parsed, source: Source, *, stored: bool = False) -> None:
        self.parsed = parsed
        self._source = source
        self._stored = stored
        self._guid = ""

    @property
    def metadata(self) -> Metadata | None:
        """The metadata that would be stored."""
        return self._source.metadata

    @property
    def source(self) -> Source:
        """The source with the text that would be stored; made when it is first asked for."""
        if not self._stored:
            if self.parsed.text != self._source.text:
                self._source = replace(self._source, text=self.parsed.text)
            self._stored = True
        return self._source

    @property
    def guid(self) -> str:
        """The hash of the source; made when it is first asked for."""
        if not self._guid:
            self._guid = guid(self.source)
        return self._guid


def schema_type(text: str | None) -> SchemaType:
    """The type a request names; raises `Refusal` INVALID_SCHEMA."""
    if text is None:
        return SchemaType.AVRO
    try:
        return SchemaType(text)
    except ValueError:
        raise Refusal(Fault.INVALID_SCHEMA, why=f"Invalid schema type {text}") from None


def source_of(subject: Subject, body: RegisterRequest) -> Source:
    """The schema of a request as sent; raises `Refusal` INVALID_SCHEMA, BAD_REQUEST."""
    source = Source(
        schema_type(body.schema_type),
        body.schema or "",
        (),
        body.metadata.value() if body.metadata is not None else None,
        body.rule_set.value() if body.rule_set is not None else None,
    )
    if not body.references:
        return source
    if None in body.references:
        raise Refusal(Fault.BAD_REQUEST, why="null is not allowed inside `references`")
    named = [(r.name, r.subject, r.version) for r in body.references if r is not None]
    references = [r.value() for r in body.references if r is not None]
    for reference, parts in zip(references, named, strict=True):
        if reference is None:
            why = Invalid(f"Invalid reference: {_described([parts])}")
            raise Refusal(Fault.INVALID_SCHEMA, why=invalid_text(subject, source, why, named))
    return replace(source, references=tuple(r for r in references if r is not None))


def prepare(
    state: State,
    subject: Subject,
    source: Source,
    *,
    new: bool,
    normalize: bool = False,
    strict: bool = True,
    check_fields: bool = False,
    wanted: Wanted = Wanted.BOTH,
) -> Prepared:
    """Parse and print a source as sent. Raises `Refusal` INVALID_SCHEMA, SCHEMA_TOO_LARGE.

    `new` forbids references to soft-deleted versions; `strict` checks what only new schemas must keep,
    `check_fields` what `validateFields` asks of a format. `wanted` is a hint at what it is for.
    """
    if len(source.text) > state.defaults.schema_bytes_max:
        raise Refusal(Fault.SCHEMA_TOO_LARGE)
    try:
        references, closure = resolve(state, subject.context, source.references, deleted=not new)
        parsed = memo.parse(
            format_of(source.type), source, closure, strict=strict, normalize=normalize, wanted=wanted
        )
        if check_fields:
            parsed.format.check_fields(parsed.form)
    except Invalid as invalid:
        raise Refusal(Fault.INVALID_SCHEMA, why=invalid_text(subject, source, invalid)) from None
    if normalize:
        references = tuple(sorted(set(references), key=lambda r: (r.subject, r.version)))
    return Prepared(
        parsed, source if references == source.references else replace(source, references=references)
    )


def parsed_schema(state: State, schema: Schema) -> Parsed:
    """The parsed form of a stored schema; raises `Invalid` where it no longer parses."""
    source = schema.source
    for reference in source.references:
        if not reference.name:  # is taken once, but then nothing can be resolved with it
            raise Invalid(f"Invalid reference: {_described([reference], stored=True)}")
    _, closure = resolve(state, schema.context, source.references, deleted=True)
    return memo.parse(format_of(source.type), source, closure, strict=False)


def parsed_version(state: State, version: Version) -> Parsed:
    """The parsed form of a version; raises `Refusal` INVALID_SCHEMA where it no longer parses.

    Such a version blocks its subject: nobody can tell what fits it.
    """
    schema = state.schema_of(version)
    try:
        return parsed_schema(state, schema)
    except Invalid as invalid:
        why = invalid_text(version.subject, schema.source, invalid, number="0")
        raise Refusal(Fault.INVALID_SCHEMA, why=why) from None


def resolve(
    state: State, context: str, references: Sequence[Reference], *, deleted: bool
) -> tuple[tuple[Reference, ...], dict[str, Referenced]]:
    """References with `latest` made a number, and their closure by name, inner ones first.

    Raises `Invalid` for a target that is not there, and where a limit is passed.
    """
    if not references:
        return (), {}
    closure: dict[str, Referenced] = {}
    exact = tuple(_resolve_one(state, context, r, closure, deleted=deleted, depth=0) for r in references)
    return exact, closure


def _resolve_one(
    state: State,
    context: str,
    reference: Reference,
    closure: dict[str, Referenced],
    *,
    deleted: bool,
    depth: int,
) -> Reference:
    limits = state.defaults
    if depth >= limits.reference_depth_max:
        raise Invalid(f"References are nested deeper than {limits.reference_depth_max}", syntax=True)
    subject, number = target(reference, context)
    entry = state.subject(subject)
    version = None
    if number == LATEST:
        version = entry.latest() if entry is not None else None
    elif number < 1:
        raise Invalid(f"Invalid version in reference: {number}")
    elif entry is not None:
        version = entry.versions.get(number)
    if version is None or (version.deleted and not deleted):
        raise Invalid(f'No schema reference found for subject "{reference.subject}" and version {number}')
    exact = reference if number == version.version else reference._replace(version=version.version)
    if reference.name not in closure:
        schema = state.schema_of(version)
        for inner in schema.source.references:
            _resolve_one(state, subject.context, inner, closure, deleted=True, depth=depth + 1)
        if len(closure) >= limits.references_max:
            raise Invalid(f"More than {limits.references_max} references")
        closure.setdefault(reference.name, Referenced(str(subject), version.version, schema.source))
    return exact


def _described(named: Iterable[Named], *, stored: bool = False) -> str:
    """References as messages show them. An empty name of a stored one reads back as none."""
    shown = ((name or None if stored else name, subject, version) for name, subject, version in named)
    return ", ".join(
        f"{{name='{_or_null(name)}', subject='{_or_null(subject)}', version={_or_null(version)}}}"
        for name, subject, version in shown
    )


def invalid_text(
    subject: Subject,
    source: Source,
    invalid: Invalid,
    named: Iterable[Named] | None = None,
    number: str = "null",
) -> str:
    """The message of 42201 for a text that is no valid schema, by type.

    `named` are references of which parts are missing; `number` is the id that an Avro text prints.
    """
    why, kind = str(invalid), source.type.value
    if source.type is not SchemaType.AVRO and invalid.syntax:
        return f"Invalid schema of type {kind}, details: Invalid schema of type {kind}, details: {why}"
    listed = list(source.references if named is None else named)
    references = _described(listed, stored=number != "null")
    numbers = f"version=null,id={number}" if source.type is SchemaType.AVRO else "version=0,id=-1"
    echo = (
        f"{{subject={subject},{numbers},guid={guid(source, listed)},schemaType={kind},"
        f"references=[{references}],metadata={_or_null(source.metadata)},"
        f"ruleSet={_or_null(source.rule_set)},schema={source.text},"
        "schemaTags=null,ts=null,deleted=null}"
    )
    if source.type is not SchemaType.AVRO:
        return f"Invalid schema {echo}, details: {why}"
    return (
        f"Invalid schema of type AVRO, details: Invalid schema {echo} "
        f"with refs [{references}] of type AVRO, details: {why}"
    )


def _or_null(value: object) -> str:
    return "null" if value is None else str(value)


def rendered(state: State, schema: Schema, style: str) -> str:
    """The text of a stored schema in a style (`?format=`); as stored without one, or if it does not parse."""
    text = schema.source.text
    if not style or style == "default":
        return text
    try:
        parsed = parsed_schema(state, schema)
    except Invalid:
        return text
    return parsed.format.render(parsed.form, style)


def schema_tags(state: State, schema: Schema, names: Sequence[str]) -> list[SchemaTagsBody] | None:
    """Inline tags that are asked for (`*` for all), or None where there are none."""
    if not names:
        return None
    try:
        parsed = parsed_schema(state, schema)
    except Invalid:
        return None
    wanted = None if "*" in names else set(names)
    found = []
    for place in parsed.format.tags(parsed.form):
        tags: list[str | None] = [tag for tag in place.tags if wanted is None or tag in wanted]
        if tags:
            kind = EntityType.FIELD if place.is_field else EntityType.RECORD
            entity = SchemaEntityBody(entity_path=place.path, entity_type=kind)
            found.append(SchemaTagsBody(schema_entity=entity, tags=tags))
    return found or None
