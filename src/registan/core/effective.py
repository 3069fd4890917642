"""What counts for a subject: configs, modes and aliases along their chains.

Chain of a subject in the default context: its own record, the default context's (`/config`), the one
above all contexts, the server's default. In another context the second is that context's own; the
default context's is no parent of others (docs/wire.md, config and modes).
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import unquote

from registan.core.state import State
from registan.model.policy import CompatibilityLevel, Config, Mode
from registan.model.subject import ABOVE_ALL, GLOBAL, Subject

_FILLED = (
    "normalize",
    "validate_fields",
    "validate_new_schemas",
    "validate_rules",
    "policy",
    "group",
)
"""Fields that an own record which leaves them open takes from the default context's config."""


def chain(scope: Subject) -> tuple[Subject, ...]:
    """The scopes that count for one, nearest first."""
    if scope == ABOVE_ALL:
        return (ABOVE_ALL,)
    whole = Subject(scope.context, "")
    return (whole, ABOVE_ALL) if scope == whole else (scope, whole, ABOVE_ALL)


ALWAYS_SET = (GLOBAL, ABOVE_ALL)
"""Scopes that answer with the server's default where nothing is set."""


NOTHING_SET = Config(scope=ABOVE_ALL)
"""What counts where no record does: the server's defaults alone."""


def effective_config(state: State, scope: Subject) -> Config:
    """The config that counts for a scope: the first record of its chain, taken whole, whose scope it tells.

    A record of the scope itself is filled up, in some fields, from the default context's config.
    """
    configs = state.configs
    own = configs.get(scope)
    if own is None:
        for above in chain(scope)[1:]:
            found = configs.get(above)
            if found is not None:
                return found
        return NOTHING_SET
    top = configs.get(GLOBAL)
    if top is None or scope == GLOBAL:
        return own
    filled = {
        name: getattr(top, name)
        for name in _FILLED
        if getattr(own, name) is None and getattr(top, name) is not None
    }
    return replace(own, **filled) if filled else own


def level_of(state: State, config: Config) -> CompatibilityLevel:
    """The level of a record; one that has none applies the server's default."""
    return config.level or state.defaults.level


def effective_mode(state: State, scope: Subject) -> Mode:
    """The mode that counts for a scope."""
    modes = state.modes
    if modes:
        for above in chain(scope):
            mode = modes.get(above)
            if mode is not None:
                return mode
    return Mode.READWRITE


def alias_of(state: State, subject: Subject | None) -> str | None:
    """The alias of a subject, as it is stored, if it has one; a whole context has none."""
    return state.aliased.get(subject) if subject is not None else None


def alias_for_deks(state: State, subject: Subject) -> str | None:
    """The same for data keys: `aliasForDeks` where there is one, else `alias`."""
    config = state.configs.get(subject)
    return None if config is None or subject.is_context else config.alias_for_deks or config.alias


def led(alias: str, subject: Subject) -> Subject:
    """The subject that an alias of a subject leads to.

    The alias is percent-decoded and, unqualified, read in the context of the subject.
    """
    if subject.context != GLOBAL.context and alias.startswith(":.:"):
        return Subject(subject.context, unquote(alias))
    return Subject.parse(unquote(alias), subject.context)
