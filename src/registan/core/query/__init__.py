"""Queries: `(state, args) -> reply`, pure and without waiting, so that a reply is one commit's truth."""
