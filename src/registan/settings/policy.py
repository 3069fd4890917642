"""From settings to what the pure core gets."""

from __future__ import annotations

from registan.model.policy import Defaults
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
        wire_level=settings.wire.level,
        search_limit_default=settings.limits.search_default,
        search_limit_max=settings.limits.search_max,
        references_max=settings.limits.references,
        reference_depth_max=settings.limits.reference_depth,
        schema_bytes_max=settings.limits.schema_bytes,
    )
