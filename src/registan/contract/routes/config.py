"""Routes of `/config` and `/mode`. Without a subject they are about the default context."""

from __future__ import annotations

from dataclasses import dataclass, field

from registan.contract import hangs_on
from registan.contract.body.policy import ConfigReply, ConfigUpdate, ModeReply, ModeUpdate
from registan.contract.route import Access, Action, Effect, Method, Route
from registan.model.fault import Fault
from registan.model.subject import GLOBAL, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class TopArgs:
    """`default_to_global` asks for what counts rather than what is set here."""

    subject: Subject = field(default=GLOBAL, init=False)
    default_to_global: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeArgs:
    """`subject` is a subject, `:.context:` for a whole context, or `:.__GLOBAL:` for all of them."""

    subject: Subject
    default_to_global: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PutTopConfigArgs:
    """Changes to the config of the default context."""

    subject: Subject = field(default=GLOBAL, init=False)
    body: ConfigUpdate


@dataclass(frozen=True, slots=True, kw_only=True)
class PutConfigArgs:
    """Changes to the config of a scope."""

    subject: Subject
    body: ConfigUpdate


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteTopArgs:
    """Nothing to say."""

    subject: Subject = field(default=GLOBAL, init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteScopeArgs:
    """The scope whose record goes."""

    subject: Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class PutTopModeArgs:
    """`force` allows IMPORT although there are subjects."""

    subject: Subject = field(default=GLOBAL, init=False)
    body: ModeUpdate
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PutModeArgs:
    """`force` allows IMPORT although there are subjects."""

    subject: Subject
    body: ModeUpdate
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteTopModeArgs:
    """`recursive` takes the modes of the subjects of the default context too."""

    subject: Subject = field(default=GLOBAL, init=False)
    recursive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteModeArgs:
    """`recursive` takes the modes of the subjects of a context too."""

    subject: Subject
    recursive: bool = False


CONFIG_TAGS = ("Config",)
MODE_TAGS = ("Modes",)

CONFIG_PUT_FAULTS = (
    Fault.INVALID_LEVEL,
    Fault.INVALID_SUBJECT,
    Fault.INVALID_RULE_SET,
    Fault.OPERATION_NOT_PERMITTED,
)

CONFIG_TOP_GET = Route(
    name="config.gettop",
    method=Method.GET,
    path="/config",
    hangs_on=hangs_on.settings,
    args=TopArgs,
    reply=ConfigReply,
    access=Access(Action.READ, "config"),
    tags=CONFIG_TAGS,
    doc="Get the config of the default context.",
)
CONFIG_TOP_PUT = Route(
    name="config.puttop",
    method=Method.PUT,
    path="/config",
    args=PutTopConfigArgs,
    reply=ConfigUpdate,
    access=Access(Action.WRITE, "config"),
    effect=Effect.WRITES,
    operation="updateTopLevelConfig",
    tags=CONFIG_TAGS,
    faults=CONFIG_PUT_FAULTS,
    doc="Change the config of the default context: absent keeps, null clears, a value sets.",
)
CONFIG_TOP_DELETE = Route(
    name="config.deletetop",
    method=Method.DELETE,
    path="/config",
    args=DeleteTopArgs,
    reply=ConfigReply,
    access=Access(Action.DELETE, "config"),
    effect=Effect.WRITES,
    tags=CONFIG_TAGS,
    faults=(Fault.OPERATION_NOT_PERMITTED,),
    doc="Set the config of the default context back; the answer is what it was.",
)
CONFIG_GET = Route(
    name="config.get",
    method=Method.GET,
    path="/config/{subject}",
    hangs_on=hangs_on.settings,
    args=ScopeArgs,
    reply=ConfigReply,
    access=Access(Action.READ, "config", of="subject"),
    tags=CONFIG_TAGS,
    faults=(Fault.SUBJECT_LEVEL_NOT_SET,),
    doc="Get the config of a subject or context: its own, or with `defaultToGlobal` what counts for it.",
)
CONFIG_PUT = Route(
    name="config.put",
    method=Method.PUT,
    path="/config/{subject}",
    args=PutConfigArgs,
    reply=ConfigUpdate,
    access=Access(Action.WRITE, "config", of="subject"),
    effect=Effect.WRITES,
    operation="updateSubjectLevelConfig",
    tags=CONFIG_TAGS,
    faults=CONFIG_PUT_FAULTS,
    doc="Change the config of a subject or context: absent keeps, null clears, a value sets.",
)
CONFIG_DELETE = Route(
    name="config.delete",
    method=Method.DELETE,
    path="/config/{subject}",
    args=DeleteScopeArgs,
    reply=ConfigReply,
    access=Access(Action.DELETE, "config", of="subject"),
    effect=Effect.WRITES,
    tags=CONFIG_TAGS,
    faults=(Fault.SUBJECT_NOT_FOUND, Fault.OPERATION_NOT_PERMITTED),
    doc="Delete the config of a subject or context; the answer is what it was.",
)

MODE_PUT_FAULTS = (
    Fault.INVALID_SUBJECT,
    Fault.INVALID_MODE,
    Fault.FORWARD_ONLY_GLOBAL,
    Fault.OPERATION_NOT_PERMITTED,
    Fault.REFERENCE_EXISTS,
)

MODE_TOP_GET = Route(
    name="mode.gettop",
    method=Method.GET,
    path="/mode",
    hangs_on=hangs_on.settings,
    args=TopArgs,
    reply=ModeReply,
    access=Access(Action.READ, "mode"),
    tags=MODE_TAGS,
    doc="Get the mode of the default context.",
)
MODE_TOP_PUT = Route(
    name="mode.puttop",
    method=Method.PUT,
    path="/mode",
    args=PutTopModeArgs,
    reply=ModeUpdate,
    access=Access(Action.WRITE, "mode"),
    effect=Effect.WRITES,
    operation="updateTopLevelMode",
    tags=MODE_TAGS,
    faults=MODE_PUT_FAULTS,
    doc="Set the mode of the default context, or with null unset it.",
)
MODE_TOP_DELETE = Route(
    name="mode.deletetop",
    method=Method.DELETE,
    path="/mode",
    args=DeleteTopModeArgs,
    reply=ModeReply,
    access=Access(Action.DELETE, "mode"),
    effect=Effect.WRITES,
    tags=MODE_TAGS,
    faults=(Fault.OPERATION_NOT_PERMITTED,),
    doc="Unset the mode of the default context; the answer is what it was.",
)
MODE_GET = Route(
    name="mode.get",
    method=Method.GET,
    path="/mode/{subject}",
    hangs_on=hangs_on.settings,
    args=ScopeArgs,
    reply=ModeReply,
    access=Access(Action.READ, "mode", of="subject"),
    tags=MODE_TAGS,
    faults=(Fault.SUBJECT_MODE_NOT_SET,),
    doc="Get the mode of a subject or context: its own, or with `defaultToGlobal` what counts for it.",
)
MODE_PUT = Route(
    name="mode.put",
    method=Method.PUT,
    path="/mode/{subject}",
    args=PutModeArgs,
    reply=ModeUpdate,
    access=Access(Action.WRITE, "mode", of="subject"),
    effect=Effect.WRITES,
    operation="updateMode",
    tags=MODE_TAGS,
    faults=MODE_PUT_FAULTS,
    doc="Set the mode of a subject or context, or with null unset it.",
)
MODE_DELETE = Route(
    name="mode.delete",
    method=Method.DELETE,
    path="/mode/{subject}",
    args=DeleteModeArgs,
    reply=ModeReply,
    access=Access(Action.DELETE, "mode", of="subject"),
    effect=Effect.WRITES,
    tags=MODE_TAGS,
    faults=(Fault.SUBJECT_NOT_FOUND, Fault.OPERATION_NOT_PERMITTED),
    doc="Unset the mode of a subject or context; the answer is what it was.",
)

CONFIG_ROUTES = (
    CONFIG_TOP_GET,
    CONFIG_TOP_PUT,
    CONFIG_TOP_DELETE,
    CONFIG_GET,
    CONFIG_PUT,
    CONFIG_DELETE,
)
MODE_ROUTES = (MODE_TOP_GET, MODE_TOP_PUT, MODE_TOP_DELETE, MODE_GET, MODE_PUT, MODE_DELETE)
