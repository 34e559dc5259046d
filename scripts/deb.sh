#!/usr/bin/env bash
# Builds a Debian package of the wheel in dist/, for this machine's release and architecture: a virtual
# environment with locked versions in /usr/lib/slo-reports, units, settings. Nothing is fetched when it
# is installed. Needs python3-venv, dpkg-deb and a package index; no root.
# Usage: scripts/deb.sh [FOLDER]     environment: DEB_PYTHON (/usr/bin/python3), DEB_MAINTAINER
set -euo pipefail
cd "$(dirname "$0")/.."
dist=${1:-dist}
python=${DEB_PYTHON:-/usr/bin/python3}
home=/usr/lib/slo-reports
umask 022

say() { printf 'deb.sh: %s\n' "$*"; }
fail() { say "$*" >&2; exit 1; }

command -v dpkg-deb >/dev/null || fail "there is no dpkg-deb: build it on Debian or Ubuntu"
"$python" -c 'import venv, ensurepip' 2>/dev/null || fail "please install python3-venv"
wheels=("$dist"/slo_reports-*.whl)
if [ ! -f "${wheels[0]}" ] || [ ${#wheels[@]} != 1 ]; then fail "one wheel must be in $dist: make dist"; fi
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null) || SOURCE_DATE_EPOCH=315532800
fi
export SOURCE_DATE_EPOCH

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
root=$place/root
doc=$root/usr/share/doc/slo-reports

say "installing locked Python packages"
"$python" -m venv "$place/tools"
"$python" -m venv --without-pip "$root$home"
install_packages() {
  "$place/tools/bin/python" -m pip --python "$root$home/bin/python" install --quiet \
    --disable-pip-version-check --no-compile "$@"
}
install_packages --require-hashes --only-binary :all: -r deploy/locks/run.lock
install_packages --no-index --no-deps "${wheels[0]}"
"$root$home/bin/python" deploy/self_check.py

# From here on it is at its final place: its own paths say so, and nothing of the building is left.
libraries=$(echo "$root$home"/lib/python3.*)
ln -sfn "/usr/bin/$(basename "$libraries")" "$root$home/bin/python3"
find "$root$home/bin" ! -type d ! -name 'python*' ! -name slo-reports -delete
rm -rf "$root$home/share"
rm -f "$root$home/bin"/activate* "$root$home/bin"/Activate* "$root$home/lib64"
find "$libraries" \( -path '*/tests/*' -o -path '*/include/*' -o -name '*.pyi' -o -name direct_url.json \) -delete
find "$libraries" -name __pycache__ -prune -exec rm -r {} +
find "$root$home" -type d -empty -delete
sed -i "1s|.*|#!$home/bin/python|" "$root$home/bin/slo-reports"
printf 'home = /usr/bin\ninclude-system-site-packages = false\nversion = %s\n' \
  "$("$python" -c 'import platform; print(platform.python_version())')" >"$root$home/pyvenv.cfg"
"$python" -m compileall -q --invalidation-mode unchecked-hash -s "$root" -p / "$libraries"

say "adding units and settings"
install -d "$root/usr/bin" "$root/etc/slo-reports" "$root/usr/lib/systemd/system" \
  "$root/usr/lib/sysusers.d" "$root/usr/lib/tmpfiles.d" "$doc/examples"
ln -s "$home/bin/slo-reports" "$root/usr/bin/slo-reports"
install -m 644 cron/*.service cron/*.timer "$root/usr/lib/systemd/system/"
install -m 644 cron/slo-reports.sysusers "$root/usr/lib/sysusers.d/slo-reports.conf"
install -m 644 cron/slo-reports.tmpfiles "$root/usr/lib/tmpfiles.d/slo-reports.conf"
sed 's|^state: state$|state: /var/lib/slo-reports|' config/slo_reports.yaml >"$root/etc/slo-reports/slo_reports.yaml"
grep -q '^state: /var/lib/slo-reports$' "$root/etc/slo-reports/slo_reports.yaml" ||
  fail "config/slo_reports.yaml has no line 'state: state' to set for Debian"
cp -r config/alerts config/definitions config/incidents config/policy.yaml cron/crontab "$doc/examples/"
install -m 644 deploy/debian/copyright deploy/debian/README.Debian "$doc/"
gzip -9n <CHANGELOG.md >"$doc/changelog.gz"

version=$("$root$home/bin/python" -c 'import slo_reports; print(slo_reports.__version__)')
next_python=$("$python" -c 'import sys; print(f"3.{sys.version_info[1] + 1}")')
install -d "$root/DEBIAN"
chmod -R u=rwX,go=rX "$root"
install -m 755 deploy/debian/postinst deploy/debian/prerm deploy/debian/postrm "$root/DEBIAN/"
install -m 644 deploy/debian/conffiles "$root/DEBIAN/"
sed -e "s|@VERSION@|$version|" -e "s|@ARCHITECTURE@|$(dpkg --print-architecture)|" \
  -e "s|@PYTHON@|$("$python" -c 'import sys; print(f"3.{sys.version_info[1]}")')|" \
  -e "s|@NEXT_PYTHON@|$next_python|" \
  -e "s|@MAINTAINER@|${DEB_MAINTAINER:-the authors of slo-reports <root@localhost>}|" \
  -e "s|@SIZE@|$(du -ks --exclude DEBIAN "$root" | cut -f1)|" deploy/debian/control.in >"$root/DEBIAN/control"
(cd "$root" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
if grep -rlF "$place" "$root" >&2; then fail "these tell where it was built"; fi

package=slo-reports_${version}_$(dpkg --print-architecture).deb
dpkg-deb --root-owner-group -Zxz -z2 --build "$root" "$place/$package" >/dev/null
mv "$place/$package" "$dist/"
say "$dist/$package, $(du -m "$dist/$package" | cut -f1) MiB"
