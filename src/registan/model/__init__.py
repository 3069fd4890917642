"""Values of the registry: frozen, comparable, standard library only.

What lives here: the nouns (subject, schema, version, config, mode, commit) and the table of
faults. What never does: I/O, a clock, randomness, a rule about what may follow what.
"""
