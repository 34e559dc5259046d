#!/usr/bin/env bash
# Makes victoria-metrics available in a folder (default: .tools/victoria-metrics) for the tests that
# measure on it as well: unpacked from the distribution's own package (Debian 12, Ubuntu 24.04).
# Usage: scripts/get_victoria_metrics.sh [DIR]
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
target=${1:-$repository/.tools/victoria-metrics}

give_up() {
  echo "get_victoria_metrics.sh: $1" >&2
  echo "Install it yourself (apt-get install victoria-metrics), or go without: its tests are then skipped" >&2
  exit 1
}

# An unpacked or linked program from an earlier run.
if [ -x "$target/victoria-metrics" ]; then exit 0; fi

mkdir -p "$target" || give_up "could not make the folder $target"
target=$(cd "$target" && pwd)

# A program that is already installed.
if program=$(command -v victoria-metrics); then
  ln -sfn "$program" "$target/victoria-metrics"
  echo "get_victoria_metrics.sh: $program is installed; linked into $target"
  exit 0
fi

for tool in apt-get dpkg-deb; do
  command -v "$tool" >/dev/null || give_up "this machine has no $tool to fetch VictoriaMetrics with"
done

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
chmod 755 "$place"

fetch() { (cd "$place" && apt-get -qq -o APT::Sandbox::User=root download victoria-metrics) >"$place/log" 2>&1; }

echo "get_victoria_metrics.sh: downloading the package victoria-metrics of this distribution"
if ! fetch; then
  if [ "$(id -u)" -ne 0 ]; then
    give_up "apt-get download victoria-metrics failed: $(tail -n 1 "$place/log"); are the package lists there (sudo apt-get update)?"
  fi
  echo "get_victoria_metrics.sh: refreshing the package lists first"
  apt-get -qq update >"$place/log" 2>&1 || give_up "apt-get update failed: $(tail -n 1 "$place/log")"
  fetch || give_up "apt-get download victoria-metrics failed: $(tail -n 1 "$place/log")"
fi

dpkg-deb -x "$place"/victoria-metrics_*.deb "$place/unpacked" || give_up "the package could not be unpacked"
[ -x "$place/unpacked/usr/bin/victoria-metrics" ] || give_up "the package holds no victoria-metrics"
install -m 755 "$place/unpacked/usr/bin/victoria-metrics" "$target/victoria-metrics.new"
mv -f "$target/victoria-metrics.new" "$target/victoria-metrics"
"$target/victoria-metrics" --version >/dev/null 2>&1 || give_up "$target/victoria-metrics does not run on this machine"
echo "get_victoria_metrics.sh: victoria-metrics is in $target"
