"""Serializers of confluent-kafka for Python end to end: produced to and consumed from a (mock) broker."""

import json

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.schema_registry import (
    AsyncSchemaRegistryClient,
    Schema,
    SchemaReference,
    SchemaRegistryClient,
)
from confluent_kafka.schema_registry._async.avro import AsyncAvroDeserializer, AsyncAvroSerializer
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

USER = json.dumps(
    {
        "type": "record",
        "name": "User",
        "namespace": "test",
        "fields": [
            {"name": "name", "type": "string"},
            {"name": "age", "type": "int"},
            {"name": "mail", "type": ["null", "string"], "default": None},
        ],
    }
)
ADA = {"name": "Ada", "age": 36, "mail": None}


@pytest.fixture
def client(registry):
    with SchemaRegistryClient({"url": registry.url}) as made:
        yield made


@pytest.fixture(scope="module")
def broker():
    """A producer whose librdkafka runs a mock cluster, and the address of that cluster."""
    producer = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "", "log_level": 0})
    metadata = producer.list_topics(timeout=30)
    node = next(iter(metadata.brokers.values()))
    return producer, f"{node.host}:{node.port}"


def through_the_broker(broker, topic, payload):
    """The payload as a consumer gets it."""
    producer, address = broker
    producer.produce(topic, payload)
    assert producer.flush(30) == 0
    consumer = Consumer(
        {"bootstrap.servers": address, "group.id": topic, "auto.offset.reset": "earliest", "log_level": 0}
    )
    try:
        consumer.subscribe([topic])
        for _ in range(60):
            message = consumer.poll(1.0)
            if message is not None and message.error() is None:
                return message.value()
        raise AssertionError("nothing arrived")
    finally:
        consumer.close()


def test_avro(client, broker, topic):
    context = SerializationContext(topic, MessageField.VALUE)
    payload = AvroSerializer(client, USER)(ADA, context)
    received = through_the_broker(broker, topic, payload)
    with SchemaRegistryClient(client.config()) as consumer_side:
        assert AvroDeserializer(consumer_side)(received, context) == ADA
    assert client.get_versions(f"{topic}-value") == [1]


def test_avro_reader_schema_and_evolution(client, topic):
    """A consumer with a newer schema reads what an older producer wrote."""
    context = SerializationContext(topic, MessageField.VALUE)
    payload = AvroSerializer(client, USER)(ADA, context)
    newer = json.loads(USER)
    newer["fields"].append({"name": "city", "type": "string", "default": "London"})
    client.register_schema(f"{topic}-value", Schema(json.dumps(newer), "AVRO"))
    read = AvroDeserializer(client, json.dumps(newer))(payload, context)
    assert read == {**ADA, "city": "London"}


def test_avro_with_a_reference(client, topic):
    client.register_schema(f"{topic}-user", Schema(USER, "AVRO"))
    order = json.dumps({"type": "record", "name": "Order", "fields": [{"name": "who", "type": "test.User"}]})
    schema = Schema(order, "AVRO", [SchemaReference("test.User", f"{topic}-user", 1)])
    context = SerializationContext(topic, MessageField.VALUE)
    payload = AvroSerializer(client, schema)({"who": ADA}, context)
    with SchemaRegistryClient(client.config()) as consumer_side:
        assert AvroDeserializer(consumer_side)(payload, context) == {"who": ADA}


def test_avro_latest_version_without_registering(client, topic):
    client.register_schema(f"{topic}-value", Schema(USER, "AVRO"))
    conf = {"auto.register.schemas": False, "use.latest.version": True}
    context = SerializationContext(topic, MessageField.VALUE)
    payload = AvroSerializer(client, None, conf=conf)(ADA, context)
    assert AvroDeserializer(client)(payload, context) == ADA


async def test_async_avro(registry, topic):
    context = SerializationContext(topic, MessageField.VALUE)
    async with AsyncSchemaRegistryClient({"url": registry.url}) as client:
        write = await AsyncAvroSerializer(client, USER)
        payload = await write(ADA, context)
    async with AsyncSchemaRegistryClient({"url": registry.url}) as client:
        read = await AsyncAvroDeserializer(client)
        assert await read(payload, context) == ADA


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """Python modules generated from two .proto files, one importing the other."""
    import importlib
    import sys

    from grpc_tools import protoc

    where = tmp_path_factory.mktemp("protos")
    (where / "registan_test_address.proto").write_text(
        'syntax = "proto3";\npackage registan.test;\nmessage Address { string street = 1; }\n'
    )
    (where / "registan_test_user.proto").write_text(
        'syntax = "proto3";\npackage registan.test;\nimport "registan_test_address.proto";\n'
        'import "google/protobuf/timestamp.proto";\n'
        "message Unused { int32 a = 1; }\n"
        "message User {\n  string name = 1;\n  Address home = 2;\n  google.protobuf.Timestamp born = 3;\n"
        "  message Pet { string name = 1; }\n  repeated Pet pets = 4;\n  map<string, int32> scores = 5;\n}\n"
    )
    import grpc_tools

    include = f"{grpc_tools.__path__[0]}/_proto"
    arguments = ["protoc", f"-I{where}", f"-I{include}", f"--python_out={where}"]
    files = [str(where / "registan_test_address.proto"), str(where / "registan_test_user.proto")]
    assert protoc.main([*arguments, *files]) == 0
    sys.path.insert(0, str(where))
    try:
        yield importlib.import_module("registan_test_user_pb2")
    finally:
        sys.path.remove(str(where))


def test_protobuf_with_imports(client, broker, topic, generated):
    """The serializer registers the imported file as a reference, and reads both back as descriptors."""
    user = generated.User(name="Ada", scores={"a": 1})
    user.home.street = "Main"
    user.born.seconds = 5
    user.pets.add(name="Rex")
    context = SerializationContext(topic, MessageField.VALUE)
    payload = ProtobufSerializer(generated.User, client)(user, context)
    received = through_the_broker(broker, topic, payload)
    with SchemaRegistryClient(client.config()) as consumer_side:
        read = ProtobufDeserializer(generated.User, {}, consumer_side)
        assert read(received, context) == user
    stored = client.get_latest_version(f"{topic}-value")
    assert [reference.name for reference in stored.schema.references] == ["registan_test_address.proto"]
    assert stored.schema.schema_str.startswith('syntax = "proto3";')


def test_protobuf_nested_message_index(client, topic, generated):
    """A nested message is found by its index path."""
    context = SerializationContext(topic, MessageField.VALUE)
    payload = ProtobufSerializer(generated.User.Pet, client)(generated.User.Pet(name="Rex"), context)
    with SchemaRegistryClient(client.config()) as consumer_side:
        read = ProtobufDeserializer(generated.User.Pet, {}, consumer_side)
        assert read(payload, context) == generated.User.Pet(name="Rex")
