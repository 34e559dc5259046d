#!/usr/bin/env bash
# Sets everything up that slo-reports needs to run from a checkout: system libraries (with root or
# sudo; otherwise it names the packages), and a virtual environment with locked versions in .venv.
# Repeatable; quiet when there is nothing to do.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo "$@"
  else return 1
  fi
}

install_packages() {
  command -v apt-get >/dev/null || fail "please install these Debian packages or their like: $*"
  as_root true || fail "not root and no sudo: please run 'apt-get install $*' as root, then try again"
  say "installing system packages: $*"
  local log
  log=$(mktemp)
  if ! { as_root apt-get update && as_root env DEBIAN_FRONTEND=noninteractive \
         apt-get install -y --no-install-recommends "$@"; } >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    fail "apt-get could not install: $*"
  fi
  rm -f "$log"
}

find_python() {
  local one
  for one in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
    if [ -n "$one" ] && command -v "$one" >/dev/null \
       && "$one" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$one"; return
    fi
  done
  return 1
}

has_library() { "$python" -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1" 2>/dev/null; }

python=$(find_python) || fail "Python 3.11 or later is needed (set PYTHON=/path/to/it)"

missing=()
has_library libpango-1.0.so.0 || missing+=(libpango-1.0-0)
has_library libpangoft2-1.0.so.0 || missing+=(libpangoft2-1.0-0)
has_library libharfbuzz-subset.so.0 || missing+=(libharfbuzz-subset0)
"$python" -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
[ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"

stamp=.venv/.set-up
wanted=$(cat requirements.lock pyproject.toml | sha256sum; pwd; "$python" --version)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then exit 0; fi
say "installing locked Python packages into .venv ($("$python" --version))"
[ -x .venv/bin/python ] || "$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
  -r requirements.lock
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
  --no-build-isolation -e .
printf '%s\n' "$wanted" >"$stamp"
