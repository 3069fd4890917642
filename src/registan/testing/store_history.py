"""Cases of the store kit on a log that goes back under a running instance, as after a restored backup.

What lives here: that it is noticed, loaded and told of, whatever was written meanwhile. What never
does: how one database comes to lose what it had.
"""

from __future__ import annotations

from registan.model.commit import Put
from registan.model.policy import Config
from registan.runtime.gauges import Silent
from registan.runtime.instance import Instance
from registan.testing.store_case import Backend, append_all, case, commit, config, opened


class _Told(Silent):
    """Remembers."""

    def __init__(self) -> None:
        self.back: list[str] = []

    def went_back(self, why: str) -> None:
        self.back.append(why)


def _names(instance: Instance) -> set[str]:
    return {scope.name for scope in instance.state.configs if not isinstance(scope, str)}


async def _goes_back(backend: Backend, through: int) -> None:
    """An instance knows five commits; then the log is another one, of `through` commits."""
    told = _Told()
    async with opened(backend) as (store,):
        await append_all(store, *(commit(seq, Put(config(f"old{seq}"))) for seq in range(1, 6)))
    instance = Instance(backend.store(), gauges=told)
    await instance.start(follow=False)
    try:
        assert await instance.freshness.fresh()
        assert _names(instance) == {f"old{seq}" for seq in range(1, 6)}
        await backend.wipe()
        async with opened(backend) as (other,):
            for seq in range(1, through + 1):
                await other.append(commit(seq, Put(config(f"new{seq}"))))
            assert await instance.freshness.fresh()
            assert instance.state.seq == through
            assert _names(instance) == {f"new{seq}" for seq in range(1, through + 1)}
            assert len(told.back) == 1
            assert "went back" in told.back[0]
            # Both go on as one log.
            await instance.store.append(commit(through + 1, Put(config("mine"))))
            await other.append(commit(through + 2, Put(config("theirs"))))
            assert await instance.freshness.fresh()
            assert _names(instance) >= {"mine", "theirs"}
            records = (await other.load()).records
            kept = {record.scope.name for record in records if isinstance(record, Config)}
            assert kept == _names(instance)
            assert len(told.back) == 1
    finally:
        await instance.stop()


@case
async def an_emptied_log_is_noticed(backend: Backend) -> None:
    """Nothing that stood there is served as if it stood there yet."""
    await _goes_back(backend, 0)


@case
async def a_shorter_log_is_noticed(backend: Backend) -> None:
    """Others have gone on, but not so far as this instance knows."""
    await _goes_back(backend, 3)


@case
async def another_log_of_the_same_length_is_noticed(backend: Backend) -> None:
    """The newest seq is the known one, and another commit stands there."""
    await _goes_back(backend, 5)


@case
async def another_longer_log_is_noticed(backend: Backend) -> None:
    """What is behind the known seq does not follow what is known."""
    await _goes_back(backend, 8)
