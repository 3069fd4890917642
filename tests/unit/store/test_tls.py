"""Contexts for TLS: a file that cannot be read is named, since Python's own errors do not."""

import ssl

import pytest

from registan.store.tls import client_context
from registan.testing.services.certificates import Authority


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(OSError, match=r"none\.crt: No such file"):
        client_context(str(tmp_path / "none.crt"))


def test_a_file_without_a_certificate_is_named(tmp_path):
    empty = tmp_path / "empty.crt"
    empty.write_text("")
    with pytest.raises(OSError, match=r"empty\.crt: .*no certificate"):
        client_context(str(empty))


def test_a_key_of_another_certificate_is_named(tmp_path):
    one, other = Authority(tmp_path / "a").client("one"), Authority(tmp_path / "b").client("other")
    with pytest.raises(OSError, match=r"one\.crt with .*other\.key: .*mismatch"):
        client_context("", str(one.certificate), str(other.key))


@pytest.mark.parametrize(
    ("verify", "host", "mode", "names"),
    [
        (True, True, ssl.CERT_REQUIRED, True),
        (True, False, ssl.CERT_REQUIRED, False),
        (False, True, ssl.CERT_NONE, False),
    ],
)
def test_what_is_checked(verify, host, mode, names):
    context = client_context(verify=verify, host=host)
    assert (context.verify_mode, context.check_hostname) == (mode, names)
