"""The key registry and associations through the client of confluent-kafka for Python."""

from __future__ import annotations

import json

import pytest
from confluent_kafka.schema_registry import (
    AssociationCreateOrUpdateInfo,
    AssociationCreateOrUpdateRequest,
    Schema,
    SchemaRegistryClient,
    SchemaRegistryError,
)
from confluent_kafka.schema_registry.rules.encryption.dek_registry.dek_registry_client import (
    DekAlgorithm,
    DekRegistryClient,
)

INT = Schema(json.dumps("int"), "AVRO")


@pytest.fixture
def new_keys(registry):
    """Makes clients of the key registry, which do not close their connections themselves."""
    made = []

    def make() -> DekRegistryClient:
        made.append(DekRegistryClient({"url": registry.url}))
        return made[-1]

    yield make
    for client in made:
        client._rest_client.session.close()


@pytest.fixture
def keys(new_keys):
    return new_keys()


@pytest.fixture
def client(registry):
    with SchemaRegistryClient({"url": registry.url}) as made:
        yield made


def test_keys_that_the_client_wraps(new_keys, keys, topic):
    """What one client registers another one gets."""
    made = keys.register_kek(topic, "local-kms", "my-key", kms_props={"a": "1"}, doc="for tests")
    assert (made.name, made.kms_type, made.shared) == (topic, "local-kms", False)
    keys.register_dek(topic, f"{topic}-value", "ZW5jcnlwdGVk", DekAlgorithm.AES256_GCM, 1)
    keys.register_dek(topic, f"{topic}-value", "b3RoZXI=", DekAlgorithm.AES256_SIV, 1)
    other = new_keys()
    kek = other.get_kek(topic)
    assert (kek.kms_key_id, kek.doc, kek.kms_props.to_dict()) == ("my-key", "for tests", {"a": "1"})
    assert other.get_dek(topic, f"{topic}-value").encrypted_key_material == "ZW5jcnlwdGVk"
    siv = other.get_dek(topic, f"{topic}-value", DekAlgorithm.AES256_SIV)
    assert siv.encrypted_key_material == "b3RoZXI="


def test_keys_that_are_not_there_or_there_already(new_keys, keys, topic):
    """The client makes a key when it is told 404, and reads it when it is told 409."""
    with pytest.raises(SchemaRegistryError) as info:
        keys.get_kek(topic)
    assert (info.value.http_status_code, info.value.error_code) == (404, 40470)
    keys.register_kek(topic, "local-kms", "my-key")
    with pytest.raises(SchemaRegistryError) as info:
        new_keys().register_kek(topic, "local-kms", "my-key")
    assert (info.value.http_status_code, info.value.error_code) == (409, 40971)
    with pytest.raises(SchemaRegistryError) as info:
        keys.get_dek(topic, "none", version=-1)
    assert info.value.http_status_code == 404


def test_associations(client, topic):
    """Made, listed, and ended with the subject they froze."""
    info = AssociationCreateOrUpdateInfo(
        subject=None, association_type="value", lifecycle=None, frozen=None, schema=INT, normalize=None
    )
    request = AssociationCreateOrUpdateRequest(
        resource_name=topic,
        resource_namespace="lkc",
        resource_id=f"id-{topic}",
        resource_type="topic",
        associations=[info],
    )
    made = client.create_association(request)
    assert made.associations[0].subject == f":.lkc:{topic}-value"
    listed = client.get_associations_by_resource_name(topic, "lkc")
    assert [(each.subject, each.association_type) for each in listed] == [(f":.lkc:{topic}-value", "value")]
    assert client.get_versions(f":.lkc:{topic}-value") == [1]
    client.delete_associations(f"id-{topic}", cascade_lifecycle=True)
    assert client.get_associations_by_resource_name(topic, "lkc") == []
