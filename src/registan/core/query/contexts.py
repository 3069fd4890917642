"""Listing contexts."""

from __future__ import annotations

from registan.contract.routes.contexts import CONTEXT_LIST, ContextListArgs
from registan.core.handlers import handles
from registan.core.paging import page
from registan.core.state import State


@handles(CONTEXT_LIST)
def contexts(state: State, args: ContextListArgs) -> list[str]:
    """The contexts whose dotted name has the prefix, sorted; the default one is always there."""
    names = [name for name in state.context_names() if name.startswith(args.context_prefix)]
    return page(args.offset, args.limit).of(names)
