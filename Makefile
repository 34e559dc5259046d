# Everything that a day with this repository needs. `make` alone lists the targets.
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench chaos accuracy gallery golden docs docs-serve messages recording lock dist deb clean
PY := .venv/bin/python
BENCH_TARGETS := out/bench.jsonl
BENCH := BENCH_TARGETS=$(BENCH_TARGETS) PYTHONPATH=tests $(PY)
PYTEST := $(PY) -m pytest -q

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: ## system libraries and .venv with locked versions (the other targets call it)
	@scripts/setup.sh

demo: setup ## the monthly report of a small shop, from a real Prometheus, mailed and filed
	@scripts/demo.sh

test: setup ## the whole test suite, fast tests first
	@scripts/get_prometheus.sh
	@scripts/get_victoria_metrics.sh || true
	@scripts/get_servers.sh || true
	$(PYTEST) -n 2 --dist loadfile -m "not e2e and not slow"
	$(PYTEST) -n 2 --dist loadfile -m "e2e or slow"

lint: setup ## style, types and shell scripts
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	@if command -v shellcheck >/dev/null; then shellcheck scripts/*.sh .ci/run deploy/*/*.sh deploy/debian/p*; fi

bench: setup ## what everything costs, small and large, as ratios within one run; ends with the targets
	@scripts/get_prometheus.sh
	@mkdir -p out && rm -f $(BENCH_TARGETS)
	$(PY) benchmarks/monthly_report.py
	$(BENCH) benchmarks/rendering.py
	$(BENCH) benchmarks/collecting.py 30 100
	$(BENCH) benchmarks/history.py 1000 10000 --months 2
	$(BENCH) benchmarks/growth.py
	$(BENCH) benchmarks/whole_job.py
	@echo && $(PY) benchmarks/targets.py $(BENCH_TARGETS)

KILLS ?= 200
chaos: setup ## kill the job at KILLS random instants and at every step; counts what is lost or doubled
	@scripts/get_prometheus.sh
	@scripts/get_servers.sh
	PYTHONPATH=tests $(PY) -m support.chaos --kills $(KILLS)

accuracy: setup ## how exact the numbers are, on real servers; writes docs/accuracy.md
	@scripts/get_prometheus.sh
	@scripts/get_victoria_metrics.sh || true
	PYTHONPATH=tests $(PY) benchmarks/accuracy.py

golden: setup ## write the golden files anew; look at the diff before you commit it
	$(PYTEST) --golden tests/render tests/generate

gallery: setup ## every kind of report in every format, with pictures for docs/gallery.md
	@scripts/get_prometheus.sh
	$(PY) scripts/gallery.py

docs: setup ## the documentation site, in site/; its reference is made from the code
	NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --quiet --strict
	@echo "site/index.html"

docs-serve: setup ## the documentation site on http://127.0.0.1:8000, following what you write
	NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs serve

messages: setup ## bring the catalogues of texts in other languages up to date with the code
	$(PY) scripts/messages.py

recording: setup ## record anew what `slo-reports demo --recorded` replays
	@scripts/get_prometheus.sh
	$(PY) scripts/record_demo.py

dist: setup ## source distribution, wheel and checksums in dist/, the same bytes each time
	@scripts/dist.sh

deb: dist ## Debian package in dist/, of this machine's release and architecture
	@scripts/deb.sh

lock: ## choose new versions of all dependencies (needs uv)
	@scripts/lock.sh --upgrade

clean: ## remove what the other targets made
	rm -rf .venv .tools out dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis
