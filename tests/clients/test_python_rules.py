"""Data contracts: rules that the registry keeps, applied by serializers of confluent-kafka for Python."""

import json

import pytest
from confluent_kafka.schema_registry import (
    Metadata,
    MetadataProperties,
    Rule,
    RuleKind,
    RuleMode,
    RuleParams,
    RuleSet,
    Schema,
    SchemaRegistryClient,
    ServerConfig,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.rule_registry import RuleRegistry
from confluent_kafka.schema_registry.rules.cel.cel_executor import CelExecutor
from confluent_kafka.schema_registry.rules.cel.cel_field_executor import CelFieldExecutor
from confluent_kafka.schema_registry.rules.encryption.dek_registry.dek_registry_client import (
    DekRegistryClient,
)
from confluent_kafka.schema_registry.rules.encryption.encrypt_executor import (
    EncryptionExecutor,
    FieldEncryptionExecutor,
)
from confluent_kafka.schema_registry.rules.encryption.localkms.local_driver import LocalKmsDriver
from confluent_kafka.schema_registry.rules.jsonata.jsonata_executor import JsonataExecutor
from confluent_kafka.schema_registry.serde import RuleConditionError
from confluent_kafka.serialization import MessageField, SerializationContext, SerializationError

USE_LATEST = {"auto.register.schemas": False, "use.latest.version": True}


def rule(name, kind, mode, type_, expr=None, **more):
    """A rule; `more` may be tags, params, on_failure."""
    params = more.get("params")
    return Rule(
        name=name,
        doc=None,
        kind=kind,
        mode=mode,
        type=type_,
        tags=more.get("tags"),
        params=RuleParams(params) if params else None,
        expr=expr,
        on_success=None,
        on_failure=more.get("on_failure"),
        disabled=False,
    )


def user(*fields, rules=None, version=None):
    """An Avro record of strings with rules, and the property by which migrations tell versions apart."""
    properties = MetadataProperties({"application.version": version}) if version else None
    return Schema(
        json.dumps({"type": "record", "name": "User", "fields": [text(field) for field in fields]}),
        "AVRO",
        metadata=Metadata(None, properties, None) if properties else None,
        rule_set=rules,
    )


def text(field):
    """A field of a string; `name/TAG` carries a tag."""
    name, _, tag = field.partition("/")
    return {"name": name, "type": "string", **({"confluent:tags": [tag]} if tag else {})}


@pytest.fixture
def client(registry):
    with SchemaRegistryClient({"url": registry.url}) as made:
        yield made


@pytest.fixture
def value(topic):
    return SerializationContext(topic, MessageField.VALUE)


@pytest.fixture
def executors():
    """What applies rules, for one test."""
    made = RuleRegistry()
    for executor in (CelExecutor(), CelFieldExecutor(), JsonataExecutor()):
        made.register_executor(executor)
    return made


def test_a_condition_keeps_bad_messages_out(client, executors, topic, value):
    """The serializer reads the rule from the registry, not from the caller's schema."""
    condition = rule("named", RuleKind.CONDITION, RuleMode.WRITE, "CEL", "message.name != ''")
    client.register_schema(f"{topic}-value", user("name", rules=RuleSet(None, [condition])))
    write = AvroSerializer(client, None, conf=USE_LATEST, rule_registry=executors)
    payload = write({"name": "Ada"}, value)
    assert AvroDeserializer(client, rule_registry=executors)(payload, value) == {"name": "Ada"}
    with pytest.raises(SerializationError) as refused:
        write({"name": ""}, value)
    assert isinstance(refused.value.__cause__, RuleConditionError)


def test_a_transformation_of_tagged_fields(client, executors, topic, value):
    """Tags in the schema text say which fields; the text is as it was registered."""
    mask = rule(
        "mask",
        RuleKind.TRANSFORM,
        RuleMode.WRITE,
        "CEL_FIELD",
        "typeName == 'STRING' ; 'hidden'",
        tags=["PII"],
    )
    client.register_schema(f"{topic}-value", user("name", "mail/PII", rules=RuleSet(None, [mask])))
    write = AvroSerializer(client, None, conf=USE_LATEST, rule_registry=executors)
    payload = write({"name": "Ada", "mail": "ada@example.com"}, value)
    read = AvroDeserializer(client, rule_registry=executors)(payload, value)
    assert read == {"name": "Ada", "mail": "hidden"}


@pytest.fixture
def migrated(client, topic):
    """Two versions that are not compatible: the field was renamed, and rules lead both ways."""
    subject = f"{topic}-value"
    client.set_config(subject, ServerConfig(compatibility_group="application.version"))
    client.register_schema(subject, user("name", version="1"))
    rename = "$merge([$sift($, function($v, $k) {$k != '%s'}), {'%s': $.'%s'}])"
    up = rule("up", RuleKind.TRANSFORM, RuleMode.UPGRADE, "JSONATA", rename % ("name", "title", "name"))
    down = rule(
        "down", RuleKind.TRANSFORM, RuleMode.DOWNGRADE, "JSONATA", rename % ("title", "name", "title")
    )
    client.register_schema(subject, user("title", version="2", rules=RuleSet([up, down], None)))
    assert client.get_versions(subject) == [1, 2]
    return subject


def version_conf(version, **more):
    return {"use.latest.with.metadata": {"application.version": version}, **more}


@pytest.mark.parametrize(
    ("written", "read", "message", "expected"),
    [("1", "2", {"name": "Ada"}, {"title": "Ada"}), ("2", "1", {"title": "Ada"}, {"name": "Ada"})],
)
def test_migrations_between_versions(client, executors, migrated, value, written, read, message, expected):
    """Both find their version by its metadata; the consumer fetches the rules in between."""
    conf = version_conf(written, **{"auto.register.schemas": False})
    payload = AvroSerializer(client, None, conf=conf, rule_registry=executors)(message, value)
    with SchemaRegistryClient(client.config()) as consumer_side:
        reader = AvroDeserializer(consumer_side, conf=version_conf(read), rule_registry=executors)
        assert reader(payload, value) == expected


def test_rules_that_the_config_adds(client, executors, topic, value):
    """A default rule set of the subject's config is part of what is registered."""
    condition = rule("named", RuleKind.CONDITION, RuleMode.WRITE, "CEL", "message.name != ''")
    config = ServerConfig(
        default_metadata=Metadata(None, MetadataProperties({"owner": "us"}), None),
        default_rule_set=RuleSet(None, [condition]),
    )
    client.set_config(f"{topic}-value", config)
    client.register_schema(f"{topic}-value", user("name"))
    latest = client.get_latest_version(f"{topic}-value").schema
    assert latest.metadata.properties.properties == {"owner": "us"}
    assert [each.name for each in latest.rule_set.domain_rules] == ["named"]
    write = AvroSerializer(client, None, conf=USE_LATEST, rule_registry=executors)
    with pytest.raises(SerializationError):
        write({"name": ""}, value)


def test_rules_of_json_schemas(client, executors, topic, value):
    condition = rule("adult", RuleKind.CONDITION, RuleMode.WRITEREAD, "CEL", "message.age >= 18")
    schema = {
        "title": "Person",
        "type": "object",
        "properties": {"age": {"type": "integer"}},
    }
    made = Schema(json.dumps(schema), "JSON", rule_set=RuleSet(None, [condition]))
    client.register_schema(f"{topic}-value", made)
    write = JSONSerializer(None, client, conf=USE_LATEST, rule_registry=executors)
    payload = write({"age": 36}, value)
    read = JSONDeserializer(None, schema_registry_client=client, rule_registry=executors)
    assert read(payload, value) == {"age": 36}
    with pytest.raises(SerializationError):
        write({"age": 17}, value)


# Keys that the client wraps with a key service of its own process

SECRET = {"secret": "of the key service"}


@pytest.fixture
def encrypting():
    """Makes rule registries that encrypt, each with a client of the key registry of its own."""
    LocalKmsDriver.register()
    made = []

    def make() -> RuleRegistry:
        registry = RuleRegistry()
        for executor in (EncryptionExecutor(), FieldEncryptionExecutor()):
            registry.register_executor(executor)
            made.append(executor)
        return registry

    yield make
    for executor in made:
        inner = getattr(executor, "executor", executor)
        if inner.client is not None:
            inner.client._rest_client.session.close()


def encrypted_rules(topic, type_, **more):
    params = {"encrypt.kek.name": topic, "encrypt.kms.type": "local-kms", "encrypt.kms.key.id": "mine"}
    return rule("encrypt", RuleKind.TRANSFORM, RuleMode.WRITEREAD, type_, params=params, **more)


@pytest.fixture
def keys(registry):
    client = DekRegistryClient({"url": registry.url})
    yield client
    client._rest_client.session.close()


def test_encrypted_fields(client, keys, encrypting, topic, value):
    """The producer makes key and data key in the registry; a consumer with the secret reads it."""
    encrypt = encrypted_rules(topic, "ENCRYPT", tags=["PII"])
    client.register_schema(f"{topic}-value", user("name", "mail/PII", rules=RuleSet(None, [encrypt])))
    message = {"name": "Ada", "mail": "ada@example.com"}
    write = AvroSerializer(client, None, conf=USE_LATEST, rule_conf=SECRET, rule_registry=encrypting())
    payload = write(dict(message), value)
    assert b"Ada" in payload
    assert b"example" not in payload
    kek = keys.get_kek(topic)
    assert (kek.kms_type, kek.kms_key_id, kek.shared) == ("local-kms", "mine", False)
    assert keys.get_dek(topic, f"{topic}-value").encrypted_key_material
    with SchemaRegistryClient(client.config()) as consumer_side:
        read = AvroDeserializer(consumer_side, rule_conf=SECRET, rule_registry=encrypting())
        assert read(payload, value) == message


def test_encrypted_payloads(client, keys, encrypting, topic, value):
    """An encoding rule encrypts the message as a whole."""
    encrypt = encrypted_rules(topic, "ENCRYPT_PAYLOAD")
    rules = RuleSet(None, None, encoding_rules=[encrypt])
    client.register_schema(f"{topic}-value", user("name", rules=rules))
    stored = client.get_latest_version(f"{topic}-value").schema.rule_set
    assert [each.type for each in stored.encoding_rules] == ["ENCRYPT_PAYLOAD"]
    write = AvroSerializer(client, None, conf=USE_LATEST, rule_conf=SECRET, rule_registry=encrypting())
    payload = write({"name": "Ada"}, value)
    assert b"Ada" not in payload
    read = AvroDeserializer(client, rule_conf=SECRET, rule_registry=encrypting())
    assert read(payload, value) == {"name": "Ada"}


def test_data_keys_that_expire(client, keys, encrypting, topic, value):
    """With an expiry the client asks for the newest data key, and finds none before the first message."""
    encrypt = encrypted_rules(topic, "ENCRYPT", tags=["PII"])
    encrypt.params.params["encrypt.dek.expiry.days"] = "1"
    client.register_schema(f"{topic}-value", user("mail/PII", rules=RuleSet(None, [encrypt])))
    write = AvroSerializer(client, None, conf=USE_LATEST, rule_conf=SECRET, rule_registry=encrypting())
    payload = write({"mail": "ada@example.com"}, value)
    assert keys.get_dek(topic, f"{topic}-value", version=-1).version == 1
    read = AvroDeserializer(client, rule_conf=SECRET, rule_registry=encrypting())
    assert read(payload, value) == {"mail": "ada@example.com"}
