"""Configs and modes: what is set at a scope, and what counts for it (docs/wire.md, config and mode)."""

from __future__ import annotations

from registan.contract.body.policy import ConfigReply, ModeReply
from registan.contract.routes.config import (
    CONFIG_GET,
    CONFIG_TOP_GET,
    MODE_GET,
    MODE_TOP_GET,
    ScopeArgs,
    TopArgs,
)
from registan.core.effective import ALWAYS_SET, effective_config, effective_mode, level_of
from registan.core.handlers import handles
from registan.core.state import State
from registan.model.fault import Fault, Refusal
from registan.model.policy import Config, Mode


@handles(CONFIG_TOP_GET)
def top_config(state: State, args: TopArgs) -> ConfigReply:
    """The config of the default context."""
    return _config(state, args)


@handles(CONFIG_GET)
def config(state: State, args: ScopeArgs) -> ConfigReply:
    """The config of a scope; one that has none is refused unless what counts is asked for."""
    return _config(state, args)


def _config(state: State, args: TopArgs | ScopeArgs) -> ConfigReply:
    scope = args.subject
    found: Config | None
    if args.default_to_global:
        found = effective_config(state, scope)
    else:
        found = state.configs.get(scope)
        if found is None and scope in ALWAYS_SET:
            found = Config(scope=scope)
    if found is None:
        raise Refusal(Fault.SUBJECT_LEVEL_NOT_SET, subject=scope)
    return ConfigReply.of(found, level_of(state, found))


@handles(MODE_TOP_GET)
def top_mode(state: State, args: TopArgs) -> ModeReply:
    """The mode of the default context."""
    return _mode(state, args)


@handles(MODE_GET)
def mode(state: State, args: ScopeArgs) -> ModeReply:
    """The mode of a scope; one that has none is refused unless what counts is asked for."""
    return _mode(state, args)


def _mode(state: State, args: TopArgs | ScopeArgs) -> ModeReply:
    scope = args.subject
    if args.default_to_global:
        return ModeReply(effective_mode(state, scope))
    found = state.modes.get(scope)
    if found is None and scope in ALWAYS_SET:
        found = Mode.READWRITE
    if found is None:
        raise Refusal(Fault.SUBJECT_MODE_NOT_SET, subject=scope)
    return ModeReply(found)
