"""Commands: `(state, args, facts) -> Decision`, pure. They decide; only a commit changes anything."""
