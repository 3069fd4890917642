"""How a store encrypts its connections to a database.

What lives here: a context from files and from what is to be checked. What never does: a driver, or what
a back-end calls its modes.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager


def client_context(
    ca_file: str = "", cert_file: str = "", key_file: str = "", *, verify: bool = True, host: bool = True
) -> ssl.SSLContext:
    """A context for a client; files are in PEM form, empty for the system's authorities and no certificate.

    `verify` is whether the server's certificate is checked at all, `host` whether its name is.
    Raises `OSError`, which names the file, where one cannot be read.
    """
    with _named(ca_file):
        context = ssl.create_default_context(cafile=ca_file or None)
    context.check_hostname = verify and host
    context.verify_mode = ssl.CERT_REQUIRED if verify else ssl.CERT_NONE
    if cert_file:
        with _named(cert_file, key_file):
            context.load_cert_chain(cert_file, key_file or None)
    return context


@contextmanager
def _named(*files: str) -> Iterator[None]:
    """Python's own errors do not say which file it is."""
    try:
        yield
    except OSError as error:
        raise OSError(f"{' with '.join(filter(None, files))}: {error.strerror or error}") from error
