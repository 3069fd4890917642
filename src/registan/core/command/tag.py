"""Tags, metadata and rules of a version, changed by registering a new one (docs/wire.md, subjects)."""

from __future__ import annotations

from dataclasses import replace

from registan.contract.body.schema import TagsRequest
from registan.contract.routes.subjects import VERSION_TAGS, TagsArgs
from registan.core.command.register import APPEND_UNLESS_LATEST, Registration, register_new
from registan.core.decision import Decision, Facts
from registan.core.effective import effective_config
from registan.core.handlers import handles
from registan.core.permission import check_subject
from registan.core.places import find_version
from registan.core.rule_sets import validate
from registan.core.state import State
from registan.core.tagging import tag_edits
from registan.core.versions import version_number
from registan.model.data_contract import Rule, RuleSet, merge_rule_sets
from registan.model.fault import Fault, Refusal


@handles(VERSION_TAGS)
def tag(state: State, args: TagsArgs, facts: Facts) -> Decision:
    """Make a new version out of one, with other tags, metadata or rules; always a new one."""
    check_subject(state, args.subject)
    body = args.body
    version = find_version(state, args.subject, version_number(args.version))
    source = state.schema_of(version).source
    metadata = body.metadata.value() if body.metadata is not None else source.metadata
    rule_set = _rules(body, source.rule_set)
    validate(rule_set)
    config = effective_config(state, args.subject)
    wanted = Registration(
        subject=args.subject,
        source=replace(source, metadata=metadata, rule_set=rule_set),
        version=body.new_version or APPEND_UNLESS_LATEST,
        add=tag_edits(body.tags_to_add or ()),
        remove=tag_edits(body.tags_to_remove or ()),
        normalize=bool(config.normalize),
    )
    return register_new(state, config, wanted, facts)


def _rules(body: TagsRequest, present: RuleSet | None) -> RuleSet | None:
    """The rule set after the request: replaced, or merged and thinned out by name."""
    if body.rule_set is not None:
        if body.rules_to_merge is not None or body.rules_to_remove:
            why = "ruleSet should be omitted if specifying rulesToMerge or rulesToRemove"
            raise Refusal(Fault.INVALID_RULE_SET, why=why)
        return body.rule_set.value()
    merged = present
    if body.rules_to_merge is not None:
        merged = merge_rule_sets(present, body.rules_to_merge.value())
    if merged is None or not body.rules_to_remove:
        return merged
    names = frozenset(body.rules_to_remove)

    def rest(rules: tuple[Rule, ...] | None) -> tuple[Rule, ...] | None:
        return None if rules is None else tuple(rule for rule in rules if rule.name not in names)

    return RuleSet(
        migration_rules=rest(merged.migration_rules),
        domain_rules=rest(merged.domain_rules),
        encoding_rules=rest(merged.encoding_rules),
        enable_at=merged.enable_at,
    )
