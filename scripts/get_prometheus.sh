#!/usr/bin/env bash
# Makes prometheus and promtool available in a folder (default: .tools/prometheus).
# Usage: scripts/get_prometheus.sh [DIR]
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
exec "$scripts/unpack_package.sh" prometheus "${1:-$scripts/../.tools/prometheus}" \
  "slo-reports demo --recorded" prometheus promtool
