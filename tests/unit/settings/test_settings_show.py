"""What is printed can be read again, says where it is from, and tells no secret."""

import pickle

import pytest

from registan.settings import Secret, load
from registan.settings.fields import fields
from registan.settings.show import show

SECRET = "hunter2-should-never-be-seen"


def everything(tmp_path):
    """A file with every secret of the tree set, and odd texts."""
    file = tmp_path / "c.yaml"
    file.write_text(f"""
storage:
  postgresql: {{password: {SECRET}, database: "no", user: "a: #b"}}
  mysql: {{password: {SECRET}, user: "$${{x}}", tls: true}}
  cassandra: {{password: {SECRET}, hosts: ["a:1", "null"]}}
auth:
  basic:
    users: [{{username: "22:22", password: {SECRET}, roles: [admin]}}]
  apikey:
    keys: [{{key: {SECRET}, name: k, expires_at: 2030-12-31T23:59:59Z}}]
  ldap: {{bind_password: {SECRET}, role_mapping: {{"cn=a,ou=b": admin}}}}
  oidc: {{client_secret: {SECRET}}}
rbac:
  roles: {{admin: {{permissions: [{{resource: "*", actions: ["*"]}}]}}}}
server: {{read_timeout: 250ms, max_body_bytes: 1025}}
rate_limit: {{requests_per_second: 0.5}}
""")
    return file


def test_no_secret_is_shown(tmp_path):
    loaded = load(everything(tmp_path))
    for text in (show(loaded), repr(loaded), str(loaded.settings), f"{loaded.settings.storage}"):
        assert SECRET not in text
        assert "***" in text


def test_what_is_shown_loads_as_the_same(tmp_path):
    loaded = load(everything(tmp_path))
    again = tmp_path / "again.yaml"
    again.write_text(show(loaded).replace("***", SECRET))
    assert load(again).settings == loaded.settings


def test_shown_texts_are_texts_to_any_reader_of_yaml(tmp_path):
    import yaml

    tree = yaml.safe_load(show(load(everything(tmp_path))))
    assert tree["storage"]["postgresql"]["database"] == "no"
    assert tree["storage"]["cassandra"]["hosts"] == ["a:1", "null"]
    assert tree["auth"]["basic"]["users"][0]["username"] == "22:22"
    assert tree["metrics"]["port"] is None


def test_every_setting_is_shown_with_its_origin(tmp_path):
    lines = show(load(None, {"SERVER_PORT": "9000"}, {"logging.level": "debug"})).splitlines()
    assert len([line for line in lines if " # " in line]) == len(fields())
    assert any(line.split() == ["port:", "9000", "#", "env", "SERVER_PORT"] for line in lines)
    assert any(line.split() == ["level:", "debug", "#", "--logging.level"] for line in lines)
    assert lines[:2][0] == "server:"


def test_secrets_are_values():
    assert Secret("a") == Secret("a") != Secret("b")
    assert hash(Secret("a")) == hash(Secret("a"))
    assert (str(Secret("a")), str(Secret("")), repr(Secret("a"))) == ("***", "", "Secret('***')")
    assert not Secret("")
    assert pickle.loads(pickle.dumps(Secret("a"))).reveal() == "a"


def test_secrets_cannot_be_encoded_by_accident():
    import json

    import msgspec

    for encode in (json.dumps, msgspec.json.encode):
        with pytest.raises(TypeError):
            encode(load(None, {"POSTGRES_PASSWORD": SECRET}).settings.storage.postgresql)
