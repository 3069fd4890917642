"""Asking a running registry whether it is ready, for the health checks of containers."""

from __future__ import annotations

import http.client
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from registan.settings.tree import Server

BODY_BYTES_MAX = 4096


_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104


def address(server: Server) -> str:
    """The URL at which a registry with these settings is reached from its own host."""
    host = _EVERYWHERE.get(server.host, server.host)
    return (
        f"{'https' if server.tls.enabled else 'http'}://{f'[{host}]' if ':' in host else host}:{server.port}"
    )


def ask(
    url: str, timeout_s: float, ca_file: str | None = None, *, insecure: bool = False
) -> tuple[bool, str]:
    """Whether `GET url/health/ready` answers 200, and a line that says so. Never raises for an answer.

    `ca_file` is what an https URL's certificate is checked against; `insecure` checks nothing.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return False, f"{url}: not a URL of http or https"
    try:
        connection = _connection(
            parts.scheme, parts.hostname, parts.port, timeout_s, ca_file, insecure=insecure
        )
    except (OSError, ValueError) as error:
        return False, f"{url}: {error}"
    try:
        connection.request("GET", f"{parts.path.rstrip('/')}/health/ready")
        answer = connection.getresponse()
        text = answer.read(BODY_BYTES_MAX).decode(errors="replace").strip()
    except (OSError, http.client.HTTPException) as error:
        return False, f"{url}: {error or type(error).__name__}"
    finally:
        connection.close()
    return answer.status == 200, f"{url}: {answer.status} {text}".rstrip()


def _connection(
    scheme: str, host: str, port: int | None, timeout_s: float, ca_file: str | None, *, insecure: bool
) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=timeout_s)
    context = ssl.create_default_context(cafile=ca_file)
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=timeout_s, context=context)
