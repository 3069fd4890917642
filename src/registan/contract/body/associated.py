"""An association as it is told, by itself and beside the schemas of its subject."""

from __future__ import annotations

from registan.contract.body.common import Body
from registan.model.association import Association, LifecyclePolicy


class AssociationBody(Body, frozen=True):
    """An association as it is."""

    subject: str
    guid: str
    resource_name: str
    resource_namespace: str
    resource_id: str
    resource_type: str
    association_type: str
    lifecycle: LifecyclePolicy
    create_ts: int
    update_ts: int

    @classmethod
    def of(cls, association: Association) -> AssociationBody:
        """The body of a stored association. Whether it is frozen follows from its lifecycle."""
        return cls(
            subject=str(association.subject),
            guid=association.guid,
            resource_name=association.resource_name,
            resource_namespace=association.resource_namespace,
            resource_id=association.resource_id,
            resource_type=association.resource_type,
            association_type=association.association_type,
            lifecycle=association.lifecycle,
            create_ts=association.created,
            update_ts=association.updated,
        )
