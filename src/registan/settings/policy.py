"""From settings to what the pure core gets."""

from __future__ import annotations

import json
from functools import cache
from importlib import metadata

from registan import __version__
from registan.model.policy import About, Defaults
from registan.settings.tree import Settings


def defaults_of(settings: Settings) -> Defaults:
    """The operator's decisions that commands and queries ask for."""
    return Defaults(
        level=settings.compatibility.level,
        validate_fields=settings.schema.validate_fields,
        validate_new_schemas=settings.schema.validate_new_schemas,
        reject_empty_subject=settings.schema.reject_empty_subject,
        mode_mutability=settings.schema.mode_mutability,
        strict_reference_versions=settings.schema.strict_reference_versions,
        search_limit_default=settings.limits.search_default,
        search_limit_max=settings.limits.search_max,
        references_max=settings.limits.references,
        reference_depth_max=settings.limits.reference_depth,
        schema_bytes_max=settings.limits.schema_bytes,
        keys_max=settings.limits.keys,
        about=About(
            cluster_id=settings.server.cluster_id,
            group_id=settings.server.group_id,
            version=__version__,
            commit_id=_commit_id(),
        ),
    )


@cache
def _commit_id() -> str:
    """The first twelve digits of the commit that was installed, if the installer wrote it down."""
    try:
        record = metadata.distribution("registan").read_text("direct_url.json")
        commit = json.loads(record or "{}").get("vcs_info", {}).get("commit_id", "")
    except (metadata.PackageNotFoundError, ValueError):
        commit = ""
    return commit[:12] or "unknown"
