"""The part of the state that says what scopes demand: configs and modes.

What lives here: what is set where. What never does: how the records of several scopes add up
(core/effective.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from registan.core.journal import Journal
from registan.model.policy import Config, Mode
from registan.model.record import ModeSetting, Record
from registan.model.subject import Subject


class Scopes(Journal):
    """Configs and modes by scope."""

    def clear_scopes(self) -> None:
        """Nothing is set anywhere."""
        self.configs: dict[Subject, Config] = {}
        self.modes: dict[Subject, Mode] = {}
        self.aliased: dict[Subject, str] = {}
        """Subjects whose config has an alias, with it; that of a whole context means nothing."""

    def scoped(self) -> Iterator[Record]:
        """All configs and modes."""
        yield from self.configs.values()
        for scope, mode in self.modes.items():
            yield ModeSetting(scope, mode)

    def put_config(self, config: Config) -> None:
        """The config of a scope is now so."""
        self._set(self.configs, config.scope, config)
        if config.alias and config.scope.name:
            self._set(self.aliased, config.scope, config.alias)
        elif config.scope in self.aliased:
            self._del(self.aliased, config.scope)

    def drop_config(self, config: Config) -> None:
        """The scope has no config any more."""
        self._del(self.configs, config.scope)
        if config.scope in self.aliased:
            self._del(self.aliased, config.scope)

    def put_mode(self, setting: ModeSetting) -> None:
        """The mode of a scope is now so."""
        self._set(self.modes, setting.scope, setting.mode)

    def drop_mode(self, setting: ModeSetting) -> None:
        """The scope has no mode any more."""
        self._del(self.modes, setting.scope)
