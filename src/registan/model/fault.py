"""Faults: every error the wire can carry, once. `Refusal` is the one expected exception.

The texts are part of the wire, odd spellings included (docs/wire.md, error codes). The HTTP status
is computed: the first three digits of a five-digit code, or the code itself.
"""

from __future__ import annotations

from enum import Enum
from string import Formatter


class Fault(Enum):
    """An error code and the template of its message. Members are told apart by name."""

    # 4xx of the transport
    BAD_REQUEST = (400, "{why}", "The request cannot be read.")
    COLON_IN_CONTEXT = (
        400,
        "Context name '{context}' cannot contain a colon",
        "A bad context prefix.",
    )
    UNAUTHORIZED = (401, "{why}", "No or unusable credentials.")
    FORBIDDEN = (403, "{why}", "The caller lacks a permission.")
    NOT_FOUND = (
        404,
        "HTTP 404 Not Found",
        "No such route, or a path or query value of the wrong type.",
    )
    METHOD_NOT_ALLOWED = (
        405,
        "HTTP 405 Method Not Allowed",
        "The path exists, not with this method.",
    )
    NOT_ACCEPTABLE = (
        406,
        "HTTP 406 Not Acceptable",
        "None of the accepted media types can be answered.",
    )
    REQUEST_TIMEOUT = (408, "Request Timeout", "The request did not arrive in time.")
    BODY_TOO_LARGE = (413, "Request body is too large: {size}>{limit}", "The body passes a limit.")
    URI_TOO_LONG = (414, "URI Too Long", "The request line passes a limit.")
    UNSUPPORTED_MEDIA_TYPE = (
        415,
        "HTTP 415 Unsupported Media Type",
        "The Content-Type is unknown.",
    )
    EXPECTATION_FAILED = (417, "Expectation Failed", "Only `Expect: 100-continue` can be met.")
    UNPROCESSABLE = (422, "{why}", "The body is missing.")
    TOO_MANY_REQUESTS = (429, "{why}", "The rate limit of the caller is reached.")
    HEADERS_TOO_LARGE = (431, "Request Header Fields Too Large", "The headers pass a limit.")
    OVERLOADED = (503, "{why}", "Too many connections; try again.")
    INTERNAL = (500, "Internal Server Error", "A defect of the server; the log has its trace.")

    # 403
    NO_KMS_DRIVER = (
        40370,
        "Could not {what}: No KMS driver supports: {uri}",
        "The registry has no way to the key service of a shared key.",
    )

    # 404
    SUBJECT_NOT_FOUND = (
        40401,
        "Subject '{subject}' not found.",
        "No live version under this name.",
    )
    VERSION_NOT_FOUND = (40402, "Version {version} not found.", "The subject has no such version.")
    SCHEMA_NOT_FOUND = (40403, "Schema not found", "No schema with this content.")
    SCHEMA_ID_NOT_FOUND = (40403, "Schema {id} not found", "No schema with this id or guid.")
    SUBJECT_SOFT_DELETED = (
        40404,
        "Subject '{subject}' was soft deleted.Set permanent=true to delete permanently",
        "A second soft delete.",
    )
    SUBJECT_NOT_SOFT_DELETED = (
        40405,
        "Subject '{subject}' was not deleted first before being permanently deleted",
        "A permanent delete needs a soft one first.",
    )
    VERSION_SOFT_DELETED = (
        40406,
        "Subject '{subject}' Version {version} was soft deleted.Set permanent=true to delete permanently",
        "A second soft delete.",
    )
    VERSION_NOT_SOFT_DELETED = (
        40407,
        "Subject '{subject}' Version {version} was not deleted first before being permanently deleted",
        "A permanent delete needs a soft one first.",
    )
    SUBJECT_LEVEL_NOT_SET = (
        40408,
        "Subject '{subject}' does not have subject-level compatibility configured",
        "Nothing is configured at this scope.",
    )
    SUBJECT_MODE_NOT_SET = (
        40409,
        "Subject '{subject}' does not have subject-level mode configured",
        "Nothing is configured at this scope.",
    )
    ASSOCIATION_NOT_FOUND = (
        40410,
        "Association for '{resource}' not found.",
        "The resource has no such association.",
    )
    KEY_NOT_FOUND = (40470, "Key '{key}' not found", "No key of this name, version and algorithm.")
    KEY_NOT_SOFT_DELETED = (
        40471,
        "Key '{key}' was not deleted first before being permanently deleted",
        "A permanent delete needs a soft one first.",
    )
    KEY_SOFT_DELETED = (
        40472,
        "Key '{key}' must be undeleted first",
        "The key that wraps this one is soft-deleted.",
    )

    # 409
    INCOMPATIBLE_SCHEMA = (
        40901,
        (
            "Schema being registered is incompatible with an earlier schema for subject "
            '"{subject}", details: [{details}]'
        ),
        "The compatibility level forbids this version.",
    )
    ASSOCIATION_EXISTS_FOR_RESOURCE = (
        40903,
        "An association of type '{type}' already exists for resource '{resource}'",
        "The resource has another association of this type.",
    )
    ASSOCIATION_EXISTS_FOR_SUBJECT = (
        40904,
        "An association already exists for subject '{subject}'",
        "What is in use by a resource cannot be deleted, or be taken over.",
    )
    STRONG_ASSOCIATION_EXISTS = (
        40905,
        "A strong association already exists for subject '{subject}'",
        "The subject belongs to another resource.",
    )
    NO_ACTIVE_VERSION = (
        40907,
        "No active (non-deleted) version exists for subject '{subject}'",
        "A weak association needs a subject with a live version.",
    )
    ASSOCIATION_FROZEN = (
        40908,
        "The association of type  '{type}' is frozen for subject '{subject}'",
        "A strong association changes with its resource only.",
    )
    KEY_EXISTS = (
        40971,
        "Key '{key}' already exists; use a different value",
        "A key of this name, or version and algorithm, is there.",
    )
    TOO_MANY_KEYS = (
        40972,
        "A maximum of {limit} keys already exist",
        "The limit of keys is reached.",
    )

    # 422
    INVALID_SCHEMA = (42201, "{why}", "The text is no valid schema, or a reference leads nowhere.")
    INVALID_VERSION = (
        42202,
        (
            "The specified version '{version}' is not a valid version id. Allowed values are between "
            '[1, 2^31-1] and the string "latest"'
        ),
        "No version number.",
    )
    INVALID_LEVEL = (
        42203,
        (
            "Invalid compatibility level. Valid values are none, backward, forward, full, "
            "backward_transitive, forward_transitive, and full_transitive"
        ),
        "No compatibility level.",
    )
    INVALID_MODE = (
        42204,
        "Invalid mode. Valid values are READWRITE, READONLY, IMPORT and FORWARD.",
        "No mode.",
    )
    FORWARD_ONLY_GLOBAL = (
        42204,
        "Forward mode only supported on global level",
        "FORWARD belongs to `:.__GLOBAL:`.",
    )
    OPERATION_NOT_PERMITTED = (42205, "{why}", "The mode, or an id in use, forbids this.")
    REFERENCE_EXISTS = (
        42206,
        (
            "One or more references exist to the schema "
            "{{magic=1,keytype=SCHEMA,subject={subject},version={version}}}."
        ),
        "Another schema refers to this version.",
    )
    INVALID_SUBJECT = (
        42208,
        "The specified subject '{subject}' is not a valid.",
        "A reserved name.",
    )
    SCHEMA_TOO_LARGE = (
        42209,
        "Register operation failed because schema is too large",
        "The schema passes a limit.",
    )
    INVALID_RULE_SET = (42210, "{why}", "A rule is malformed.")
    CONTEXT_NOT_EMPTY = (
        42211,
        "The specified context '{context}' is not empty.",
        "Subjects, even soft-deleted ones, are left.",
    )
    INVALID_ASSOCIATION = (
        42212,
        "The association specified an invalid value for property: '{property}', detail: {detail}",
        "A property of an association is missing, malformed, or contradicts another.",
    )
    INVALID_KEY = (
        42271,
        "Invalid or missing value for field '{field}' of key",
        "A field of a key is missing or malformed.",
    )
    KEY_IN_USE = (
        42272,
        "One or more references exist to the key '{key}'",
        "Data keys that this key wraps are left.",
    )

    # 5xx: ours, in the wire's codes
    STORE_UNAVAILABLE = (
        50001,
        "{why}",
        "The store does not answer: try again.",
    )

    def __init__(self, code: int, template: str, doc: str) -> None:
        self.code = code
        self.template = template
        self.doc = doc

    def __new__(cls, code: int, template: str, doc: str) -> Fault:  # noqa: ARG004
        """Number the members, so that two faults of one code stay two."""
        member = object.__new__(cls)
        member._value_ = len(cls.__members__)
        return member

    @property
    def status(self) -> int:
        """The HTTP status. An unavailable store is 503, so that clients try again."""
        if self is Fault.STORE_UNAVAILABLE:
            return 503
        return self.code // 100 if self.code > 999 else self.code

    @property
    def fields(self) -> tuple[str, ...]:
        """The names its template needs."""
        return tuple(name for _, name, _, _ in Formatter().parse(self.template) if name)


class Refusal(Exception):  # noqa: N818  (an expected no, not a malfunction)
    """An expected no: a fault with the values of its message. Anything else raised is a defect."""

    def __init__(self, fault: Fault, **values: object) -> None:
        super().__init__(fault, values)
        self.fault = fault
        self.message = fault.template.format(**values)

    def __str__(self) -> str:
        return f"{self.fault.code} {self.message}"
