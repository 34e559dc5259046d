#!/usr/bin/env bash
# Installs the servers that the delivery tests talk to, and the browser that looks at pages, from the
# distribution's own packages (Debian 12, Ubuntu 24.04), and keeps each from being started by itself:
# now (policy-rc.d) and at the next boot (masked). The tests start their own, on free ports, and stop
# them.
# Needs root or sudo; without, it names the packages, and the tests that need them are skipped.
set -euo pipefail

# program that shows that a package is there : package : service to mask
wanted=(
  /usr/lib/postgresql/*/bin/postgres:postgresql:postgresql
  /usr/sbin/smbd:samba:smbd
  /usr/sbin/sshd:openssh-server:ssh
  /usr/sbin/postfix:postfix:postfix
  /usr/lib/dovecot/imap:dovecot-imapd:dovecot
  /usr/bin/prometheus-alertmanager:prometheus-alertmanager:prometheus-alertmanager
  /usr/bin/prometheus-pushgateway:prometheus-pushgateway:prometheus-pushgateway
  /usr/bin/systemd-analyze:systemd:
  /usr/bin/crontab:cron:
  /usr/bin/openssl:openssl:
  /usr/bin/chromium:chromium:
)
more_services=(nmbd winbind samba-ad-dc)

say() { echo "get_servers.sh: $*"; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo "$@"
  else return 1
  fi
}

packages=() services=()
for one in "${wanted[@]}"; do
  IFS=: read -r program package service <<<"$one"
  compgen -G "$program" >/dev/null && continue
  packages+=("$package")
  [ -z "$service" ] || services+=("$service")
done
[ ${#packages[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null || ! as_root true; then
  say "not installed, so their tests are skipped: ${packages[*]}"
  say "to have them: apt-get install ${packages[*]}   (as root)"
  exit 1
fi

say "installing servers for the tests, none of which is started: ${packages[*]}"
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
for service in "${services[@]}" "${more_services[@]}"; do
  if [ ! -e "/etc/systemd/system/$service.service" ]; then
    as_root mkdir -p /etc/systemd/system
    as_root ln -s /dev/null "/etc/systemd/system/$service.service"
  fi
done
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$place/policy"
  as_root install -m 755 "$place/policy" "$policy"
  trap 'as_root rm -f "$policy"; rm -rf "$place"' EXIT
fi
known() { # Ubuntu has no chromium package
  apt-cache policy "$1" | grep -q 'Candidate: [0-9]'
}
install_them() {
  as_root apt-get update || return
  local there=()
  for one in "${packages[@]}"; do
    if known "$one"; then there+=("$one"); else say "this distribution has no $one" >&3; fi
  done
  [ ${#there[@]} -eq 0 ] ||
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      -o DPkg::Lock::Timeout=120 "${there[@]}"
}
if ! install_them 3>&1 >"$place/log" 2>&1; then
  tail -n 15 "$place/log" >&2
  say "apt-get could not install: ${packages[*]}"
  exit 1
fi
