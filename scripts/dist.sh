#!/usr/bin/env bash
# Builds the source distribution, the wheel from it, and their checksums into dist/. The same commit
# gives the same bytes: files carry the time of the commit (or SOURCE_DATE_EPOCH, if that is set).
# Usage: scripts/dist.sh [FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:-dist}
python=$(realpath --no-symlinks "$(command -v "${PYTHON:-.venv/bin/python}")")
umask 022

if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null) || SOURCE_DATE_EPOCH=315532800 # 1980, as ZIP begins
fi
export SOURCE_DATE_EPOCH

mkdir -p "$target"
target=$(cd "$target" && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

"$python" -m hatchling build --target sdist --directory "$place" >/dev/null
tar --extract --file "$place"/*.tar.gz --directory "$place" --no-same-permissions
(cd "$place"/*/ && "$python" -m hatchling build --target wheel --directory "$place") >/dev/null

rm -f "$target"/slo_reports-*.whl "$target"/slo_reports-*.tar.gz "$target/SHA256SUMS"
mv "$place"/*.whl "$place"/*.tar.gz "$target/"
cd "$target"
sha256sum slo_reports-*.tar.gz slo_reports-*.whl | tee SHA256SUMS
