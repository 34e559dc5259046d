#!/usr/bin/env bash
# Makes victoria-metrics available in a folder (default: .tools/victoria-metrics), for the tests that
# measure on it as well.
# Usage: scripts/get_victoria_metrics.sh [DIR]
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
exec "$scripts/unpack_package.sh" victoria-metrics "${1:-$scripts/../.tools/victoria-metrics}" \
  "its tests are then skipped" victoria-metrics
