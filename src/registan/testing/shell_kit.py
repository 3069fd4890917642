"""The shell with next to nothing in it: commands of one change, for tests of engine and friends.

What lives here: how small commands are made and asked for. What never does: an assertion.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Any

from registan.core.decision import Decision, Facts
from registan.core.handlers import Handler
from registan.core.state import State
from registan.model.commit import Put
from registan.model.fault import Fault, Refusal
from registan.model.identity import ANONYMOUS, Principal
from registan.model.policy import Config
from registan.model.subject import Subject
from registan.runtime.engine import Limits
from registan.runtime.instance import Instance, Reading
from registan.store.memory import MemoryStore
from registan.store.protocol import Store
from registan.testing.store_case import config

NOW = 1234
"""What every decision's clock says."""


def put(state: State, args: str, facts: Facts) -> Decision:  # noqa: ARG001
    """Set the config of a subject; the reply is how many configs there were."""
    return Decision((Put(config(args)),), len(state.configs))


def put_once(state: State, args: str, facts: Facts) -> Decision:
    """Set the config of a subject; a second time is refused."""
    if Subject(".", args) in state.configs:
        raise Refusal(Fault.SUBJECT_NOT_FOUND, subject=args)
    return put(state, args, facts)


def ensure(state: State, args: str, facts: Facts) -> Decision:  # noqa: ARG001
    """Set the config of a subject unless there is one; the reply says whether there was."""
    there = Subject(".", args) in state.configs
    return Decision(() if there else (Put(config(args)),), there)


def refuse(state: State, args: str, facts: Facts) -> Decision:  # noqa: ARG001
    """Never."""
    raise Refusal(Fault.SCHEMA_NOT_FOUND)


def fixed_facts(principal: Principal) -> Facts:
    """The facts of every decision."""
    return Facts(NOW, 1, principal)


async def started(store: Store, reading: Reading | None = None, **limits: Any) -> Instance:  # noqa: ANN401
    """An instance that does not follow the log by itself."""
    instance = Instance(store, limits=Limits(**limits), reading=reading, facts=fixed_facts)
    await instance.start(follow=False)
    return instance


def execute(
    instance: Instance,
    handler: Handler,
    args: object,
    principal: Principal = ANONYMOUS,
) -> Awaitable[Any]:
    """Ask for one command."""
    return instance.engine.execute(handler, args, cause="config.put", principal=principal)


def ask(
    instance: Instance,
    handler: Handler,
    *many: object,
    principal: Principal = ANONYMOUS,
) -> list[asyncio.Future[Any]]:
    """Ask for commands, one for each argument, all at once."""
    return [asyncio.ensure_future(execute(instance, handler, args, principal)) for args in many]


async def outcomes(tasks: Iterable[asyncio.Future[Any]]) -> list[Any]:
    """Replies and errors."""
    return await asyncio.gather(*tasks, return_exceptions=True)


def written(store: MemoryStore) -> list[list[str]]:
    """The subjects whose config each commit sets."""
    return [
        [change.record.scope.name for change in commit.changes if isinstance(change.record, Config)]
        for commit in store._commits.values()  # noqa: SLF001
    ]
