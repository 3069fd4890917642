"""All handlers, imported so that they bind themselves, and the routes they answer."""

from registan.contract.routes import ROUTES
from registan.core.command import association, config, context, delete, mode, register, tag
from registan.core.query import (
    associations,
    compatibility,
    contexts,
    lookup,
    schema_list,
    schemas,
    server,
    subjects,
    versions,
)
from registan.core.query import config as configs

HANDLER_MODULES = (
    association,
    associations,
    config,
    context,
    delete,
    mode,
    register,
    tag,
    compatibility,
    configs,
    contexts,
    lookup,
    schema_list,
    schemas,
    server,
    subjects,
    versions,
)
"""Named, so that the imports are plainly for their effect."""

__all__ = ["HANDLER_MODULES", "ROUTES"]
