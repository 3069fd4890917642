"""Changing and deleting configs (docs/wire.md, config)."""

from __future__ import annotations

from dataclasses import replace

from registan.contract.body.policy import ConfigReply, ConfigUpdate
from registan.contract.routes.config import (
    CONFIG_DELETE,
    CONFIG_PUT,
    CONFIG_TOP_DELETE,
    CONFIG_TOP_PUT,
    DeleteScopeArgs,
    DeleteTopArgs,
    PutConfigArgs,
    PutTopConfigArgs,
)
from registan.core.decision import Decision, Facts
from registan.core.effective import ALWAYS_SET, level_of
from registan.core.handlers import handles
from registan.core.permission import check_scope, check_writable
from registan.core.rule_sets import validate
from registan.core.state import State
from registan.model.commit import Drop, Put
from registan.model.fault import Fault, Refusal
from registan.model.policy import Config


@handles(CONFIG_TOP_PUT)
def put_top(state: State, args: PutTopConfigArgs, facts: Facts) -> Decision:
    """Change the config of the default context."""
    return _put(state, args)


@handles(CONFIG_PUT)
def put(state: State, args: PutConfigArgs, facts: Facts) -> Decision:
    """Change the config of a scope."""
    return _put(state, args)


def _put(state: State, args: PutTopConfigArgs | PutConfigArgs) -> Decision:
    """Merge the changes into the record; the answer is all that is set afterwards."""
    scope = args.subject
    held = state.configs.get(scope)
    config = args.body.merged(held or Config(scope=scope))
    check_scope(state, scope)
    validate(config.default_rule_set)
    validate(config.override_rule_set)
    check_writable(state, scope)
    reply = ConfigUpdate.of(config)
    stored = _without_empty_texts(config)
    return Decision(() if stored == held else (Put(stored),), reply)


def _without_empty_texts(config: Config) -> Config:
    """An empty text is answered once and then as good as unset."""
    return replace(
        config,
        alias=config.alias or None,
        alias_for_deks=config.alias_for_deks or None,
        group=config.group or None,
    )


@handles(CONFIG_TOP_DELETE)
def delete_top(state: State, args: DeleteTopArgs, facts: Facts) -> Decision:
    """Set the config of the default context back."""
    return _delete(state, args)


@handles(CONFIG_DELETE)
def delete(state: State, args: DeleteScopeArgs, facts: Facts) -> Decision:
    """Delete the config of a scope."""
    return _delete(state, args)


def _delete(state: State, args: DeleteTopArgs | DeleteScopeArgs) -> Decision:
    scope = args.subject
    held = state.configs.get(scope)
    if held is None and scope not in ALWAYS_SET:
        raise Refusal(Fault.SUBJECT_NOT_FOUND, subject=scope)
    check_writable(state, scope)
    old = held or Config(scope=scope)
    return Decision((Drop(held),) if held else (), ConfigReply.of(old, level_of(state, old)))
