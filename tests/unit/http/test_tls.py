"""What TLS adds to a request: the client's certificate."""

from __future__ import annotations

import json
import ssl

import msgspec
import pytest

from registan.settings.security import Tls
from registan.settings.tree import Settings
from registan.testing.keys import make_keys, trusting
from registan.testing.socket_kit import head, served


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return make_keys(tmp_path_factory.mktemp("keys"))


def settings(keys, client_auth: str) -> Settings:
    made = Settings()
    tls = Tls(
        enabled=True,
        cert_file=str(keys / "server.pem"),
        key_file=str(keys / "server.key"),
        ca_file=str(keys / "ca.pem"),
        client_auth=client_auth,
    )
    return msgspec.structs.replace(made, server=msgspec.structs.replace(made.server, tls=tls))


@pytest.mark.parametrize(("client", "name"), [("client", "someone"), ("", None)])
async def test_the_client_s_certificate_comes_with_every_request(keys, client, name, monkeypatch):
    async with served(settings(keys, "request"), tls=trusting(keys, client)) as registry:
        answers, seen = registry.serving.service.answers, []
        begin = answers.begin

        def noted(request):
            seen.append(request.certificate)
            return begin(request)

        monkeypatch.setattr(answers, "begin", noted)
        connection = await registry.connect()
        for target in ("/subjects", "/nothing"):
            await connection.ask(head("GET", target))
    names = [dict(part[0] for part in found["subject"])["commonName"] if found else None for found in seen]
    assert names == [name, name]


async def test_without_being_asked_nobody_shows_one(keys):
    async with served(settings(keys, "none"), tls=trusting(keys, "client")) as registry:
        connection = await registry.connect()
        assert (await connection.ask(head("GET", "/subjects"))).status == 200
        (ours,) = registry.serving.service.connections
        assert ours._reader.certificate is None


async def test_what_is_known_of_a_caller_with_a_certificate_is_known_to_its_connection_alone(keys):
    async with served(settings(keys, "require"), tls=trusting(keys, "client")) as registry:
        connection = await registry.connect()
        body = b'{"schema":"\\"int\\""}'
        post = head("POST", "/subjects/a/versions", f"Content-Length: {len(body)}") + body
        assert (await connection.ask(post, "POST")).status == 200
        for _ in range(2):
            assert json.loads((await connection.ask(head("GET", "/subjects"))).body) == ["a"]
        (ours,) = registry.serving.service.connections
        assert ours._replies
        assert not registry.serving.service.known.replies


async def test_without_a_certificate_where_one_is_required_there_is_no_answer(keys):
    async with served(settings(keys, "require"), tls=trusting(keys)) as registry:
        with pytest.raises((ssl.SSLError, ConnectionError, EOFError)):
            await registry.ask(head("GET", "/subjects"))
