"""Validity of rule sets (docs/wire.md, 42210)."""

from __future__ import annotations

from registan.model.data_contract import Rule, RuleMode, RuleSet
from registan.model.fault import Fault, Refusal

NAME_MAX = 256

MIGRATION_MODES = (RuleMode.UPGRADE, RuleMode.DOWNGRADE, RuleMode.UPDOWN)
MESSAGE_MODES = (RuleMode.WRITE, RuleMode.READ, RuleMode.WRITEREAD)


def validate(rule_set: RuleSet | None) -> None:
    """Raise `Refusal` INVALID_RULE_SET for the first thing that is wrong."""
    if rule_set is None:
        return
    groups = (
        ("Migration", rule_set.migration_rules, MIGRATION_MODES, "UPGRADE, DOWNGRADE, UPDOWN"),
        ("Domain", rule_set.domain_rules, MESSAGE_MODES, "WRITE, READ, WRITEREAD"),
        ("Encoding", rule_set.encoding_rules, MESSAGE_MODES, "WRITE, READ, WRITEREAD"),
    )
    for title, rules, modes, words in groups:
        names: set[str] = set()
        for rule in rules or ():
            _validate_rule(rule, names)
            if rule.mode is not None and rule.mode not in modes:
                raise _invalid(f"{title} rules can only be {words}")


def _validate_rule(rule: Rule, names: set[str]) -> None:
    name = rule.name
    if name is None:
        raise _invalid("Missing rule name")
    if not name:
        raise _invalid("Empty rule name")
    if len(name) > NAME_MAX:
        raise _invalid("Rule name too long")
    if not (name[0].isalpha() or name[0] == "_"):
        raise _invalid(f"Illegal initial character in rule name: {name}")
    if not all(c.isalnum() or c in "_-" for c in name):
        raise _invalid(f"Illegal character in rule name: {name}")
    if name in names:
        raise _invalid(f"Found rule with duplicate name '{name}'")
    names.add(name)
    if not rule.type:
        raise _invalid("Missing rule type")
    several = any("," in (action or "") for action in (rule.on_success, rule.on_failure))
    if several and rule.mode not in (None, RuleMode.WRITEREAD, RuleMode.UPDOWN):
        raise _invalid("Multiple actions only valid with WRITEREAD and UPDOWN")


def _invalid(why: str) -> Refusal:
    return Refusal(Fault.INVALID_RULE_SET, why=why)
