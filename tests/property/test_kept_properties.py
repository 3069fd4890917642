"""A reply that is kept is the reply that would be made anew, whatever was written in between."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registan.app import compose
from registan.contract.message import Request
from registan.settings.tree import Cache, Limits, Settings
from registan.store.memory import MemoryStore

SUBJECTS = ("a", "b", ":.c:a", ":.d:b", ":.c:")
TEXTS = tuple(
    json.dumps({"type": "record", "name": name, "fields": fields})
    for name in ("A", "B")
    for fields in ([], [{"name": "x", "type": "int", "default": 0}], [{"name": "x", "type": "string"}])
)
REFERRING = {
    "schema": '{"type":"record","name":"R","fields":[{"name":"a","type":"A"}]}',
    "references": [{"name": "A", "subject": "a", "version": -1}],
}
BODIES = [{"schema": text} for text in TEXTS] + [{"schema": TEXTS[0], "metadata": {"properties": {"k": "v"}}}]


def requests():
    """Reads of everything, and writes of every kind."""
    for s in SUBJECTS:
        for body in [*BODIES, REFERRING]:
            yield "POST", f"/subjects/{s}/versions", body
            yield "POST", f"/subjects/{s}", body
            yield "POST", f"/compatibility/subjects/{s}/versions/latest?verbose=true", body
        yield "POST", f"/subjects/{s}?deleted=true", BODIES[0]
        yield "POST", f"/subjects/{s}/versions", {"schema": TEXTS[0], "id": 7, "version": 3}
        yield "POST", f"/subjects/{s}/versions", {"schema": TEXTS[1], "id": 2, "version": 1}
        for path in (
            f"/subjects/{s}/versions",
            f"/subjects/{s}/versions?deleted=true",
            f"/subjects/{s}/versions/latest",
            f"/subjects/{s}/versions/1",
            f"/subjects/{s}/versions/2?deleted=true",
            f"/subjects/{s}/versions/1/schema",
            f"/subjects/{s}/versions/1/referencedby",
            f"/subjects/{s}/versions/latest?format=resolved",
            f"/subjects/{s}/metadata?key=k&value=v",
            f"/config/{s}",
            f"/config/{s}?defaultToGlobal=true",
            f"/mode/{s}?defaultToGlobal=true",
            f"/schemas/ids/1?subject={s}",
        ):
            yield "GET", path, None
        for path in (f"/subjects/{s}", f"/subjects/{s}/versions/1", f"/subjects/{s}/versions/latest"):
            yield "DELETE", path, None
            yield "DELETE", f"{path}?permanent=true", None
        yield "PUT", f"/config/{s}", {"compatibility": "NONE"}
        yield "PUT", f"/config/{s}", {"alias": "b"}
        yield "DELETE", f"/config/{s}", None
        yield "PUT", f"/mode/{s}?force=true", {"mode": "IMPORT"}
        yield "DELETE", f"/mode/{s}", None
    yield "PUT", "/config", {"compatibility": "NONE"}
    yield "PUT", "/config", {"compatibility": "FULL", "defaultMetadata": {"properties": {"k": "w"}}}
    yield "DELETE", "/config", None
    yield "PUT", "/mode?force=true", {"mode": "IMPORT"}
    yield "PUT", "/mode?force=true", {"mode": "READWRITE"}
    yield "DELETE", "/contexts/.c", None
    for i in (1, 2, 7):
        for tail in ("", "?fetchMaxId=true", "/schema", "/subjects", "/versions", "/versions?deleted=true"):
            yield "GET", f"/schemas/ids/{i}{tail}", None
        yield "GET", f"/contexts/.c/schemas/ids/{i}", None
    for path in ("/subjects", "/subjects?deleted=true", "/schemas", "/contexts", "/config", "/mode"):
        yield "GET", path, None


REQUESTS = [
    Request(
        method,
        path.partition("?")[0].encode(),
        path.partition("?")[2].encode(),
        [],
        b"" if body is None else json.dumps(body).encode(),
    )
    for method, path, body in requests()
]
READS = [request for request in REQUESTS if request.method in ("GET", "POST")]
WRITES = [r for r in REQUESTS if r.method != "GET"]


STEP = st.tuples(st.sampled_from(WRITES), st.lists(st.sampled_from(READS), max_size=8))


async def instance(reply_bytes):
    app = compose(Settings(limits=Limits(cache=Cache(reply_bytes=reply_bytes))), MemoryStore())
    await app.instance.start(follow=False)
    return app


def told(response):
    """A response without the time of registration, which two instances do not share."""
    return response.status, re.sub(rb'"ts":\d+', b'"ts":0', response.body)


@pytest.mark.timeout(300)
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(
    st.lists(st.tuples(st.sampled_from(WRITES), st.lists(st.sampled_from(READS), max_size=8)), max_size=25)
)
async def test_kept_and_made_anew_are_one(steps):
    """Each read is asked twice, so that the second may be answered by what was kept."""
    keeping, forgetful = await instance(16 * 1024 * 1024), await instance(0)
    asked = []
    try:
        for write, reads in steps:
            assert told(await keeping.answers(write)) == told(await forgetful.answers(write))
            asked = [*asked[-40:], *reads]
            for read in [*asked, *reads]:
                kept, made = told(await keeping.answers(read)), told(await forgetful.answers(read))
                assert kept == made, (read.method, read.path, read.query, read.body)
    finally:
        await keeping.instance.stop()
        await forgetful.instance.stop()
