"""All versions with their schemas, by prefix and by what they must have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from registan.contract.body.schema import ExtendedSchemaReply
from registan.contract.routes.schemas import SCHEMA_LIST, Lifecycle, SchemasArgs
from registan.core.effective import follow_alias
from registan.core.handlers import handles
from registan.core.paging import page
from registan.core.replies import extended_reply
from registan.core.state import State
from registan.model.record import Version
from registan.model.subject import GLOBAL, Subject


@handles(SCHEMA_LIST)
def list_schemas(state: State, args: SchemasArgs) -> list[ExtendedSchemaReply]:
    """Versions by qualified subject, then number; the page is taken after all filters."""
    defaults = state.defaults
    wanted = page(
        args.offset, args.limit, default=defaults.search_limit_default, most=defaults.search_limit_max
    )
    prefix = args.subject_prefix or GLOBAL
    aliases = _aliases(state, prefix) if args.aliases else {}
    names = state.names.starting(prefix)
    if aliases:
        names = sorted({*names, *aliases})
    versions = wanted.of(_versions(state, names, args))
    return [extended_reply(v, state.schema_of(v), aliases.get(str(v.subject))) for v in versions]


def _versions(state: State, names: list[str], args: SchemasArgs) -> Iterator[Version]:
    gone = () if args.deleted else state.names.gone
    for name in names:
        if name in gone:
            continue
        subject = Subject.parse(name)
        entry = state.subject(subject)
        if entry is None or not _associated(args):
            continue
        if args.latest_only:
            latest = entry.latest(deleted=args.deleted)
            versions = [] if latest is None else [latest]
        else:
            versions = [v for v in entry.versions.values() if args.deleted or not v.deleted]
        for version in versions:
            if not args.rule_type or _has_rule(state, version, args.rule_type):
                yield version


def _has_rule(state: State, version: Version, kind: str) -> bool:
    rule_set = state.schema_of(version).source.rule_set
    return rule_set is not None and any(rule.type == kind for rule in rule_set.rules())


def _associated(args: SchemasArgs) -> bool:
    """Whether a subject has the associations asked for. Nothing is associated yet."""
    if args.resource_type or args.association_type:
        return False
    return not args.lifecycle or Lifecycle.NONE in args.lifecycle


def _aliases(state: State, prefix: Subject) -> Mapping[str, list[str]]:
    """Qualified subject → its aliases that start with the prefix, sorted."""
    found: dict[str, list[str]] = {}
    for alias in state.aliased:
        target = follow_alias(state, alias)
        if alias.name and prefix.context in ("*", alias.context) and alias.name.startswith(prefix.name):
            found.setdefault(str(target), []).append(str(alias))
    return {name: sorted(aliases) for name, aliases in found.items()}
