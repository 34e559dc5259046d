#!/usr/bin/env bash
# Rewrites the locks from pyproject.toml: every version, with hashes, for Python 3.11 on.
#   requirements.lock         all that work on this repository needs
#   deploy/locks/run.lock     what the container image and the Debian package bring, same versions
#   deploy/locks/build.lock   what builds the wheel, same versions
set -euo pipefail
cd "$(dirname "$0")/.."
command -v uv >/dev/null || { echo "lock.sh needs uv: pip install uv" >&2; exit 1; }

lock() { # TARGET, then arguments of uv pip compile
  uv pip compile --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
    --no-annotate --no-emit-package slo-reports --custom-compile-command scripts/lock.sh \
    --quiet --output-file "$@"
}

uv pip compile pyproject.toml --all-extras --universal --generate-hashes --python-version 3.11 \
  --no-emit-index-url --no-annotate --custom-compile-command scripts/lock.sh \
  --quiet --output-file requirements.lock "$@"
mkdir -p deploy/locks
lock deploy/locks/run.lock --constraints requirements.lock --extra all --extra demo pyproject.toml
sed -n '/^requires = \[/ { s/^requires = \[//; s/\]$//; s/", *"/"\n"/g; s/"//g; p }' pyproject.toml |
  lock deploy/locks/build.lock --constraints requirements.lock -
