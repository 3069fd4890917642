// Node clients use a registry whose address is in REGISTRY_URL.
import assert from 'node:assert/strict'
import test from 'node:test'

import confluent from '@confluentinc/schemaregistry'
import kafkajs from '@kafkajs/confluent-schema-registry'

const url = process.env.REGISTRY_URL
assert.ok(url, 'REGISTRY_URL is not set')

const record = (...fields) => ({ type: 'record', name: 'User', namespace: 'test', fields })
const id = { name: 'id', type: 'int' }
const v1 = JSON.stringify(record(id))
const v2 = JSON.stringify(record(id, { name: 'n', type: 'string', default: '' }))
const bad = JSON.stringify(record(id, { name: 'm', type: 'string' }))
const unique = (name) => `${name}-${process.pid}-${Math.random().toString(36).slice(2)}`

test('confluent: register, read, check, configure, delete', async () => {
  const client = confluent.SchemaRegistryClient.newClient({ baseURLs: [url] })
  const s = unique('node')
  const first = await client.registerFullResponse(s, { schema: v1 }, false)
  assert.equal(first.version, 1)
  const second = await client.register(s, { schema: v2 }, false)
  assert.deepEqual(await client.getAllVersions(s), [1, 2])
  assert.equal((await client.getBySubjectAndId(s, first.id)).schema, v1)
  assert.equal((await client.getByGuid(first.guid)).schema, v1)
  assert.equal((await client.getLatestSchemaMetadata(s)).id, second)
  assert.equal(await client.getVersion(s, { schema: v2 }, false, false), 2)
  assert.equal(await client.testSubjectCompatibility(s, { schema: bad }), false)
  assert.equal(await client.testCompatibility(s, 2, { schema: v2 }), true)
  await assert.rejects(client.register(s, { schema: bad }, false), /409|incompatible/)
  await client.updateCompatibility(s, 'FULL')
  assert.equal(await client.getCompatibility(s), 'FULL')
  assert.deepEqual(await client.deleteSubject(s, false), [1, 2])
  assert.ok(!(await client.getAllSubjects()).includes(s))
  assert.deepEqual(await client.deleteSubject(s, true), [1, 2])
  client.close()
})

test('confluent: references, metadata and a context', async () => {
  const client = confluent.SchemaRegistryClient.newClient({ baseURLs: [url] })
  const s = `:.node:${unique('s')}`
  await client.register(`${s}-user`, { schema: v1 }, false)
  const order = '{"type":"record","name":"Order","fields":[{"name":"who","type":"test.User"}]}'
  const references = [{ name: 'test.User', subject: `${s}-user`, version: 1 }]
  const metadata = { properties: { owner: 'me' } }
  const rule = { name: 'named', kind: 'CONDITION', mode: 'WRITE', type: 'CEL', expr: 'true' }
  const ruleSet = { domainRules: [rule] }
  const found = await client.register(s, { schema: order, references, metadata, ruleSet }, false)
  const stored = await client.getBySubjectAndId(s, found)
  assert.deepEqual(stored.references, references)
  assert.equal(stored.ruleSet.domainRules[0].name, 'named')
  await client.updateConfig(s, { compatibility: 'NONE', compatibilityGroup: 'v' })
  assert.equal((await client.getConfig(s)).compatibilityGroup, 'v')
  await assert.rejects(client.deleteSubject(`${s}-user`, false), /42206|422|reference/)
  assert.equal((await client.getLatestWithMetadata(s, { owner: 'me' }, false)).id, found)
  client.close()
})

test('kafkajs: Avro, JSON and Protobuf there and back', async () => {
  const registry = new kafkajs.SchemaRegistry({ host: url })
  const s = unique('kafkajs')
  const avro = await registry.register({ type: 'AVRO', schema: v1 }, { subject: s })
  assert.deepEqual({ ...(await registry.decode(await registry.encode(avro.id, { id: 5 }))) }, { id: 5 })
  assert.equal(await registry.getLatestSchemaId(s), avro.id)
  assert.equal(await registry.getRegistryId(s, 1), avro.id)
  assert.equal(await registry.getRegistryIdBySchema(s, { type: 'AVRO', schema: v1 }), avro.id)
  const person = JSON.stringify({ type: 'object', properties: { name: { type: 'string' } } })
  const json = await registry.register({ type: 'JSON', schema: person }, { subject: `${s}-json` })
  assert.deepEqual(await registry.decode(await registry.encode(json.id, { name: 'Ada' })), { name: 'Ada' })
  const proto = 'syntax = "proto3"; package t; message P { string name = 1; }'
  const protobuf = await registry.register({ type: 'PROTOBUF', schema: proto }, { subject: `${s}-proto` })
  assert.equal((await registry.decode(await registry.encode(protobuf.id, { name: 'Ada' }))).name, 'Ada')
  await assert.rejects(registry.register({ type: 'AVRO', schema: bad }, { subject: s }))
})

test('kafkajs: references and a context', async () => {
  const registry = new kafkajs.SchemaRegistry({ host: url })
  const s = `:.kafkajs:${unique('s')}`
  await registry.register({ type: 'AVRO', schema: v1 }, { subject: `${s}-user`, compatibility: 'NONE' })
  const order = '{"type":"record","name":"Order","fields":[{"name":"who","type":"test.User"}]}'
  const references = [{ name: 'test.User', subject: `${s}-user`, version: 1 }]
  await registry.register({ type: 'AVRO', schema: order, references }, { subject: s })
  const found = await registry.getLatestSchemaId(s)
  assert.equal(await registry.getRegistryId(s, 1), found)
})
