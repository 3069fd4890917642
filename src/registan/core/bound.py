"""All handlers, imported so that they bind themselves, and the routes they answer."""

from registan.contract.routes import ROUTES
from registan.core.command import register
from registan.core.query import compatibility, lookup

HANDLER_MODULES = (register, compatibility, lookup)
"""Named, so that the imports are plainly for their effect."""

__all__ = ["HANDLER_MODULES", "ROUTES"]
