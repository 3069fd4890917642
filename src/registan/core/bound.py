"""All handlers, imported so that they bind themselves, and the routes they answer."""

from registan.contract.routes import ROUTES
from registan.core.command import delete, register, tag
from registan.core.query import compatibility, lookup, schema_list, schemas, subjects, versions

HANDLER_MODULES = (
    delete,
    register,
    tag,
    compatibility,
    lookup,
    schema_list,
    schemas,
    subjects,
    versions,
)
"""Named, so that the imports are plainly for their effect."""

__all__ = ["HANDLER_MODULES", "ROUTES"]
