#!/usr/bin/env bash
# Make the JSON Schema that tests hold the dashboards against, from Grafana's published types
# (needs npm). Run it when the version in grafana_schema/package.json is raised.
set -euo pipefail
cd "$(dirname "$0")/.."
place=.tools/grafana_schema
mkdir -p "$place"
cp scripts/grafana_schema/* "$place/"
npm --prefix "$place" install --no-audit --no-fund --no-package-lock --silent
(cd "$place" && node_modules/.bin/tsc -p tsconfig.json)
(cd "$place" && node_modules/.bin/ts-json-schema-generator --path board.ts --tsconfig tsconfig.json \
  --type Board --no-type-check --jsDoc none --out board.schema.json)
.venv/bin/python - "$place/board.schema.json" tests/generate/board.schema.json <<'PY'
import json, sys
from pathlib import Path

source, target = map(Path, sys.argv[1:])
text = json.dumps(json.loads(source.read_text()), separators=(",", ":"), sort_keys=True)
target.write_text(text + "\n")
PY
echo "made tests/generate/board.schema.json; look at the diff before you commit it"
