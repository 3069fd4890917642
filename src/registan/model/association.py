"""Associations: which subjects hold the schemas of a resource, a topic say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from registan.model.subject import Subject

TOPIC = "topic"
"""The one type of resource there is."""

ASSOCIATION_TYPES = ("key", "value")


class LifecyclePolicy(StrEnum):
    """Whether the subject lives and dies with the resource. In the order in which messages list them."""

    WEAK = "WEAK"
    STRONG = "STRONG"


class AssociationKey(NamedTuple):
    """What tells associations apart, in the order in which they are listed."""

    resource_name: str
    resource_namespace: str
    resource_type: str
    association_type: str
    subject: str
    """Qualified."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """A resource's key or value has its schemas in this subject. Times are in milliseconds since 1970."""

    subject: Subject
    guid: str
    resource_name: str
    resource_namespace: str
    resource_id: str
    resource_type: str
    association_type: str
    lifecycle: LifecyclePolicy
    created: int
    updated: int

    @property
    def key(self) -> AssociationKey:
        """What tells it apart; the resource's id does not."""
        return AssociationKey(
            self.resource_name,
            self.resource_namespace,
            self.resource_type,
            self.association_type,
            str(self.subject),
        )

    @property
    def is_strong(self) -> bool:
        """A strong association is frozen, and a frozen one strong."""
        return self.lifecycle is LifecyclePolicy.STRONG
