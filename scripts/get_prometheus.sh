#!/usr/bin/env bash
# Makes prometheus and promtool available in a folder (default: .tools/prometheus), without
# installing a service: unpacked from the distribution's own package (Debian 12, Ubuntu 24.04).
# Usage: scripts/get_prometheus.sh [DIR]
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
target=${1:-$repository/.tools/prometheus}

give_up() {
  echo "get_prometheus.sh: $1" >&2
  echo "Install it yourself (apt-get install prometheus), or go without: slo-reports demo --recorded" >&2
  exit 1
}

works() { [ -x "$1/prometheus" ] && [ -x "$1/promtool" ]; }

# An unpacked or linked pair from an earlier run.
if works "$target"; then exit 0; fi

mkdir -p "$target" || give_up "could not make the folder $target"
target=$(cd "$target" && pwd)

# Programs that are already installed.
if prometheus=$(command -v prometheus) && promtool=$(command -v promtool); then
  ln -sfn "$prometheus" "$target/prometheus"
  ln -sfn "$promtool" "$target/promtool"
  echo "get_prometheus.sh: $prometheus and $promtool are installed; linked into $target"
  exit 0
fi

for tool in apt-get dpkg-deb; do
  command -v "$tool" >/dev/null || give_up "this machine has no $tool to fetch Prometheus with"
done

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
chmod 755 "$place"

fetch() { (cd "$place" && apt-get -qq -o APT::Sandbox::User=root download prometheus) >"$place/log" 2>&1; }

echo "get_prometheus.sh: downloading the package prometheus of this distribution"
if ! fetch; then
  if [ "$(id -u)" -ne 0 ]; then
    give_up "apt-get download prometheus failed: $(tail -n 1 "$place/log"); are the package lists there (sudo apt-get update)?"
  fi
  echo "get_prometheus.sh: refreshing the package lists first"
  apt-get -qq update >"$place/log" 2>&1 || give_up "apt-get update failed: $(tail -n 1 "$place/log")"
  fetch || give_up "apt-get download prometheus failed: $(tail -n 1 "$place/log")"
fi

dpkg-deb -x "$place"/prometheus_*.deb "$place/unpacked" || give_up "the package could not be unpacked"
for program in prometheus promtool; do
  [ -x "$place/unpacked/usr/bin/$program" ] || give_up "the package holds no $program"
  install -m 755 "$place/unpacked/usr/bin/$program" "$target/$program.new"
  mv -f "$target/$program.new" "$target/$program"
done
"$target/prometheus" --version >/dev/null 2>&1 || give_up "$target/prometheus does not run on this machine"
echo "get_prometheus.sh: $("$target/prometheus" --version 2>&1 | head -n 1) is in $target"
