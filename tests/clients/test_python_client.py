"""The client of confluent-kafka for Python, sync and async, against a registry on SQLite."""

import json

import pytest
from confluent_kafka.schema_registry import (
    AsyncSchemaRegistryClient,
    ConfigCompatibilityLevel,
    Metadata,
    MetadataProperties,
    Schema,
    SchemaReference,
    SchemaRegistryClient,
    SchemaRegistryError,
    ServerConfig,
)


def record(*fields, name="User"):
    """An Avro record with these fields (name, type[, default])."""
    return json.dumps(
        {
            "type": "record",
            "name": name,
            "fields": [
                {"name": f[0], "type": f[1], **({"default": f[2]} if len(f) > 2 else {})} for f in fields
            ],
        }
    )


V1 = Schema(record(("id", "int")), "AVRO")
V2 = Schema(record(("id", "int"), ("name", "string", "")), "AVRO")
BAD = Schema(record(("id", "int"), ("name", "string")), "AVRO")


@pytest.fixture
def client(registry):
    with SchemaRegistryClient({"url": registry.url}) as made:
        yield made


@pytest.fixture
def lone_client(fresh_registry):
    with SchemaRegistryClient({"url": fresh_registry.url}) as made:
        yield made


def test_register_and_read_back(client, topic):
    schema_id = client.register_schema(topic, V1)
    full = client.register_schema_full_response(topic, V1)
    assert (full.schema_id, full.version, full.subject) == (schema_id, 1, topic)
    by_id = client.get_schema(schema_id)
    assert json.loads(by_id.schema_str) == json.loads(V1.schema_str)
    assert by_id.schema_type == "AVRO"
    assert client.get_schema_by_guid(full.guid).schema_str == by_id.schema_str


def test_the_same_schema_keeps_its_id(client, topic):
    """Two clients without each other's caches get one id."""
    with SchemaRegistryClient(client.config()) as other:
        assert other.register_schema(topic, V1) == client.register_schema(topic, V1)
        assert other.register_schema(f"{topic}-other", V1) == client.register_schema(topic, V1)


def test_lookup_latest_and_versions(client, topic):
    client.register_schema(topic, V1)
    second = client.register_schema(topic, V2)
    assert client.get_versions(topic) == [1, 2]
    assert client.get_latest_version(topic).schema_id == second
    assert client.get_version(topic, 1).version == 1
    assert client.lookup_schema(topic, V2).version == 2
    assert topic in client.get_subjects()
    assert client.get_subjects(subject_prefix=topic) == [topic]
    assert topic in client.get_subjects_by_schema_id(second)
    found = client.get_schema_versions(second, subject_name=topic)
    assert (topic, 2) in [(v.subject, v.version) for v in found]


def test_what_is_not_there(client, topic):
    """Negative caches of clients depend on these three codes."""
    with pytest.raises(SchemaRegistryError) as refused:
        client.get_latest_version(topic)
    assert (refused.value.http_status_code, refused.value.error_code) == (404, 40401)
    client.register_schema(topic, V1)
    with pytest.raises(SchemaRegistryError) as refused:
        client.get_version(topic, 9)
    assert refused.value.error_code == 40402
    with pytest.raises(SchemaRegistryError) as refused:
        client.lookup_schema(topic, V2)
    assert refused.value.error_code == 40403
    with pytest.raises(SchemaRegistryError) as refused:
        client.get_schema(2_000_000)
    assert refused.value.error_code == 40403


def test_incompatible_and_invalid_are_refused(client, topic):
    client.register_schema(topic, V1)
    with pytest.raises(SchemaRegistryError) as refused:
        client.register_schema(topic, BAD)
    assert refused.value.http_status_code == 409
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in refused.value.error_message
    with pytest.raises(SchemaRegistryError) as refused:
        client.register_schema(topic, Schema('{"type": "nonsense"}', "AVRO"))
    assert (refused.value.http_status_code, refused.value.error_code) == (422, 42201)
    assert client.get_versions(topic) == [1]


def test_compatibility_checks(client, topic):
    client.register_schema(topic, V1)
    assert client.test_compatibility(topic, V2)
    assert not client.test_compatibility(topic, BAD)
    assert client.test_compatibility_all_versions(topic, V2)
    assert not client.test_compatibility_all_versions(topic, BAD, verbose=True)
    assert not client.test_compatibility(topic, BAD, version=1)


def test_deletes(client, topic):
    client.register_schema(topic, V1)
    client.register_schema(topic, V2)
    assert client.delete_version(topic, 1) == 1
    assert client.get_versions(topic) == [2]
    assert client.get_versions(topic, deleted=True) == [1, 2]
    assert client.get_versions(topic, deleted_only=True) == [1]
    assert client.delete_subject(topic) == [2]
    assert topic not in client.get_subjects()
    assert topic in client.get_subjects(deleted=True)
    assert topic in client.get_subjects(deleted_only=True)
    client.delete_subject(topic, permanent=True)
    assert topic not in client.get_subjects(deleted=True)


