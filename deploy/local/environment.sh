#!/bin/sh
# Makes .venv exactly as requirements.lock says. Called by the Makefile, from the root of the tree.
# Nothing here names a package index: uv and pip use whatever the machine is set up for.
set -eu

say() { printf '%s\n' "$*" >&2; }

find_python() {
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    say "Domicile needs Python 3.11 or later and found none. Install it (Debian: apt-get install python3 python3-venv)"
    say "or name one: make PYTHON=/path/to/python3.12"
    exit 1
}

# Without a home folder that can be written to, downloads are kept inside the tree.
if [ -z "${HOME:-}" ] || ! mkdir -p "${XDG_CACHE_HOME:-$HOME/.cache}" 2>/dev/null || ! [ -w "${XDG_CACHE_HOME:-$HOME/.cache}" ]; then
    UV_CACHE_DIR=${UV_CACHE_DIR:-$PWD/.local/cache/uv}
    PIP_CACHE_DIR=${PIP_CACHE_DIR:-$PWD/.local/cache/pip}
    export UV_CACHE_DIR PIP_CACHE_DIR
fi
unset VIRTUAL_ENV || true

python=$(find_python)
if command -v uv >/dev/null 2>&1; then
    uv=uv
else
    uv=.local/bootstrap/bin/uv
    if ! [ -x "$uv" ]; then
        say "No uv on the PATH: installing it under .local/bootstrap"
        mkdir -p .local
        if ! "$python" -m venv .local/bootstrap; then
            rm -rf .local/bootstrap
            say "Python cannot make a virtual environment. Install its venv module (Debian: apt-get install python3-venv)."
            exit 1
        fi
        .local/bootstrap/bin/python -m pip install --quiet --disable-pip-version-check uv
    fi
fi

if [ "${1:-}" = lock ]; then
    UV_CUSTOM_COMPILE_COMMAND="make lock" "$uv" pip compile --quiet --universal --python-version 3.11 \
        --generate-hashes --no-emit-index-url --no-emit-find-links --group dev pyproject.toml -o requirements.lock
    exit
fi

say "Making the environment as requirements.lock says"
.venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || "$uv" venv --quiet --clear --python "$python" .venv
# A person sees uv's progress; a log is spared the list of a hundred packages.
[ -t 2 ] && quiet= || quiet=--quiet
"$uv" pip sync $quiet --python .venv/bin/python --require-hashes requirements.lock
"$uv" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
touch .venv/.made
