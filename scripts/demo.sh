#!/usr/bin/env bash
# The demo from a checkout: with a real Prometheus where one can be had, else from the recording.
set -euo pipefail
cd "$(dirname "$0")/.."
if scripts/get_prometheus.sh; then
  exec .venv/bin/slo-reports demo --output out "$@"
fi
echo "demo: going on without Prometheus, from the recorded month"
exec .venv/bin/slo-reports demo --output out --recorded "$@"
