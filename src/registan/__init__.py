"""Registan: a schema registry for Kafka messages, wire-compatible with the Confluent Schema Registry."""

__version__ = "0.1.0"
