"""Settings: the tree, and how it is read, checked and shown.

What lives here: every setting once, as data, and what is computed from it. What never does: a
thing that a setting switches on.
"""

from registan.settings.checks import NOT_YET, unsupported
from registan.settings.kinds import Secret
from registan.settings.load import Loaded, SettingsError, load
from registan.settings.nodes import Place, Problem
from registan.settings.policy import defaults_of
from registan.settings.tree import Settings

__all__ = [
    "NOT_YET",
    "Loaded",
    "Place",
    "Problem",
    "Secret",
    "Settings",
    "SettingsError",
    "defaults_of",
    "load",
    "unsupported",
]
