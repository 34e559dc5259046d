#!/usr/bin/env bash
# Rewrites requirements.lock from pyproject.toml: every version, with hashes, for Python 3.11 on.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v uv >/dev/null || { echo "lock.sh needs uv: pip install uv" >&2; exit 1; }
uv pip compile pyproject.toml --all-extras --universal --generate-hashes --python-version 3.11 \
  --no-emit-index-url --no-annotate --custom-compile-command scripts/lock.sh \
  --quiet --output-file requirements.lock "$@"
