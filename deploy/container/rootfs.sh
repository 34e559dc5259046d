#!/bin/sh
# Copies installed Debian packages, with all libraries that they depend on, into an empty folder: a
# system with a program in it and nothing else. No shell, no package manager, no set-up scripts.
# Usage: rootfs.sh FOLDER PACKAGE...
#
# Of the packages' dependencies only libraries are followed (names that begin with "lib", and zlib1g);
# what else is wanted is named. Each package leaves its entry in /var/lib/dpkg/status.d, where scanners look.
set -eu
target=$1
shift

for folder in bin lib lib64 sbin; do
  [ -e "$target/$folder" ] || { mkdir -p "$target/usr/$folder"; ln -s "usr/$folder" "$target/$folder"; }
done

dependencies() { # libraries that a package names; of alternatives those that are installed
  dpkg-query --show --showformat '${Pre-Depends}, ${Depends}\n' "$1" |
    sed "s/[,|]/\n/g" | sed "s/^ *//; s/[ (:].*//" | grep -E '^z?lib' || true
}
installed() { [ "$(dpkg-query --show --showformat '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

seen=' '
ahead="$*"
while [ -n "$ahead" ]; do
  one=${ahead%% *}
  case "$ahead" in *' '*) ahead=${ahead#* } ;; *) ahead= ;; esac
  case "$seen" in *" $one "*) continue ;; esac
  if ! installed "$one"; then
    case " $* " in *" $one "*) echo "rootfs.sh: $one is not installed" >&2; exit 1 ;; esac
    continue # the alternative that was not taken
  fi
  seen="$seen$one "
  for more in $(dependencies "$one"); do ahead="${ahead:+$ahead }$more"; done
done

files=$(mktemp)
for one in $seen; do
  dpkg-query --listfiles "$one"
  mkdir -p "$target/var/lib/dpkg/status.d"
  dpkg-query --status "$one" >"$target/var/lib/dpkg/status.d/$one"
done | sort -u | while read -r path; do
  case $path in
    /usr/share/doc/*/copyright) ;;
    /usr/share/doc/* | /usr/share/man/* | /usr/share/locale/* | /usr/share/lintian/* | /usr/share/bug/*) continue ;;
    */__pycache__/* | /usr/bin/py3* | /usr/share/doc-base/* | /usr/share/binfmts/*) continue ;;
  esac
  if [ -f "$path" ] || [ -L "$path" ]; then echo "$path"; fi
done >"$files"
tar --create --directory / --files-from "$files" --no-recursion 2>/dev/null |
  tar --extract --directory "$target" --keep-directory-symlink
rm "$files"
ldconfig -r "$target"
