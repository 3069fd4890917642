# Registan: the verbs. Each sets up what it needs.
.PHONY: build build-dev run test test-clients test-servers chaos check bench docs lock clean

build:        ## .venv with what the server needs
	@sh scripts/bootstrap.sh runtime

run: build    ## the registry on :8081, kept in data/registan.db
	@STORAGE_TYPE=$${STORAGE_TYPE:-sqlite} .venv/bin/registan serve

build-dev:
	@sh scripts/bootstrap.sh dev

test: build-dev  ## all tests but those marked slow
	.venv/bin/python -m pytest -n 2 --dist worksteal

test-clients: build-dev  ## real clients in Python, Go, JavaScript and Rust against a registry on SQLite
	.venv/bin/python -m pytest tests/clients -m ""

test-servers: build-dev  ## databases that not every run is made with: Cassandra 4.1, three nodes of Cassandra
	.venv/bin/python -m pytest tests/store tests/wire/test_wire.py -m slow

chaos: build-dev  ## three instances on one store, 32 clients, kills, cuts, restarts (STORE=, SECONDS=, SEED=)
	.venv/bin/python -m registan.testing.chaos $(if $(STORE),--store $(STORE)) --seconds $(or $(SECONDS),60) --seed $(or $(SEED),1)

check: build-dev  ## style, types, floors
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: build-dev  ## how fast it is beside others (ROWS=, ROUNDS=, SECONDS=, PEER=, WARM=, STORE=, QUICK=1)
	@.venv/bin/python -m bench

docs: build-dev  ## write docs/reference from the tables
	.venv/bin/registan docs write

lock: build-dev  ## pin the newest versions that pyproject.toml allows
	sh scripts/lock.sh

clean:
	rm -rf .venv dist build
