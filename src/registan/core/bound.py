"""All handlers, imported so that they bind themselves, and the routes they answer."""

from registan.contract.routes import ROUTES as DECLARED
from registan.core.command import config, context, mode, register
from registan.core.handlers import COMMANDS, QUERIES
from registan.core.query import compatibility, contexts, lookup, server
from registan.core.query import config as configs

HANDLER_MODULES = (
    register,
    config,
    mode,
    context,
    compatibility,
    lookup,
    configs,
    contexts,
    server,
)
"""Named, so that the imports are plainly for their effect."""

ROUTES = tuple(route for route in DECLARED if route.name in QUERIES or route.name in COMMANDS)

__all__ = ["HANDLER_MODULES", "ROUTES"]
