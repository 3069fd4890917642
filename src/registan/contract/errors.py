"""Error answers: a fault or a refusal as a response in the shape every client of the API knows."""

from __future__ import annotations

from registan.contract.json_text import encode
from registan.contract.media import V1_JSON
from registan.contract.message import Response
from registan.model.fault import Fault, Refusal


def error_response(
    error: Refusal | Fault,
    content_type: bytes = V1_JSON,
    headers: tuple[tuple[bytes, bytes], ...] = (),
    code: int | None = None,
    **values: object,
) -> Response:
    """The answer `{"error_code":…,"message":…}` for a refusal, or for a fault and its template's values.

    `code` is told in the place of the fault's own (older releases of the wire have others).
    Raises KeyError when a value of the template is missing: a defect of the caller.
    """
    refusal = error if isinstance(error, Refusal) else Refusal(error, **values)
    fault = refusal.fault
    body = encode({"error_code": fault.code if code is None else code, "message": refusal.message})
    return Response(fault.status, body, content_type, headers)
