"""Cases of the store kit on records: what they add up to, their order, and that every value survives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from registan.core.state import State
from registan.model.association import Association, LifecyclePolicy
from registan.model.commit import Commit, Drop, Put
from registan.model.data_contract import ExecutionEnvironment, Metadata, Rule, RuleKind, RuleMode, RuleSet
from registan.model.keys import Dek, DekFormat, Kek
from registan.model.policy import CompatibilityLevel, CompatibilityPolicy, Config, Mode
from registan.model.record import ContextEntry, ModeSetting, Record, Schema, Version, place_of
from registan.model.schema import Reference, SchemaType, Source
from registan.model.subject import GLOBAL, Subject
from registan.testing.compare import view
from registan.testing.store_case import (
    Backend,
    append_all,
    case,
    commit,
    config,
    opened,
    records_of,
    schema,
    version,
)


@case
async def records_add_up(backend: Backend) -> None:
    """Put, put again, drop, put after a drop; within one commit too the last change counts."""
    none, full = config("a", CompatibilityLevel.NONE), config("a", CompatibilityLevel.FULL)
    other = config("b")
    async with opened(backend) as (store,):
        await store.append(commit(1, Put(none), Put(other)))
        assert sorted(map(place_of, await records_of(store))) == sorted(map(place_of, (none, other)))
        await store.append(commit(2, Put(full)))
        assert full in await records_of(store)
        await store.append(commit(3, Drop(full)))
        assert await records_of(store) == [other]
        await store.append(commit(4, Put(none), Drop(none), Put(full), Put(other), Drop(other)))
        assert await records_of(store) == [full]
        changes = (await store.read(3, 1))[0].changes
        assert [type(change) for change in changes] == [Put, Drop, Put, Put, Drop]
        assert [change.record for change in changes] == [none, none, full, other, other]


@case
async def dropping_nothing_is_no_error(backend: Backend) -> None:
    """A change is a fact: the key holds nothing, as before."""
    async with opened(backend) as (store,):
        await store.append(commit(1, Drop(config("never"))))
        assert await records_of(store) == []


@case
async def records_come_in_the_order_of_their_last_write(backend: Backend) -> None:
    """Across commits, within a commit, and after a restart: "last written" is meaning."""
    async with opened(backend) as (store,):
        await append_all(
            store,
            commit(1, Put(config("a")), Put(config("b")), Put(config("c"))),
            commit(2, Put(config("a", CompatibilityLevel.FULL))),
            commit(3, Put(config("d")), Put(config("b")), Drop(config("d")), Put(config("d"))),
        )
    async with opened(backend) as (store,):
        names = [record.scope.name for record in await records_of(store) if isinstance(record, Config)]
        assert names == ["c", "a", "b", "d"]


@case
async def loading_agrees_with_the_log(backend: Backend) -> None:
    """The records make the same state as all commits, whatever was put and dropped."""
    commits = _history()
    replayed = State()
    for each in commits:
        replayed.apply(each.seq, each.changes)
    async with opened(backend, 2) as (store, other):
        await append_all(store, *commits)
        read = State()
        for each in await other.read(0, 1000):
            read.apply(each.seq, each.changes)
        state = State()
        loaded = await other.load()
        state.load(loaded.seq, loaded.records)
    assert view(read) == view(replayed)
    assert view(state) == view(replayed)


def _history() -> Sequence[Commit]:
    twice = (version("x", 1, 7), version("x", 2, 7), version("x", 1, 7, deleted=True))
    return [
        commit(1, Put(ContextEntry(".", 7)), Put(schema(7)), Put(twice[0])),
        commit(2, Put(twice[1]), Put(version("y", 1, 7))),
        commit(3, Put(twice[2])),
        commit(4, Put(ContextEntry(".", 9)), Put(schema(9)), Put(version("z", 4, 9))),
        commit(5, Put(schema(7)), Put(version("z", 2, 9))),
        commit(6, Drop(version("y", 1, 7)), Put(config("x")), Put(ModeSetting(GLOBAL, Mode.IMPORT))),
        commit(7, Drop(version("z", 4, 9)), Drop(config("x"))),
        commit(8, Put(ContextEntry(".other", 3, listed=False)), Put(schema(3, "other", ".other"))),
    ]


@case
async def a_big_commit_fits(backend: Backend) -> None:
    """A schema of 4 MiB, and five thousand changes at once."""
    text = '{"doc":"' + "ä\\n" * (4 * 1024 * 1024 // 4) + '"}'
    many = [Put(config(f"s{number}")) for number in range(5000)]
    async with opened(backend, 2) as (store, other):
        await append_all(store, commit(1, Put(schema(1, text))), commit(2, *many))
        first = (await other.read(0, 1))[0]
        assert first.changes == (Put(schema(1, text)),)
        assert len((await other.read(1, 1))[0].changes) == 5000
        assert len(await records_of(other)) == 5001


@case
async def names_are_kept_apart(backend: Backend) -> None:
    """Case, composition, blanks, slashes, width: every code point counts, in keys as in values."""
    names = ["a", "A", "a ", " a", "ä", "Ä", "a\u0308", "ß", "ss", "a/1", "a/1/2", "a%2F1", "a_", "a-"]
    names += ["日本", "😀", "😁", "e\u200d", "e", "\u0131", "i", "I", "''", '"', "\\", "a\tb", "%", "é" * 200]
    written = [version(name, 1, 1) for name in names] + [version("a", 12, 1), version("a/1", 2, 1)]
    async with opened(backend, 2) as (store, other):
        await store.append(commit(1, *map(Put, written)))
        assert await records_of(other) == written
        await store.append(commit(2, Drop(version("A", 1, 1)), Drop(version("ä", 1, 1))))
        left = [record for record in written if record.subject.name not in ("A", "ä")]
        assert await records_of(other) == left


@case
async def odd_text_survives(backend: Backend) -> None:
    """Lone surrogates, NUL, line separators: a schema is any text that JSON can spell."""
    texts = [
        "\ud800",
        "a\udfffb",
        "\x00",
        "a\x00b",
        "\u2028\u2029",
        "\ufeff",
        "",
        "\x7f\x1f",
        "😀x",
        "\ude00\ud83d",
    ]
    written = [schema(number, text) for number, text in enumerate(texts, 1)]
    written.append(schema(1, "in a context", ".\udc80"))
    async with opened(backend, 2) as (store, other):
        await store.append(commit(1, *map(Put, written), actor="nobody \ud800"))
        assert await records_of(other) == written
        assert [change.record for change in (await other.read(0, 1))[0].changes] == written
        await store.append(commit(2, *map(Drop, written)))
        assert await records_of(other) == []


def _associated() -> list[Record]:
    return [
        Association(
            subject=Subject(context, name),
            guid="0f0f0f0f-0000-4000-8000-00000000000f",
            resource_name="é-1",
            resource_namespace="lkc_1",
            resource_id="id/1",
            resource_type="topic",
            association_type=kind,
            lifecycle=lifecycle,
            created=2**53,
            updated=1,
        )
        for context, name, kind, lifecycle in (
            (".lkc_1", "é-1-value", "value", LifecyclePolicy.STRONG),
            (".", "a/b", "key", LifecyclePolicy.WEAK),
        )
    ]


def _keys() -> list[Record]:
    kek = Kek(
        name="é",
        kms_type="aws-kms",
        kms_key_id="arn:aws:kms:x",
        kms_props={"a": "", "é": "2"},
        doc="",
        shared=True,
        deleted=True,
        at=2**53,
    )
    bare = replace(kek, name="_", kms_props={}, doc=None, shared=False, deleted=False, at=0)
    deks = [
        Dek(
            kek_name="é",
            subject=Subject(".c", "a/1"),
            algorithm=algorithm,
            version=version,
            encrypted_key_material=material,
            deleted=version > 1,
            at=1,
        )
        for algorithm in DekFormat
        for version, material in ((1, ""), (2**31 - 1, None))
    ]
    return [kek, bare, *deks]


@case
async def every_field_of_every_record_survives(backend: Backend) -> None:
    """Absent and empty differ."""
    metadata = Metadata.of({"a.b": ["PII", "X"]}, {"k": "v", "é": ""}, ["k"])
    rule = Rule(
        name="r",
        doc="d",
        kind=RuleKind.TRANSFORM,
        mode=RuleMode.WRITEREAD,
        type="CEL",
        tags=("PII",),
        params={"p": "1"},
        expr="true",
        on_success="NONE",
        on_failure="ERROR",
        disabled=True,
    )
    rules = RuleSet(migration_rules=(), domain_rules=(rule, Rule()), enable_at=ExecutionEnvironment.CLIENT)
    source = Source(SchemaType.PROTOBUF, "x", (Reference("n", ":.c:s", -1),), Metadata(), RuleSet())
    full = Config(
        scope=Subject(".c", "s"),
        alias="other",
        alias_for_deks="",
        normalize=False,
        validate_fields=True,
        validate_new_schemas=False,
        validate_rules=True,
        level=CompatibilityLevel.FULL_TRANSITIVE,
        policy=CompatibilityPolicy.LENIENT,
        group="g",
        default_metadata=metadata,
        override_metadata=Metadata(),
        default_rule_set=rules,
        override_rule_set=RuleSet(),
    )
    written: list[Record] = [
        ContextEntry(".c", 2**31 - 1, listed=False),
        Schema(".c", 2**31 - 1, source, source.guid),
        Schema(".c", 1, Source(SchemaType.JSON, "{}", (), metadata, rules), "g"),
        Version(Subject(".c", "s"), 2**31 - 1, 1, True, 2**53),
        full,
        Config(scope=GLOBAL),
        ModeSetting(Subject(".c", ""), Mode.READONLY_OVERRIDE),
        *_associated(),
        *_keys(),
    ]
    async with opened(backend, 2) as (store, other):
        await store.append(commit(1, *map(Put, written)))
        assert await records_of(other) == written
        assert [change.record for change in (await other.read(0, 1))[0].changes] == written
