# Every target sets up what it needs; `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.ready
NATIVE := $(wildcard src/sharecare/matching/native/*.[ch])
CODE := src tests bench faults scripts alembic hatch_build.py
# deploy/requirements.lock holds what serving takes, without the tools of those who develop.
LOCK ?= requirements.lock

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test check fmt lint types bench lock migration

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(STAMP) ## make .venv with .venv/bin/sharecare

$(STAMP): $(LOCK) pyproject.toml hatch_build.py $(NATIVE)
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK)
	command -v $${CC:-cc} >/dev/null || command -v gcc >/dev/null || command -v clang >/dev/null \
	  || $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r deploy/compiler.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q src/sharecare
	@touch $@

demo: $(STAMP) ## live a month in the pilot town, then serve it at http://127.0.0.1:8000
	$(BIN)/sharecare demo --reset

serve: $(STAMP) ## serve the database named by SHARECARE_DATABASE_URL
	$(BIN)/sharecare serve

# Tests wait for browsers, disks and servers half of the time: one worker more than there are cores.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
test: $(STAMP) ## run every test, on SQLite and on PostgreSQL
	$(BIN)/pytest -q -n $(WORKERS) --dist worksteal

.PHONY: coverage
coverage: $(STAMP) ## run every test and tell which lines and branches none of them reached
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q -n $(WORKERS) --dist worksteal
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

check: fmt-check lint types ## formatting, lint, directions, types

fmt: $(STAMP) ## format
	$(BIN)/ruff check --quiet --fix-only $(CODE)
	$(BIN)/ruff format --quiet $(CODE)
	$(BIN)/clang-format -i $(NATIVE)

.PHONY: fmt-check
fmt-check: $(STAMP)
	$(BIN)/ruff format --check --quiet $(CODE)
	$(BIN)/clang-format --dry-run --Werror $(NATIVE)

lint: $(STAMP) ## ruff, the C compiler's warnings, and the directions between rooms
	$(BIN)/ruff check --quiet $(CODE)
	$(BIN)/python hatch_build.py -fsyntax-only -Wall -Wextra -Wconversion -Werror
	$(BIN)/lint-imports --no-cache

types: $(STAMP) ## mypy, strict
	$(BIN)/mypy

LOCKING := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --all-extras
lock: ## resolve pyproject.toml into requirements.lock and deploy/requirements.lock, with hashes
	$(LOCKING) --group dev pyproject.toml -o requirements.lock
	$(LOCKING) --group build -c requirements.lock pyproject.toml -o deploy/requirements.lock
	echo ziglang | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header - -o deploy/compiler.lock

migration: $(STAMP) ## draft a migration from the models: make migration m="why"
	$(BIN)/alembic revision --autogenerate -m "$(m)"

SIZES ?= 10000 100000 1000000
bench: $(STAMP) ## time matching at three sizes, alone and beside its peers (10 minutes)
	for supporters in $(SIZES); do $(BIN)/sharecare bench match --supporters $$supporters --json || exit; done
	$(BIN)/python -m bench.peers.run --sizes $(SIZES) --json var/peers.json

.PHONY: sanitize
sanitize: $(STAMP) ## the matching engine's tests under the sanitizers of GCC
	trap 'touch hatch_build.py' EXIT; \
	  CC=gcc CFLAGS="-g -fsanitize=address,undefined -fno-sanitize-recover=undefined" \
	  $(BIN)/pip install --quiet --no-deps --no-build-isolation -e . && \
	  LD_PRELOAD="$$(gcc -print-file-name=libasan.so) $$(gcc -print-file-name=libubsan.so)" \
	  ASAN_OPTIONS=detect_leaks=0 $(BIN)/pytest -q -s --noconftest tests/matching/test_index.py tests/matching/test_updates.py \
	  tests/matching/test_free.py tests/matching/test_privacy.py tests/matching/test_reach.py tests/matching/test_kernel.py
	$(MAKE) setup

.PHONY: faults
faults: $(STAMP) ## break things on purpose, on SQLite and PostgreSQL, and see what holds (NIGHTLY=1: the full counts)
	$(BIN)/python -m faults.run $(if $(NIGHTLY),--nightly)

.PHONY: pictures
pictures: $(STAMP) ## make the pictures in README and docs from a fresh demo (needs Chromium)
	$(BIN)/python scripts/pictures.py
