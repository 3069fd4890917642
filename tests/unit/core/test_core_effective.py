"""What counts for a scope: chains of configs, modes and aliases (docs/wire.md, config and modes)."""

from __future__ import annotations

import pytest

from registan.core.effective import alias_of, chain, effective_config, effective_mode, led, level_of
from registan.core.state import State
from registan.model.commit import Put
from registan.model.policy import CompatibilityLevel, Config, Defaults, Mode
from registan.model.record import ModeSetting
from registan.model.subject import ABOVE_ALL, GLOBAL, Subject

A, IN_C, C = Subject(".", "a"), Subject(".c", "a"), Subject(".c", "")


def followed(state, subject):
    alias = alias_of(state, subject)
    return led(alias, subject) if alias else subject


def state_with(*records, defaults=None):
    state = State(defaults)
    state.apply(1, [Put(record) for record in records])
    return state


def named(scope):
    """A config that can be told apart."""
    return Config(scope=scope, group=str(scope) or "global")


@pytest.mark.parametrize(
    ("scope", "scopes"),
    [
        (A, (A, GLOBAL, ABOVE_ALL)),
        (GLOBAL, (GLOBAL, ABOVE_ALL)),
        (IN_C, (IN_C, C, ABOVE_ALL)),
        (C, (C, ABOVE_ALL)),
        (ABOVE_ALL, (ABOVE_ALL,)),
    ],
)
def test_a_chain_goes_from_the_nearest_scope_outwards(scope, scopes):
    assert chain(scope) == scopes


@pytest.mark.parametrize("scope", [A, IN_C, C, GLOBAL])
def test_the_first_record_of_the_chain_counts(scope):
    """Another context's chain does not lead over the default context."""
    for number, above in enumerate(chain(scope)):
        state = state_with(*(named(held) for held in chain(scope)[number:]))
        assert effective_config(state, scope) == named(above)


def test_without_any_record_everything_is_open():
    assert effective_config(State(), A) == Config(scope=ABOVE_ALL)


def test_an_own_record_is_filled_from_the_default_context_in_some_fields():
    top = Config(
        scope=GLOBAL,
        normalize=True,
        validate_fields=True,
        validate_new_schemas=False,
        validate_rules=True,
        group="g",
        level=CompatibilityLevel.FULL,
        alias="other",
    )
    state = state_with(top, Config(scope=C, normalize=False), Config(scope=IN_C, validate_fields=False))
    found = effective_config(state, IN_C)
    assert (found.normalize, found.validate_new_schemas, found.validate_rules, found.group) == (
        True,
        False,
        True,
        "g",
    )
    assert found.validate_fields is False, "what is set stays"
    assert (found.level, found.alias) == (None, None), "these are never inherited"


def test_without_an_own_record_nothing_is_filled():
    state = state_with(Config(scope=GLOBAL, normalize=True), Config(scope=C))
    assert effective_config(state, IN_C).normalize is None


def test_a_record_without_a_level_applies_the_servers_default():
    state = state_with(
        Config(scope=GLOBAL, level=CompatibilityLevel.FULL),
        Config(scope=A, normalize=True),
        defaults=Defaults(level=CompatibilityLevel.FORWARD),
    )
    assert level_of(state, effective_config(state, A)) is CompatibilityLevel.FORWARD


@pytest.mark.parametrize("scope", [A, IN_C, C, GLOBAL])
def test_the_first_mode_of_the_chain_counts(scope):
    for number in range(len(chain(scope))):
        rest = chain(scope)[number:]
        settings = [ModeSetting(rest[0], Mode.READONLY), *(ModeSetting(s, Mode.IMPORT) for s in rest[1:])]
        assert effective_mode(state_with(*settings), scope) is Mode.READONLY


def test_without_any_mode_everything_may_be_written():
    assert effective_mode(State(), A) is Mode.READWRITE


def test_the_mode_of_the_default_context_reaches_no_other():
    state = state_with(ModeSetting(GLOBAL, Mode.READONLY))
    assert effective_mode(state, IN_C) is Mode.READWRITE


@pytest.mark.parametrize(
    ("subject", "alias", "target"),
    [
        (A, "b", Subject(".", "b")),
        (A, ":.c:b", Subject(".c", "b")),
        (IN_C, "b", Subject(".c", "b")),
        (IN_C, ":.d:b", Subject(".d", "b")),
        (IN_C, ":.:b", Subject(".c", ":.:b")),
        (A, "a%2Fb", Subject(".", "a/b")),
        (A, "", A),
    ],
)
def test_an_alias_leads_one_hop(subject, alias, target):
    assert followed(state_with(Config(scope=subject, alias=alias)), subject) == target


def test_aliases_are_not_followed_further():
    b = Subject(".", "b")
    state = state_with(Config(scope=A, alias="b"), Config(scope=b, alias="a"))
    assert followed(state, A) == b
    assert followed(state, b) == A


@pytest.mark.parametrize("scope", [GLOBAL, C, ABOVE_ALL])
def test_contexts_have_no_alias(scope):
    assert followed(state_with(Config(scope=scope, alias="b")), scope) == scope