def test_references(client, topic):
    client.register_schema(f"{topic}-address", Schema(record(("street", "string"), name="Address"), "AVRO"))
    reference = SchemaReference("Address", f"{topic}-address", 1)
    user = Schema(record(("home", "Address"), name="Person"), "AVRO", [reference])
    schema_id = client.register_schema(topic, user)
    assert client.get_referenced_by(f"{topic}-address", 1) == [schema_id]
    stored = client.get_schema(schema_id)
    assert [(r.name, r.subject, r.version) for r in stored.references] == [("Address", f"{topic}-address", 1)]
    with pytest.raises(SchemaRegistryError) as refused:
        client.delete_version(f"{topic}-address", 1)
    assert refused.value.error_code == 42206


def test_config(client, topic):
    assert client.set_compatibility(topic, "FULL") == {"compatibility": "FULL"}
    assert client.get_compatibility(topic) == "FULL"
    sent = ServerConfig(compatibility=ConfigCompatibilityLevel.FORWARD, compatibility_group="team")
    assert client.set_config(topic, sent)["compatibilityGroup"] == "team"
    config = client.get_config(topic)
    assert (config.compatibility_level, config.compatibility_group) == (
        ConfigCompatibilityLevel.FORWARD,
        "team",
    )
    client.delete_config(topic)
    with pytest.raises(SchemaRegistryError) as refused:
        client.get_compatibility(topic)
    assert refused.value.error_code == 40408


def test_global_config_and_mode(lone_client):
    client = lone_client
    assert client.get_compatibility() == "BACKWARD"
    client.set_compatibility(level="NONE")
    assert client.get_compatibility() == "NONE"
    assert client.get_global_mode() == "READWRITE"
    assert client.update_global_mode("READONLY") == "READONLY"
    with pytest.raises(SchemaRegistryError) as refused:
        client.register_schema("s", V1)
    assert refused.value.error_code == 42205
    assert client.update_global_mode("READWRITE") == "READWRITE"
    assert client.register_schema("s", V1) == 1
    assert client.update_mode("s", "READONLY") == "READONLY"
    assert client.get_mode("s") == "READONLY"
    assert client.delete_mode("s") == "READONLY"


def test_contexts_types_and_metadata(client, topic):
    schema = Schema(V1.schema_str, "AVRO", metadata=Metadata(None, MetadataProperties({"owner": "me"}), None))
    client.register_schema(f":.{topic}:orders", schema)
    assert f".{topic}" in client.get_contexts()
    assert sorted(client.get_schema_types()) == ["AVRO", "JSON", "PROTOBUF"]
    found = client.get_latest_with_metadata(f":.{topic}:orders", {"owner": "me"})
    assert (found.subject, found.version) == (f":.{topic}:orders", 1)


async def test_async_client(registry, topic):
    """The same through httpx, which sends no Accept header on POST."""
    async with AsyncSchemaRegistryClient({"url": registry.url}) as client:
        schema_id = await client.register_schema(topic, V1)
        assert json.loads((await client.get_schema(schema_id)).schema_str) == json.loads(V1.schema_str)
        assert await client.get_versions(topic) == [1]
        assert await client.test_compatibility(topic, V2)
        assert not await client.test_compatibility(topic, BAD)
        assert (await client.lookup_schema(topic, V1)).schema_id == schema_id
        assert await client.set_compatibility(topic, "NONE") == {"compatibility": "NONE"}
        assert await client.register_schema(topic, BAD) != schema_id
        assert await client.delete_subject(topic) == [1, 2]
        with pytest.raises(SchemaRegistryError) as refused:
            await client.get_latest_version(topic)
        assert refused.value.error_code == 40401


async def test_async_client_guid_references_config_and_a_context(registry, topic):
    async with AsyncSchemaRegistryClient({"url": registry.url}) as client:
        subject = f":.async:{topic}"
        full = await client.register_schema_full_response(f"{subject}-user", V1)
        assert (await client.get_schema_by_guid(full.guid)).schema_str == V1.schema_str.replace(" ", "")
        order = Schema(
            record(("who", "User"), name="Order"), "AVRO", [SchemaReference("User", f"{subject}-user", 1)]
        )
        schema_id = await client.register_schema(subject, order)
        assert (await client.get_latest_version(subject)).schema_id == schema_id
        assert await client.get_referenced_by(f"{subject}-user", 1) == [schema_id]
        assert ".async" in await client.get_contexts()
        sent = ServerConfig(compatibility=ConfigCompatibilityLevel.FULL)
        assert await client.set_config(subject, sent) == {"compatibility": "FULL"}
        assert (await client.get_config(subject)).compatibility_level == ConfigCompatibilityLevel.FULL
        assert await client.delete_version(subject, 1) == 1
