"""All versions with their schemas, by prefix and by what they must have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from registan.contract.body.schema import ExtendedSchemaReply
from registan.contract.routes.schemas import SCHEMA_LIST, Lifecycle, SchemasArgs
from registan.core.associations import Filter
from registan.core.effective import led
from registan.core.handlers import handles
from registan.core.paging import page
from registan.core.replies import extended_reply
from registan.core.state import State, SubjectEntry
from registan.model.association import Association
from registan.model.record import Version
from registan.model.subject import ANY_CONTEXT, DEFAULT_CONTEXT, GLOBAL, Subject


@handles(SCHEMA_LIST)
def list_schemas(state: State, args: SchemasArgs) -> list[ExtendedSchemaReply]:
    """Versions by qualified subject, then number; the page is taken after all filters."""
    limits = state.defaults
    wanted = page(args.offset, args.limit, default=limits.search_limit_default, most=limits.search_limit_max)
    prefix = args.subject_prefix or GLOBAL
    aliases = _aliases(state, prefix) if args.aliases else {}
    asked = bool(args.resource_type or args.association_type or args.lifecycle)
    if not args.latest_only or args.rule_type:
        names = _names(state, prefix, aliases, args)
    else:
        # One row for each name: those before the page need not be looked at.
        if aliases or asked:
            names = wanted.of(_names(state, prefix, aliases, args))
        else:
            names = state.names.page(prefix, wanted, live=None if args.deleted else True)
        wanted = page(0, -1)
    versions = _versions(_entries(state, names), args)
    if args.rule_type:
        versions = (version for version in versions if _has_rule(state, version, args.rule_type))
    return [
        extended_reply(
            version,
            state.schema_of(version),
            aliases.get(str(version.subject)),
            _associations(state, version.subject, args) if asked else (),
        )
        for version in wanted.of(versions)
    ]


def _names(
    state: State, prefix: Subject, aliases: Mapping[str, list[str]], args: SchemasArgs
) -> Iterable[str]:
    """The names of the subjects that have a row, in order."""
    names: Iterable[str] = state.names.starting(prefix)
    if aliases:
        names = sorted({*names, *aliases})
    gone = state.names.gone
    if gone and not args.deleted:
        names = (name for name in names if name not in gone)
    if args.resource_type or args.association_type or args.lifecycle:
        names = (name for name in names if _is_associated(state, name, args))
    return names


def _entries(state: State, names: Iterable[str]) -> Iterator[SubjectEntry]:
    here = state.contexts[DEFAULT_CONTEXT].subjects
    for name in names:
        entry = here.get(name) or state.subject(Subject.parse(name))
        assert entry is not None
        yield entry


def _versions(entries: Iterable[SubjectEntry], args: SchemasArgs) -> Iterator[Version]:
    for entry in entries:
        if args.latest_only:
            latest = entry.latest(deleted=args.deleted)
            assert latest is not None
            yield latest
        elif args.deleted or entry.live == len(entry.versions):
            yield from entry.versions.values()
        else:
            yield from (version for version in entry.versions.values() if not version.deleted)


def _has_rule(state: State, version: Version, kind: str) -> bool:
    rule_set = state.schema_of(version).source.rule_set
    return rule_set is not None and any(rule.type == kind for rule in rule_set.rules())


def _is_associated(state: State, name: str, args: SchemasArgs) -> bool:
    """Whether a subject has associations that are asked for, or none where that is."""
    subject = Subject.parse(name)
    if Lifecycle.NONE in args.lifecycle and not state.associations.where("subject", subject):
        return True
    return bool(_associations(state, subject, args))


def _associations(state: State, subject: Subject, args: SchemasArgs) -> list[Association]:
    """Those associations of a subject that are asked for."""
    held = state.associations.where("subject", subject)
    meant = Filter(args.resource_type, args.association_type).of(held)
    return [each for each in meant if not args.lifecycle or each.lifecycle.value in args.lifecycle]


def _aliases(state: State, prefix: Subject) -> Mapping[str, list[str]]:
    """Qualified name of a subject → its aliases that start with the prefix, sorted."""
    found: dict[str, list[str]] = {}
    for alias, text in state.aliased.items():
        if prefix.context not in (ANY_CONTEXT, alias.context):
            continue
        target = led(text, alias)
        if alias.name.startswith(prefix.name) and state.subject(target) is not None:
            found.setdefault(str(target), []).append(str(alias))
    return {name: sorted(aliases) for name, aliases in found.items()}
