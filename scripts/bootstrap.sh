#!/bin/sh
# Makes .venv with what is pinned in requirements/$1.lock, and Registan itself in it (editable).
# Installs Python's venv module where a bare Debian lacks it. Does nothing when all is in place.
set -eu
what=$1
cd "$(dirname "$0")/.."
stamp=.venv/.$what-$(cat requirements/build.lock "requirements/$what.lock" pyproject.toml | sha256sum | cut -c1-16)
[ -f "$stamp" ] && exit 0

python=
for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
    [ -n "$candidate" ] || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || { echo "Python 3.11 or newer is needed (set PYTHON=… to name one)" >&2; exit 1; }

if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    rm -rf .venv
    if ! "$python" -m venv .venv 2>/dev/null; then
        rm -rf .venv
        sudo=
        [ "$(id -u)" = 0 ] || sudo=sudo
        $sudo apt-get update -q
        $sudo apt-get install -y -q python3-venv
        "$python" -m venv .venv
    fi
fi
.venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/build.lock
.venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "requirements/$what.lock"
.venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
touch "$stamp"
