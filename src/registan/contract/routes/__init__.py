"""The routes, by resource. `ROUTES` is their sum."""

from registan.contract.route import Route
from registan.contract.routes.associations import ASSOCIATION_ROUTES
from registan.contract.routes.compatibility import COMPATIBILITY_ROUTES
from registan.contract.routes.config import CONFIG_ROUTES, MODE_ROUTES
from registan.contract.routes.contexts import CONTEXT_ROUTES
from registan.contract.routes.schemas import SCHEMA_ROUTES
from registan.contract.routes.server import SERVER_ROUTES
from registan.contract.routes.subjects import SUBJECT_ROUTES

ROUTES: tuple[Route, ...] = (
    *SUBJECT_ROUTES,
    *SCHEMA_ROUTES,
    *COMPATIBILITY_ROUTES,
    *CONFIG_ROUTES,
    *MODE_ROUTES,
    *CONTEXT_ROUTES,
    *ASSOCIATION_ROUTES,
    *SERVER_ROUTES,
)
