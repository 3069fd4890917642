"""Schemas: what a client sent (`Source`), what it is called (`Reference`), how it is told apart (guid)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import md5
from typing import TYPE_CHECKING, NamedTuple

from registan.model.data_contract import Metadata, Rule, RuleSet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class SchemaType(StrEnum):
    """The three formats, named as on the wire."""

    AVRO = "AVRO"
    JSON = "JSON"
    PROTOBUF = "PROTOBUF"


class Reference(NamedTuple):
    """A named pointer from one schema to a version of a subject; `subject` is kept as sent."""

    name: str
    subject: str
    version: int


@dataclass(frozen=True, slots=True)
class Source:
    """A schema as a text with all that belongs to its identity.

    `text` is what the client sent, or, once stored, the canonical form.
    """

    type: SchemaType
    text: str
    references: tuple[Reference, ...] = ()
    metadata: Metadata | None = None
    rule_set: RuleSet | None = None

    @property
    def guid(self) -> str:
        """The content's MD5 in the form of a UUID (computed at every call)."""
        return guid(self)


class Referenced(NamedTuple):
    """A resolved reference: the qualified subject and version it names, and what is stored there."""

    subject: str
    version: int
    source: Source


Named = tuple[str | None, str | None, int | None]
"""A reference of which parts may be missing."""


def guid(source: Source, named: Iterable[Named] | None = None) -> str:
    """The 128-bit content hash, printed as a UUID.

    MD5 over text, references, metadata and rule set; the schema type is not hashed and nothing
    separates the parts (docs/wire.md, guid). `named` counts instead of the source's references.
    """
    digest = md5(source.text.encode("utf-8", "surrogatepass"), usedforsecurity=False)
    update = digest.update
    for name, subject, version in source.references if named is None else named:
        update((name or "").encode())
        update((subject or "").encode())
        if version is not None:
            update((version & 0xFFFFFFFF).to_bytes(4, "big"))
    if source.metadata is not None:
        _hash_metadata(update, source.metadata)
    if source.rule_set is not None:
        _hash_rule_set(update, source.rule_set)
    text = digest.hexdigest()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _hash_metadata(update: Callable[[bytes], None], metadata: Metadata) -> None:
    update(b"\x01")
    for path in sorted(metadata.tags):
        update(path.encode())
        for tag in sorted(metadata.tags[path]):
            update(tag.encode())
    for key in sorted(metadata.properties):
        update(key.encode())
        update(metadata.properties[key].encode())
    for name in sorted(metadata.sensitive):
        update(name.encode())


def _hash_rule_set(update: Callable[[bytes], None], rule_set: RuleSet) -> None:
    update(b"\x01")
    for rule in rule_set.rules():
        _hash_rule(update, rule)
    if rule_set.enable_at is not None:
        update(rule_set.enable_at.encode())


def _hash_rule(update: Callable[[bytes], None], rule: Rule) -> None:
    for text in (rule.name, rule.doc, rule.kind, rule.mode, rule.type):
        if text is not None:
            update(text.encode())
    for tag in sorted(rule.tags):
        update(tag.encode())
    for key in sorted(rule.params):
        update(key.encode())
        update(rule.params[key].encode())
    for text in (rule.expr, rule.on_success, rule.on_failure):
        if text is not None:
            update(text.encode())
    if rule.disabled:
        update(b"\x01")
