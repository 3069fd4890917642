"""Deleting contexts (docs/wire.md, contexts)."""

from __future__ import annotations

from registan.contract.context_name import context_name
from registan.contract.route import NoContent
from registan.contract.routes.contexts import CONTEXT_DELETE, DeleteContextArgs
from registan.core.decision import Decision, Facts
from registan.core.handlers import handles
from registan.core.state import State
from registan.model.commit import Put
from registan.model.fault import Fault, Refusal
from registan.model.record import ContextEntry
from registan.model.subject import GLOBAL_CONTEXT


@handles(CONTEXT_DELETE)
def delete(state: State, args: DeleteContextArgs, facts: Facts) -> Decision:
    """Take an empty context off the list. Its counter of ids stays, so that none is given out twice."""
    name = context_name(args.context)
    held = state.context(name)
    if name == GLOBAL_CONTEXT or (held is not None and held.subjects):
        raise Refusal(Fault.CONTEXT_NOT_EMPTY, context=f":{name}:")
    if held is None or not held.listed:
        return Decision((), NoContent())
    return Decision((Put(ContextEntry(name, held.last_id, listed=False)),), NoContent())
