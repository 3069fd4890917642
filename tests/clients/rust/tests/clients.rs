//! Lets schema_registry_converter use a registry whose address is in REGISTRY_URL.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use schema_registry_converter::blocking::avro::{AvroDecoder, AvroEncoder};
use schema_registry_converter::blocking::json::{JsonDecoder, JsonEncoder};
use schema_registry_converter::blocking::proto_raw::{ProtoRawDecoder, ProtoRawEncoder};
use schema_registry_converter::blocking::schema_registry::{
    get_all_subjects, get_all_versions, get_referenced_schema, get_schema_by_guid,
    get_schema_by_id, get_schema_by_subject, is_compatible_schema, post_schema, SrSettings,
};
use schema_registry_converter::schema_registry_common::{
    SchemaType, SubjectNameStrategy, SuppliedReference, SuppliedSchema,
};
use serde_json::json;

const V1: &str = r#"{"type":"record","name":"User","fields":[{"name":"name","type":"string"}]}"#;
const V2: &str = r#"{"type":"record","name":"User","fields":[{"name":"name","type":"string"},{"name":"n","type":"int","default":0}]}"#;
const BAD: &str = r#"{"type":"record","name":"User","fields":[{"name":"name","type":"string"},{"name":"m","type":"int"}]}"#;

fn settings() -> SrSettings {
    SrSettings::new(std::env::var("REGISTRY_URL").expect("REGISTRY_URL is not set"))
}

fn unique(name: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    format!("{name}{}", now.as_nanos())
}

fn avro(text: &str) -> SuppliedSchema {
    SuppliedSchema::new(None, SchemaType::Avro, text.to_string())
}

#[test]
fn register_read_and_check() {
    let settings = settings();
    let topic = unique("rust");
    let subject = format!("{topic}-value");
    let first = post_schema(&settings, subject.clone(), avro(V1)).unwrap();
    let second = post_schema(&settings, subject.clone(), avro(V2)).unwrap();
    assert_eq!(post_schema(&settings, subject.clone(), avro(V1)).unwrap().id, first.id);
    assert_eq!(get_schema_by_id(first.id, &settings).unwrap().schema, V1);
    let guid = first.guid.expect("registering tells the guid");
    assert_eq!(get_schema_by_guid(&guid, &settings).unwrap().schema, V1);
    let latest = SubjectNameStrategy::TopicNameStrategy(topic, false);
    let found = get_schema_by_subject(&settings, &latest).unwrap();
    assert_eq!((found.id, found.version), (second.id, Some(2)));
    assert_eq!(get_all_versions(&settings, subject.clone()).unwrap(), vec![1, 2]);
    assert!(get_all_subjects(&settings).unwrap().contains(&subject));
    assert!(is_compatible_schema(&settings, subject.clone(), avro(V2)).unwrap());
    assert!(!is_compatible_schema(&settings, subject.clone(), avro(BAD)).unwrap());
    assert!(post_schema(&settings, subject, avro(BAD)).is_err());
    assert!(get_schema_by_id(2_000_000, &settings).is_err());
}

#[test]
fn references_and_metadata_in_a_context() {
    let settings = settings();
    let subject = format!(":.rust:{}", unique("s"));
    let order = r#"{"type":"record","name":"Order","fields":[{"name":"who","type":"User"}]}"#;
    let user = SuppliedReference::new("User".into(), format!("{subject}-user"), V1.into());
    let properties = HashMap::from([("owner".to_string(), "us".to_string())]);
    let schema = avro(order)
        .with_references(vec![user])
        .with_properties(properties.clone());
    let made = post_schema(&settings, subject.clone(), schema).unwrap();
    let latest = SubjectNameStrategy::RecordNameStrategy(subject.clone());
    let found = get_schema_by_subject(&settings, &latest).unwrap();
    assert_eq!((found.id, found.subject), (made.id, Some(subject)));
    assert_eq!(found.properties, Some(properties));
    let reference = &found.references[0];
    assert_eq!((reference.name.as_str(), reference.version), ("User", 1));
    assert_eq!(get_referenced_schema(&settings, reference).unwrap().schema, V1);
}

#[test]
fn avro_there_and_back() {
    let strategy =
        SubjectNameStrategy::TopicNameStrategyWithSchema(unique("avro"), false, avro(V1));
    let payload = AvroEncoder::new(settings())
        .encode_struct(HashMap::from([("name", "Ada")]), &strategy)
        .unwrap();
    let read = AvroDecoder::new(settings()).decode(Some(&payload)).unwrap();
    assert_eq!(format!("{:?}", read.value), r#"Record([("name", String("Ada"))])"#);
}

#[test]
fn json_there_and_back() {
    let text = json!({"type": "object", "properties": {"name": {"type": "string"}}}).to_string();
    let schema = SuppliedSchema::new(None, SchemaType::Json, text);
    let strategy = SubjectNameStrategy::TopicNameStrategyWithSchema(unique("json"), false, schema);
    let person = json!({"name": "Ada"});
    let encoder = JsonEncoder::new(settings());
    let payload = encoder.encode(&person, &strategy).unwrap();
    let read = JsonDecoder::new(settings()).decode(Some(&payload)).unwrap();
    assert_eq!(read.unwrap().value, person);
    assert!(encoder.encode(&json!({"name": 5}), &strategy).is_err());
}

#[test]
fn protobuf_there_and_back() {
    let text = "syntax = \"proto3\";\npackage t;\nmessage A { string a = 1; }\nmessage P { string name = 1; }";
    let schema = SuppliedSchema::new(None, SchemaType::Protobuf, text.to_string());
    let strategy = SubjectNameStrategy::TopicNameStrategyWithSchema(unique("proto"), false, schema);
    let message = b"\x0a\x03Ada";
    let payload = ProtoRawEncoder::new(settings())
        .encode(message, "t.P", &strategy)
        .unwrap();
    let read = ProtoRawDecoder::new(settings()).decode(Some(&payload)).unwrap();
    let read = read.unwrap();
    assert_eq!((read.bytes, read.full_name.to_string()), (message.to_vec(), "t.P".to_string()));
}
