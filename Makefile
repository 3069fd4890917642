# Registan: the verbs. Each sets up what it needs.
RUN = --storage.type sqlite --storage.sqlite.path data/registan.db

.PHONY: build build-dev run test check docs lock clean

build:        ## .venv with what the server needs
	@sh scripts/bootstrap.sh runtime

build-dev:
	@sh scripts/bootstrap.sh dev

run: build    ## a registry on port 8081 that keeps what it is given in data/registan.db
	.venv/bin/registan serve $(RUN)

test: build-dev  ## all tests
	.venv/bin/python -m pytest -n 2 --dist worksteal

check: build-dev  ## style, types, floors
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports

docs: build-dev  ## write docs/reference from the tables
	.venv/bin/registan docs write

lock: build-dev  ## pin the newest versions that pyproject.toml allows
	sh scripts/lock.sh

clean:
	rm -rf .venv dist build
