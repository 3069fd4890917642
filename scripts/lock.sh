#!/bin/sh
# Writes requirements/*.lock from pyproject.toml: exact versions with hashes, no addresses.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/python -m pip install -q uv
compile() {
    .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
        --no-emit-find-links --no-emit-index-url --upgrade "$@"
}
compile --extra postgres --extra mysql --extra cassandra --extra oidc pyproject.toml -o requirements/runtime.lock
compile --extra postgres --extra mysql --extra cassandra --extra oidc --group dev pyproject.toml -o requirements/dev.lock
printf 'hatchling>=1.27\neditables\n' | compile - -o requirements/build.lock
