#!/usr/bin/env bash
# Makes programs available in a folder without installing a service: linked where they are installed,
# else unpacked from the distribution's own package (Debian 12, Ubuntu 24.04).
# Usage: scripts/unpack_package.sh PACKAGE DIR WITHOUT PROGRAM...
#   WITHOUT: what someone can do who goes without it, for the error message.
set -euo pipefail
package=$1 target=$2 without=$3
shift 3
programs=("$@")

say() { echo "unpack_package.sh: $1"; }
give_up() {
  say "$1" >&2
  say "Install it yourself (apt-get install $package), or go without: $without" >&2
  exit 1
}

# Unpacked or linked by an earlier run.
all_there() { for program in "${programs[@]}"; do [ -x "$target/$program" ] || return 1; done; }
if all_there; then exit 0; fi

mkdir -p "$target" || give_up "could not make the folder $target"
target=$(cd "$target" && pwd)

# Already installed.
if command -v "${programs[@]}" >/dev/null; then
  for program in "${programs[@]}"; do
    installed=$(command -v "$program") || break
    ln -sfn "$installed" "$target/$program"
  done
  if all_there; then
    say "${programs[*]}: installed already; linked into $target"
    exit 0
  fi
fi

for tool in apt-get dpkg-deb; do
  command -v "$tool" >/dev/null || give_up "this machine has no $tool to fetch $package with"
done

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
chmod 755 "$place"

fetch() { (cd "$place" && apt-get -qq -o APT::Sandbox::User=root download "$package") >"$place/log" 2>&1; }

say "downloading the package $package of this distribution"
if ! fetch; then
  if [ "$(id -u)" -ne 0 ]; then
    give_up "apt-get download $package failed: $(tail -n 1 "$place/log"); are the package lists there (sudo apt-get update)?"
  fi
  say "refreshing the package lists first"
  apt-get -qq update >"$place/log" 2>&1 || give_up "apt-get update failed: $(tail -n 1 "$place/log")"
  fetch || give_up "apt-get download $package failed: $(tail -n 1 "$place/log")"
fi

dpkg-deb -x "$place/$package"_*.deb "$place/unpacked" || give_up "the package could not be unpacked"
for program in "${programs[@]}"; do
  [ -x "$place/unpacked/usr/bin/$program" ] || give_up "the package holds no $program"
  install -m 755 "$place/unpacked/usr/bin/$program" "$target/$program.new"
  mv -f "$target/$program.new" "$target/$program"
  version=$("$target/$program" --version 2>&1) || give_up "$target/$program does not run on this machine"
  version=${version%%$'\n'*}
  say "${version:-$program} is in $target"
done
