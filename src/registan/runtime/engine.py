"""The engine: the only write path. Decide, append, apply, reply.

Commands that arrive while an append is in flight wait; when it has landed they are decided one after
the other, each on the state that those before it would leave, and leave as one commit. The state
itself moves only once the commit is durable, so no reader ever sees a change that could be lost,
and no reply is given on the strength of one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from random import Random
from typing import NamedTuple
from uuid import uuid4

from registan.core.handlers import Handler
from registan.core.state import State
from registan.model.commit import Commit, Drop, level_of
from registan.model.fault import Fault, Refusal
from registan.model.identity import ANONYMOUS, Principal
from registan.runtime.command import Answered, Args, Command, Reply
from registan.runtime.facts import FactsOf, system_facts
from registan.runtime.follower import Follower
from registan.runtime.freshness import Freshness
from registan.runtime.gauges import SILENT, Gauges
from registan.runtime.offer import Failed, Landed, Lost, Offer
from registan.store.protocol import Store

NAMES_MAX = 8
"""Actors and causes named in a commit of several commands."""


class Limits(NamedTuple):
    """What the engine never exceeds."""

    batch_max: int = 256
    """Commands in one commit."""
    batch_bytes_max: int = 4 * 1024 * 1024
    """Text in one commit; a single command may be bigger."""
    queue_max: int = 10_000
    """Commands that wait; more are refused."""
    attempts_max: int = 1000
    """How often a command is decided before it is refused, because others were always first.

    As many as fit into the time-outs: where several instances write to a quick store one of them may
    come second a hundred times in a second, and is first in the end.
    """
    append_timeout_s: float = 5.0
    """How long an append may take before its answer counts as lost."""
    doubt_timeout_s: float = 5.0
    """How long the fate of such an append is looked into before the client is told that it is unknown."""
    backoff_s: float = 0.002
    """The step by which the pause between two attempts grows, at random, up to 5 steps."""


class Engine:
    """Writes for one instance, over its state and its store."""

    def __init__(
        self,
        store: Store,
        state: State,
        follower: Follower,
        freshness: Freshness,
        limits: Limits = Limits(),  # noqa: B008  (a frozen value)
        gauges: Gauges = SILENT,
        facts: FactsOf = system_facts,
        random: Random | None = None,
    ) -> None:
        self._state = state
        self._follower = follower
        self._freshness = freshness
        self._limits = limits
        self._gauges = gauges
        self._facts = facts
        self._random = random or Random()  # noqa: S311  (jitter)
        self._patience_s = limits.append_timeout_s + limits.doubt_timeout_s
        self._offer = Offer(store, state, follower, gauges, limits.append_timeout_s, limits.doubt_timeout_s)
        self._queue: deque[Command] = deque()
        self._pump: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def queue_length(self) -> int:
        """Commands that wait."""
        return len(self._queue)

    async def execute(
        self, handler: Handler, args: Args, *, cause: str, principal: Principal = ANONYMOUS
    ) -> Reply:
        """Decide the command on fresh state, write what it changes, give its reply once that is durable.

        Raises the command's `Refusal`, or STORE_UNAVAILABLE where the store or the queue cannot take
        it; anything else raised is a defect. If the caller is cancelled before the command was
        decided it never happens, later it may or may not.
        """
        outcome = self.try_now(handler, args, cause=cause, principal=principal)
        answered: Answered = outcome if type(outcome) is Answered else await outcome  # type: ignore[misc]
        if answered.refusal is not None:
            raise answered.refusal
        return answered.reply

    def try_now(
        self, handler: Handler, args: Args, *, cause: str, principal: Principal = ANONYMOUS
    ) -> Answered | asyncio.Future[Answered]:
        """Like `execute`, without waiting where that can be: a command that changes nothing.

        Otherwise the command is on its way, and the future will have its reply or refusal.
        """
        if self._stopping:
            raise _unavailable("the instance is stopping")
        if len(self._queue) >= self._limits.queue_max:
            raise _unavailable("too many writes are waiting")
        command = Command(handler, args, cause, principal)
        if self._pump is None and self._freshness.fresh_now():
            command.decide(self._state, self._facts)
            if not command.changes:
                return Answered(command.reply, seq=self._state.seq)
            command.decided_at = self._state.seq
        loop = asyncio.get_running_loop()
        command.future = loop.create_future()
        command.deadline = loop.time() + self._patience_s
        self._queue.append(command)
        if self._pump is None:
            self._pump = loop.create_task(self._run())
        return command.future

    async def stop(self, timeout_s: float = 10.0) -> None:
        """Take no more commands, finish those that wait, refuse what is left at the time-out."""
        self._stopping = True
        pump = self._pump
        if pump is not None:
            await asyncio.wait([pump], timeout=timeout_s)
            pump.cancel()
            await asyncio.wait([pump])

    async def _run(self) -> None:
        batch: list[Command] = []
        try:
            while self._queue:
                self._gauges.queued(len(self._queue))
                batch = []
                try:
                    await self._turn(batch)
                except Exception as error:  # noqa: BLE001  (a defect: those in hand hear of it)
                    for command in batch:
                        command.refuse(error)
        finally:
            self._pump = None
            for command in batch:
                command.refuse(_unavailable("the instance stops; whether the write took place is not known"))
            for command in self._queue:
                command.refuse(_unavailable("the instance is stopping"))
            self._queue.clear()

    async def _turn(self, batch: list[Command]) -> None:
        """Decide what waits, write it, answer it."""
        seq = self._state.seq
        self._decide(batch)
        clean = 0
        while clean < len(batch) and not batch[clean].changes:
            clean += 1
        # The first ones, decided on the bare state, need no append, only fresh state; where that
        # cannot be told at once, an append of those behind them will tell.
        if clean and (clean == len(batch) or self._freshness.fresh_now()):
            if not await self._answer(batch[:clean], seq):
                self._again(batch)
                return
            del batch[:clean]
        if batch:
            await self._write(batch, seq)

    def _decide(self, batch: list[Command]) -> None:
        """Move commands from the queue to `batch`, decided; the state is the same afterwards."""
        queue, state, limits = self._queue, self._state, self._limits
        now = asyncio.get_running_loop().time()
        weight = 0
        state.begin()
        try:
            most = _fair(limits.batch_max, queue[0]) if queue else 0
            while queue and len(batch) < most:
                command = queue[0]
                if command.alone and batch:
                    break
                if command.future.done():  # its client has gone
                    queue.popleft()
                    continue
                if command.deadline < now:
                    queue.popleft().refuse(_unavailable("the store is slow or down; nothing was written"))
                    continue
                mark = state.mark()
                if batch or command.decided_at != state.seq:
                    self._decide_one(command)
                if weight and weight + command.weight > limits.batch_bytes_max:
                    break
                weight += command.weight
                self._project(command, mark)
                batch.append(queue.popleft())
                if command.alone:
                    break
        finally:
            state.rollback()

    def _decide_one(self, command: Command) -> None:
        command.decided_at = -1
        command.refusal = None
        try:
            command.decide(self._state, self._facts)
        except Exception as error:  # noqa: BLE001  (fails alone, whatever it is)
            command.refusal = error

    def _project(self, command: Command, mark: int) -> None:
        """Make a command's changes on trial; one whose changes cannot be made fails alone."""
        if not command.changes:
            return
        if len(self._queue) == 1 and not mark and not any(type(c) is Drop for c in command.changes):
            return  # Nobody follows who would have to see them, and a Put cannot fail.
        try:
            self._state.make(command.changes)
        except Exception as error:  # noqa: BLE001  (a defect of its handler)
            self._state.rollback(mark)
            command.changes, command.refusal = (), error

    async def _answer(self, commands: Sequence[Command], seq: int) -> bool:
        """Answer commands decided on the bare state at `seq`, if that is (still) the newest one.

        While the store cannot be asked, and reads go on without it, that is the newest one known. Who
        lost a race has learnt meanwhile what the log holds, and needs no answer to that.
        """
        for command in commands:
            if command.learnt is not None and command.learnt <= seq:
                command.answer(seq=seq)
        commands = [command for command in commands if not command.future.done()]
        fresh = not commands or self._freshness.fresh_now()
        if not fresh:
            try:
                fresh = await self._freshness.fresh()
            except Exception as error:  # noqa: BLE001  (theirs to hear)
                for command in commands:
                    command.refuse(error)
                return True
        if self._state.seq != seq:
            return False
        for command in commands:
            command.answer(stale=not fresh, seq=seq if fresh else 0)
        return True

    async def _write(self, batch: Sequence[Command], seq: int) -> None:
        changes = tuple(change for command in batch for change in command.changes)
        commit = Commit(
            seq=seq + 1,
            id=uuid4(),
            at=self._facts(batch[0].principal).now,
            actor=_names(command.principal.name for command in batch if command.changes),
            cause=_names(command.cause for command in batch if command.changes),
            level=level_of(changes),
            changes=changes,
        )
        try:
            landing = await self._offer.land(commit)
        except Exception as error:  # noqa: BLE001  (the commit cannot be written, or not read back)
            await self._part(batch, error)
            return
        if not isinstance(landing, Failed):
            self._freshness.look_again()  # the store answers
        if isinstance(landing, Landed):
            self._gauges.landed(len(batch), len(changes), batch[0].attempts + 1)
            for command in batch:
                command.answer()
        elif isinstance(landing, Lost):
            self._gauges.conflict()
            for command in batch:
                command.learnt = self._state.seq
            self._again(batch)
            await self._pause(batch[0].attempts)
        else:
            for command in batch:
                if command.changes:
                    command.refuse(_unavailable(landing.why))
            # What only stood behind a write that did not happen is decided anew.
            self._again([command for command in batch if not command.changes])

    async def _part(self, batch: Sequence[Command], error: Exception) -> None:
        """A commit that the store chokes on: write its commands one by one, so that one fails alone."""
        with suppress(Refusal):
            await self._freshness.fresh()  # it may be that the log went back
        for command in batch:
            if command.alone:
                command.refuse(error)
            command.alone = True
        self._again([command for command in batch if not command.future.done()])

    def _again(self, batch: Sequence[Command]) -> None:
        """Put commands back in front of the queue; those decided too often are refused."""
        for command in reversed(batch):
            command.attempts += 1
            command.decided_at = -1
            if command.attempts < self._limits.attempts_max:
                self._queue.appendleft(command)
            else:
                command.refuse(_unavailable(f"other writers were first {command.attempts} times"))

    async def _pause(self, attempts: int) -> None:
        """Wait at random, so that instances do not meet again; the first time not at all."""
        if attempts > 1:
            await asyncio.sleep(self._random.uniform(0, self._limits.backoff_s * min(attempts, 5)))


def _fair(most: int, first: Command) -> int:
    """How many commands to decide at once: half as many for each time that the first of them has lost.

    Who decides few is sooner at the store than another instance that decides many, which then loses.
    """
    return max(1, most >> max(0, first.attempts - 1))


def _unavailable(why: str) -> Refusal:
    return Refusal(Fault.STORE_UNAVAILABLE, why=why)


def _names(names: Iterable[str]) -> str:
    """Distinct names, joined; a commit of one command has just its own."""
    distinct = list(dict.fromkeys(names))
    return ", ".join(distinct[:NAMES_MAX]) + (", …" if len(distinct) > NAMES_MAX else "")
