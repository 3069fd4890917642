"""Keys and certificates for tests, made on the spot by openssl, valid for two days."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

_NEW = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
_NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"


def make_keys(root: Path) -> Path:
    """Write `ca`, `server` and `client` (both signed by it) and `stranger`, each as .pem and .key.

    The subject of the client is CN=someone, O=Somewhere. Raises `OSError` where openssl is missing.
    """
    _openssl(root, "ca", "/CN=Test authority")
    signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-addext", _NAMES, "-addext", "basicConstraints=CA:FALSE")
    _openssl(root, "server", "/CN=localhost", *signed)
    _openssl(root, "client", "/CN=someone/O=Somewhere", *signed)
    _openssl(root, "stranger", "/CN=stranger")
    return root


def _openssl(root: Path, name: str, subject: str, *more: str) -> None:
    files = ("-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", subject)
    subprocess.run(["openssl", *_NEW, *more, *files], cwd=root, check=True, capture_output=True)  # noqa: S603, S607


def trusting(keys: Path, client: str = "") -> ssl.SSLContext:
    """What a client needs that trusts the authority, and shows the certificate of that name."""
    context = ssl.create_default_context(cafile=str(keys / "ca.pem"))
    if client:
        context.load_cert_chain(keys / f"{client}.pem", keys / f"{client}.key")
    return context
