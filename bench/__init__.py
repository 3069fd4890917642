"""How fast Registan is, beside others, on this machine: `make bench` (docs/guide/benchmark.md).

What lives here: what is asked of the servers, how they are run, measured and told about. What never
does: anything that the package needs; it knows a Registan only by its address, but for files made
beforehand (`database.py`) and the formats (`formats.py`), which it calls directly.
"""
