"""The registry against a naive model of it, on random sequences of commands.

The model keeps what a person would write on paper; it knows nothing of logs, indexes or hashes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registan.core.state import State
from registan.model.fault import Fault, Refusal
from registan.model.policy import CompatibilityLevel
from registan.model.subject import Subject
from registan.testing.compare import view
from registan.testing.core_kit import Core, proto

SUBJECTS = ["a", "b", ":.c:a"]

POOLS = {
    "AVRO": {
        "one": '{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}',
        "two": '{"type":"record","name":"R","fields":[{"name":"a","type":"int"},'
        '{"name":"b","type":"int","default":0}]}',
        "other": '{"type":"record","name":"R","fields":[{"name":"a","type":"string"}]}',
        "user": '{"type":"record","name":"U","fields":[]}',
    },
    "PROTOBUF": {
        "one": proto("int32 a"),
        "two": proto("int32 a", "int32 b"),
        "other": proto("string a"),
        "user": 'syntax = "proto3";\n\nimport "m.proto";\n\nmessage U {}\n',
    },
}

COMPATIBLE = {("one", "two"), ("two", "one")}
"""Which text, besides itself, may follow which."""


@dataclass(frozen=True)
class Content:
    """A text of the pool, and the version it refers to, if it does."""

    text: str
    target: tuple[str, int] | None = None


@dataclass
class Held:
    content: Content
    deleted: bool = False


@dataclass
class Model:
    """Subjects with their versions, and the ids of each context."""

    level: CompatibilityLevel
    subjects: dict[str, dict[int, Held]] = field(default_factory=dict)
    ids: dict[str, dict[Content, int]] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)

    def live(self, subject: str) -> dict[int, Held]:
        return {n: held for n, held in self.subjects.get(subject, {}).items() if not held.deleted}

    def register(self, subject: str, content: Content):
        live = self.live(subject)
        context = Subject.parse(subject).context
        for number, held in live.items():
            if held.content == content:
                return self.ids[context][content], number
        if live and self.level is not CompatibilityLevel.NONE:
            latest = live[max(live)].content
            if content != latest and (content.text, latest.text) not in COMPATIBLE:
                return Fault.INCOMPATIBLE_SCHEMA
        versions = self.subjects.setdefault(subject, {})
        number = max(versions, default=0) + 1
        for old in [n for n, held in versions.items() if held.content == content]:
            if not self.referrers(subject, old, deleted=True):
                del versions[old]
        versions[number] = Held(content)
        ids = self.ids.setdefault(context, {})
        if content not in ids:
            self.last[context] = ids[content] = self.last.get(context, 0) + 1
        return ids[content], number

    def referrers(self, subject: str, number: int, *, deleted: bool) -> set[str]:
        """The subjects that refer to a version."""
        return {
            name
            for name, versions in self.subjects.items()
            for held in versions.values()
            if held.content.target == (subject, number) and (deleted or not held.deleted)
        }

    def delete_subject(self, subject: str, *, permanent: bool):
        versions = self.subjects.get(subject, {})
        gone = list(versions) if permanent else list(self.live(subject))
        if not versions:
            return Fault.SUBJECT_NOT_FOUND
        if not gone:
            return Fault.SUBJECT_SOFT_DELETED
        if any(self.referrers(subject, number, deleted=permanent) - {subject} for number in gone):
            return Fault.REFERENCE_EXISTS
        if permanent and self.live(subject):
            return Fault.SUBJECT_NOT_SOFT_DELETED
        self.remove(subject, gone, permanent=permanent)
        return gone

    def delete_version(self, subject: str, number: int, *, permanent: bool):
        versions = self.subjects.get(subject, {})
        if not versions:
            return Fault.SUBJECT_NOT_FOUND
        if number not in versions:
            return Fault.VERSION_NOT_FOUND
        if versions[number].deleted and not permanent:
            return Fault.VERSION_SOFT_DELETED
        if self.referrers(subject, number, deleted=permanent):
            return Fault.REFERENCE_EXISTS
        if permanent and not versions[number].deleted:
            return Fault.VERSION_NOT_SOFT_DELETED
        self.remove(subject, [number], permanent=permanent)
        return number

    def remove(self, subject: str, numbers: list[int], *, permanent: bool) -> None:
        versions = self.subjects[subject]
        for number in numbers:
            versions[number].deleted = True
            if permanent:
                del versions[number]
        if not versions:
            del self.subjects[subject]
        context = Subject.parse(subject).context
        used = {
            held.content
            for name, others in self.subjects.items()
            for held in others.values()
            if Subject.parse(name).context == context
        }
        self.ids[context] = {content: i for content, i in self.ids[context].items() if content in used}


@dataclass
class Pair:
    """The model and the registry, side by side."""

    kind: str
    model: Model
    core: Core

    def body(self, content: Content) -> dict:
        body: dict = {"schemaType": self.kind, "schema": POOLS[self.kind][content.text]}
        if content.target is not None:
            subject, number = content.target
            body["references"] = [{"name": "m.proto", "subject": subject, "version": number}]
        return body

    def call(self, name: str, **args):
        """The reply, or the fault of the refusal; changes are tried and taken back before they are made."""
        apply = self.core.state.apply

        def tried(seq, changes):
            state = self.core.state
            before = view(state)
            state.begin()
            state.make(changes)
            state.rollback()
            assert view(state) == before
            apply(seq, changes)

        self.core.state.apply = tried
        try:
            return self.core.call(name, **args)
        except Refusal as refusal:
            return refusal.fault
        finally:
            self.core.state.apply = apply

    def do(self, action) -> None:
        name, subject, *rest = action
        if name == "register":
            self.register(subject, Content(rest[0]))
        elif name == "refer":
            target = rest[0]
            live = self.model.live(target)
            # An unqualified target stands in the context of the referrer.
            if live and (target.startswith(":") or not subject.startswith(":")):
                self.register(subject, Content("user", (target, max(live))))
        elif name == "purge":
            for permanent in (False, True):
                self.do(("delete", subject, permanent))
        elif name == "delete":
            told = self.call("subject.delete", subject=subject, permanent=rest[0])
            assert told == self.model.delete_subject(subject, permanent=rest[0])
        else:
            told = self.call("version.delete", subject=subject, version=str(rest[0]), permanent=rest[1])
            assert told == self.model.delete_version(subject, rest[0], permanent=rest[1])

    def register(self, subject: str, content: Content) -> None:
        told = self.call("schema.register", subject=subject, body=self.body(content))
        if isinstance(told, dict):
            told = told["id"], told["version"]
        assert told == self.model.register(subject, content)

    def check_reads(self) -> None:
        """Every read tells what the model holds."""
        subjects, core = self.model.subjects, self.core
        assert core.call("subject.list", deleted=True) == sorted(subjects)
        assert core.call("subject.list") == sorted(s for s in subjects if self.model.live(s))
        assert core.call("subject.list", deleted_only=True) == sorted(
            s for s in subjects if not self.model.live(s)
        )
        rows = core.call("schema.list", subject_prefix=":*:", deleted=True)
        assert [(row["subject"], row["version"], row["deleted"]) for row in rows] == [
            (s, n, subjects[s][n].deleted) for s in sorted(subjects) for n in sorted(subjects[s])
        ]
        for subject, versions in subjects.items():
            assert core.call("version.list", subject=subject, deleted=True) == sorted(versions)
            for number, held in versions.items():
                self.check_version(subject, number, held)
        for context, ids in self.model.ids.items():
            for content, number in ids.items():
                told = core.call("schema.get", id=number, subject=f":{context}:")
                assert told["schema"] == POOLS[self.kind][content.text]

    def check_version(self, subject: str, number: int, held: Held) -> None:
        told = self.core.call("version.get", subject=subject, version=str(number), deleted=True)
        context = Subject.parse(subject).context
        assert (told["id"], told["deleted"]) == (self.model.ids[context][held.content], held.deleted)
        referring = {
            number_
            for name in self.model.referrers(subject, number, deleted=True)
            for number_ in [
                self.model.ids[Subject.parse(name).context].get(Content("user", (subject, number)))
            ]
        }
        listed = self.core.call("version.referencedby", subject=subject, version=str(number), deleted=True)
        assert set(listed) == referring
        if not held.deleted:
            found = self.core.call("schema.lookup", subject=subject, body=self.body(held.content))
            assert found["version"] == number

    def check_reload(self) -> None:
        """Its records, loaded, are the same state."""
        state = State(self.core.state.defaults)
        state.load(self.core.state.seq, list(self.core.state.records()))
        assert view(state) == view(self.core.state)


subjects = st.sampled_from(SUBJECTS)
numbers = st.integers(1, 3)
plain = st.one_of(
    st.tuples(st.just("register"), subjects, st.sampled_from(["one", "two", "other"])),
    st.tuples(st.just("register"), subjects, st.sampled_from(["one", "two"])),
    st.tuples(st.just("delete"), subjects, st.booleans()),
    st.tuples(st.just("purge"), subjects),
    st.tuples(st.just("delete version"), subjects, numbers, st.booleans()),
)
referring = st.one_of(plain, st.tuples(st.just("refer"), subjects, subjects))


def play(kind: str, level: CompatibilityLevel, actions) -> None:
    pair = Pair(kind, Model(level), Core(level=level))
    for action in actions:
        pair.do(action)
        pair.check_reads()
    pair.check_reload()


@pytest.mark.parametrize("kind", POOLS)
@settings(max_examples=150, deadline=None)
@given(actions=st.lists(referring, min_size=12, max_size=40))
def test_without_compatibility(kind: str, actions) -> None:
    """Ids, numbers, deletes and references are those of the model."""
    play(kind, CompatibilityLevel.NONE, actions)


@pytest.mark.parametrize("kind", POOLS)
@settings(max_examples=60, deadline=None)
@given(actions=st.lists(plain, min_size=12, max_size=40))
def test_backward(kind: str, actions) -> None:
    """So is what the latest live version forbids."""
    play(kind, CompatibilityLevel.BACKWARD, actions)
