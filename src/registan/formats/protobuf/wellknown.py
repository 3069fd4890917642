"""The files that need no reference: google/protobuf, google/type and confluent.

What lives here: which types they declare (a table, so that resolving a name loads nothing), the three
files of `confluent`, and how the others are found when their content is needed: in the packages
protobuf and googleapis-common-protos, whose runtime is imported only then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from importlib import import_module

from registan.formats.protobuf.index import Home
from registan.formats.protobuf.parser import read

_TYPES = """
confluent/meta.proto Meta Rule
confluent/type/decimal.proto Decimal
confluent/type/variant.proto Variant
google/protobuf/any.proto Any
google/protobuf/api.proto Api Method Mixin
google/protobuf/descriptor.proto FileDescriptorSet FileDescriptorProto DescriptorProto
 DescriptorProto.ExtensionRange DescriptorProto.ReservedRange ExtensionRangeOptions
 ExtensionRangeOptions.Declaration ExtensionRangeOptions.VerificationState* FieldDescriptorProto
 FieldDescriptorProto.Type* FieldDescriptorProto.Label* OneofDescriptorProto EnumDescriptorProto
 EnumDescriptorProto.EnumReservedRange EnumValueDescriptorProto ServiceDescriptorProto
 MethodDescriptorProto FileOptions FileOptions.OptimizeMode* MessageOptions FieldOptions
 FieldOptions.EditionDefault FieldOptions.FeatureSupport FieldOptions.CType* FieldOptions.JSType*
 FieldOptions.OptionRetention* FieldOptions.OptionTargetType* OneofOptions EnumOptions
 EnumValueOptions ServiceOptions MethodOptions MethodOptions.IdempotencyLevel* UninterpretedOption
 UninterpretedOption.NamePart FeatureSet FeatureSet.FieldPresence* FeatureSet.EnumType*
 FeatureSet.RepeatedFieldEncoding* FeatureSet.Utf8Validation* FeatureSet.MessageEncoding*
 FeatureSet.JsonFormat* FeatureSetDefaults FeatureSetDefaults.FeatureSetEditionDefault
 SourceCodeInfo SourceCodeInfo.Location GeneratedCodeInfo GeneratedCodeInfo.Annotation
 GeneratedCodeInfo.Annotation.Semantic* Edition*
google/protobuf/duration.proto Duration
google/protobuf/empty.proto Empty
google/protobuf/field_mask.proto FieldMask
google/protobuf/source_context.proto SourceContext
google/protobuf/struct.proto Struct Value ListValue NullValue*
google/protobuf/timestamp.proto Timestamp
google/protobuf/type.proto Type Field Field.Kind* Field.Cardinality* Enum EnumValue Option Syntax*
google/protobuf/wrappers.proto DoubleValue FloatValue Int64Value UInt64Value Int32Value UInt32Value
 BoolValue StringValue BytesValue
google/type/calendar_period.proto CalendarPeriod*
google/type/color.proto Color
google/type/date.proto Date
google/type/datetime.proto DateTime TimeZone
google/type/dayofweek.proto DayOfWeek*
google/type/decimal.proto Decimal
google/type/expr.proto Expr
google/type/fraction.proto Fraction
google/type/interval.proto Interval
google/type/latlng.proto LatLng
google/type/money.proto Money
google/type/month.proto Month*
google/type/phone_number.proto PhoneNumber PhoneNumber.ShortCode
google/type/postal_address.proto PostalAddress
google/type/quaternion.proto Quaternion
google/type/timeofday.proto TimeOfDay
"""
"""A path and the types of the file, without their package; enums are marked. Blanks continue a line."""

META = "confluent/meta.proto"

CONFLUENT = {
    META: """syntax = "proto3";
package confluent;

import "google/protobuf/descriptor.proto";

option java_package = "io.confluent.protobuf";
option java_outer_classname = "MetaProto";

message Meta {
  string doc = 1;
  map<string, string> params = 2;
  repeated string tags = 3;
  repeated Rule rules = 4;
}
message Rule {
  string name = 1;
  string doc = 2;
  string expr = 3;
  string sql = 4;
}

extend google.protobuf.FileOptions {
  Meta file_meta = 1088;
}
extend google.protobuf.MessageOptions {
  Meta message_meta = 1088;
}
extend google.protobuf.FieldOptions {
  Meta field_meta = 1088;
}
extend google.protobuf.EnumOptions {
  Meta enum_meta = 1088;
}
extend google.protobuf.EnumValueOptions {
  Meta enum_value_meta = 1088;
}
""",
    "confluent/type/decimal.proto": """syntax = "proto3";
package confluent.type;

message Decimal {
  bytes value = 1;
  uint32 precision = 2;
  int32 scale = 3;
}
""",
    "confluent/type/variant.proto": """syntax = "proto3";
package confluent.type;

message Variant {
  bytes metadata = 1;
  bytes value = 2;
}
""",
}


def package(path: str) -> str:
    """The package of a built-in file, which follows from its path."""
    return path.rpartition("/")[0].replace("/", ".")


def _read_table() -> tuple[dict[str, str], frozenset[str]]:
    types: dict[str, str] = {}
    enums: set[str] = set()
    for line in _TYPES.replace("\n ", " ").split("\n"):
        path, *names = line.split() or [""]
        for name in names:
            full = f"{package(path)}.{name.rstrip('*')}"
            types[full] = path
            if name.endswith("*"):
                enums.add(full)
    return types, frozenset(enums)


TYPES, ENUMS = _read_table()
"""Full name of every built-in type → path of its file; which of them are enums."""

PATHS = frozenset(TYPES.values())
"""All built-in files."""


def types_beside(paths: Collection[str]) -> Mapping[str, str]:
    """The types of the built-in files other than these."""
    if PATHS.isdisjoint(paths):
        return TYPES
    return {full: path for full, path in TYPES.items() if path not in paths}


EXTENSIONS = {f"confluent.{place}_meta": META for place in ("file", "message", "field", "enum", "enum_value")}
"""Full name of every built-in extension → path of its file."""


@cache
def home(path: str) -> Home:
    """The built-in file of a path, which must be one of `PATHS`."""
    text = CONFLUENT.get(path)
    if text is not None:
        return Home(read(text), path)
    # Late: these pull in the protobuf runtime.
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from registan.formats.protobuf.descriptor import file_of

    module = import_module(path.removesuffix(".proto").replace("/", ".") + "_pb2")
    descriptor = FileDescriptorProto()
    module.DESCRIPTOR.CopyToProto(descriptor)
    return Home(file_of(descriptor), path)
