"""Reading the key registry."""

from __future__ import annotations

from registan.contract.body.keys import DekReply, KekReply
from registan.contract.routes.deks import (
    DEK_GET,
    DEK_LIST,
    DEK_VERSION_GET,
    DEK_VERSIONS,
    GetDekArgs,
    GetDekVersionArgs,
    ListDeksArgs,
    ListDekVersionsArgs,
)
from registan.contract.routes.keks import (
    KEK_GET,
    KEK_LIST,
    KEK_TEST,
    GetKekArgs,
    KekArgs,
    ListKeksArgs,
)
from registan.core.handlers import handles
from registan.core.keys import find_dek, find_kek, invalid, no_driver, series
from registan.core.paging import page
from registan.core.state import State
from registan.core.versions import version_number
from registan.model.subject import ANY_CONTEXT, Subject

FIRST = 1
"""The version that is meant where none is named."""


@handles(KEK_LIST)
def list_keks(state: State, args: ListKeksArgs) -> list[str]:
    """The names of KEKs, sorted."""
    names = [kek.name for kek in state.keks if args.deleted or not kek.deleted]
    if args.subject_prefix:
        names = [name for name in names if _wraps_for(state, name, args)]
    return page(args.offset, args.limit).of(sorted(names))


def _wraps_for(state: State, name: str, args: ListKeksArgs) -> bool:
    """Whether a KEK wraps a key of a subject with one of the prefixes."""
    return any(
        _has_prefix(dek.subject, prefix)
        for dek in state.deks.where("kek", name)
        if args.deleted or not dek.deleted
        for prefix in args.subject_prefix
    )


def _has_prefix(subject: Subject, prefix: Subject) -> bool:
    if prefix.context == ANY_CONTEXT:
        return subject.name.startswith(prefix.name)
    return str(subject).startswith(str(prefix))


@handles(KEK_GET)
def get_kek(state: State, args: GetKekArgs) -> KekReply:
    """A KEK."""
    return KekReply.of(find_kek(state, args.name, deleted=args.deleted))


@handles(KEK_TEST)
def test_kek(state: State, args: KekArgs) -> KekReply:
    """Whether the registry can use a shared KEK: there is no way to any key service yet."""
    kek = find_kek(state, args.name)
    if not kek.shared:
        raise invalid("shared")
    raise no_driver(f"test kek {kek.name}", kek)


@handles(DEK_LIST)
def list_deks(state: State, args: ListDeksArgs) -> list[str]:
    """The subjects with keys wrapped by a KEK, of all contexts, sorted."""
    find_kek(state, args.name, deleted=args.deleted)
    held = state.deks.where("kek", args.name)
    subjects = {str(dek.subject) for dek in held if args.deleted or not dek.deleted}
    return page(args.offset, args.limit).of(sorted(subjects))


@handles(DEK_GET)
def get_dek(state: State, args: GetDekArgs) -> DekReply:
    """The first version of a DEK."""
    find_kek(state, args.name, deleted=args.deleted)
    return DekReply.of(find_dek(state, args.name, args.subject, args.algorithm, FIRST, deleted=args.deleted))


@handles(DEK_VERSION_GET)
def get_dek_version(state: State, args: GetDekVersionArgs) -> DekReply:
    """A version of a DEK."""
    number = version_number(args.version)
    find_kek(state, args.name, deleted=args.deleted)
    return DekReply.of(find_dek(state, args.name, args.subject, args.algorithm, number, deleted=args.deleted))


@handles(DEK_VERSIONS)
def list_dek_versions(state: State, args: ListDekVersionsArgs) -> list[int]:
    """The versions of a DEK; none where there is no such DEK."""
    find_kek(state, args.name, deleted=args.deleted)
    held = series(state, args.name, args.subject, args.algorithm)
    numbers = [dek.version for dek in held if args.deleted or not dek.deleted]
    return page(args.offset, args.limit).of(numbers)
