"""Routes below `/compatibility`."""

from __future__ import annotations

from dataclasses import dataclass

from registan.contract import hangs_on
from registan.contract.body.schema import CompatibilityReply, RegisterRequest
from registan.contract.route import Access, Action, Method, Route
from registan.model.fault import Fault
from registan.model.subject import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckArgs:
    """A schema to compare with what registration would compare it with."""

    subject: Subject
    body: RegisterRequest
    normalize: bool = False
    verbose: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckVersionArgs:
    """A schema to compare with one version: a number, `latest` or -1."""

    subject: Subject
    version: str
    body: RegisterRequest
    normalize: bool = False
    verbose: bool = False


ACCESS = Access(Action.READ, "compatibility", of="subject")
TAGS = ("Compatibility",)

COMPATIBILITY_CHECK = Route(
    name="compatibility.check",
    method=Method.POST,
    path="/compatibility/subjects/{subject}/versions",
    hangs_on=hangs_on.subject,
    args=CheckArgs,
    reply=CompatibilityReply,
    access=ACCESS,
    operation="testCompatibilityForSubject",
    aliased=True,
    tags=TAGS,
    faults=(Fault.INVALID_SCHEMA,),
    doc="Check a schema against the versions that its registration would be checked against.",
)
COMPATIBILITY_CHECK_VERSION = Route(
    name="compatibility.checkversion",
    method=Method.POST,
    path="/compatibility/subjects/{subject}/versions/{version}",
    hangs_on=hangs_on.subject,
    args=CheckVersionArgs,
    reply=CompatibilityReply,
    access=ACCESS,
    operation="testCompatibilityBySubjectName",
    aliased=True,
    tags=TAGS,
    faults=(Fault.INVALID_SCHEMA, Fault.INVALID_VERSION, Fault.VERSION_NOT_FOUND),
    doc="Check a schema against one version, in the direction of the level.",
)

COMPATIBILITY_ROUTES = (COMPATIBILITY_CHECK, COMPATIBILITY_CHECK_VERSION)
