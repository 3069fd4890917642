"""Inline tags: read, added, removed."""

import pytest

from registan.formats.protobuf import PROTOBUF, ProtobufSchema
from registan.formats.protocol import EntityTags, Invalid, TagEdit
from registan.model.schema import SchemaType, Source

TEXT = """syntax = "proto3"; package p; import "confluent/meta.proto";
message M {
  option (confluent.message_meta) = { doc: "d", tags: "TOP" };
  string ssn = 1 [(confluent.field_meta).tags = "PII", (.confluent.field_meta).tags = "GDPR"];
  int32 plain = 2 [deprecated = true];
  oneof o { string card = 3 [(confluent.field_meta) = { tags: ["PCI", "PII"] }]; }
  message N { string x = 1 [(confluent.field_meta).tags = "IN"]; }
}
"""


def parse(text: str = TEXT) -> ProtobufSchema:
    return PROTOBUF.parse(Source(SchemaType.PROTOBUF, text), {})


def edited(add: list[TagEdit], remove: list[TagEdit], text: str = TEXT) -> ProtobufSchema:
    schema = PROTOBUF.edit_tags(parse(text), add, remove)
    # What is printed reads as the same.
    assert PROTOBUF.tags(parse(PROTOBUF.canonical(schema))) == PROTOBUF.tags(schema)
    return schema


def test_tags_are_found_in_document_order() -> None:
    """However they are written; paths are without the package."""
    assert PROTOBUF.tags(parse()) == [
        EntityTags("M", False, ("TOP",)),
        EntityTags("M.ssn", True, ("PII", "GDPR")),
        EntityTags("M.card", True, ("PCI", "PII")),
        EntityTags("M.N.x", True, ("IN",)),
    ]


def test_no_tags() -> None:
    assert (
        PROTOBUF.tags(parse('syntax = "proto3"; message A { int32 x = 1 [(u.field_meta).tags = "a"]; }'))
        == []
    )


def test_tags_are_added_then_removed() -> None:
    """Present ones are not doubled, absent ones may be removed."""
    schema = edited(
        [
            TagEdit("M.ssn", True, ("PII", "B", "A")),
            TagEdit("M.N", False, ("NEW",)),
            TagEdit("M", False, ("X",)),
        ],
        [TagEdit("M.ssn", True, ("GDPR", "A", "none")), TagEdit("M.N.x", True, ("IN",))],
    )
    assert PROTOBUF.tags(schema) == [
        EntityTags("M", False, ("TOP", "X")),
        EntityTags("M.ssn", True, ("PII", "B")),
        EntityTags("M.card", True, ("PCI", "PII")),
        EntityTags("M.N", False, ("NEW",)),
    ]
    text = PROTOBUF.canonical(schema)
    assert 'doc: "d"' in text
    assert "string x = 1;" in text


def test_the_import_is_added_for_the_first_tag() -> None:
    text = 'syntax = "proto3"; message A { int32 x = 1; }'
    schema = edited([TagEdit("A.x", True, ("T",))], [], text)
    assert PROTOBUF.canonical(schema) == (
        'syntax = "proto3";\n\nimport "confluent/meta.proto";\n\nmessage A {\n'
        '  int32 x = 1 [(confluent.field_meta) = {\n    tags: [\n      "T"\n    ]\n  }];\n}\n'
    )


def test_a_normal_form_stays_normal() -> None:
    schema = PROTOBUF.edit_tags(PROTOBUF.normalize(parse()), [TagEdit("M.plain", True, ("T",))], [])
    assert '(confluent.field_meta) = {\n      tags: "T"\n    },\n    deprecated = true' in PROTOBUF.canonical(
        schema
    )


def test_nothing_to_do_changes_nothing() -> None:
    assert PROTOBUF.canonical(PROTOBUF.edit_tags(parse(), [], [])) == PROTOBUF.canonical(parse())


@pytest.mark.parametrize(
    ("path", "is_field", "missing"),
    [
        ("p.M.ssn", True, "No matching Message with name 'p' found in the schema"),
        ("M.Q", False, "No matching Message with name 'Q' found in the schema"),
        ("M.nope", True, "No matching Field with name 'nope' found in the schema"),
        ("M.N.x.y", True, "No matching Message with name 'x' found in the schema"),
        ("x", True, "No matching Message with name 'x' found in the schema"),
        ("", False, "No matching Message with name '' found in the schema"),
    ],
)
def test_places_that_are_not_there(path: str, is_field: bool, missing: str) -> None:
    for add, remove in (([TagEdit(path, is_field, ("T",))], []), ([], [TagEdit(path, is_field, ("T",))])):
        with pytest.raises(Invalid) as refused:
            PROTOBUF.edit_tags(parse(), add, remove)
        assert refused.value.why == missing
