#!/usr/bin/env bash
# Draws the README's pictures anew from the PDF that `make demo` left in out/ (needs poppler-utils).
set -euo pipefail
cd "$(dirname "$0")/.."
command -v pdftoppm >/dev/null || { echo "pictures.sh: please install poppler-utils" >&2; exit 1; }
pdf=$(find out/archive -name '*.pdf' | head -n 1)
[ -n "$pdf" ] || { echo "pictures.sh: no report in out/; run make demo first" >&2; exit 1; }
mkdir -p docs/pictures
for page in 1 2 5; do
  pdftoppm -r 80 -png -f "$page" -l "$page" -singlefile "$pdf" "docs/pictures/report-$page"
done
