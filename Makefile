# Every target works on a fresh clone: the environment is made from the lock files, with uv where it is installed.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

ARGS ?=
DUCKDB_NEXT ?= 2.0.1
# Small matrices: threads of the linear algebra cost more than they save.
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: help install demo ui refresh backfill bench lint format test quick duckdb-next proofs recorded lock
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(STAMP) ## make .venv from the lock file

$(STAMP): requirements-dev.lock pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --clear --python $(PYTHON) .venv && \
	  uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-dev.lock && \
	  uv pip install --quiet --python $(BIN)/python --no-deps --editable . ; \
	else \
	  $(PYTHON) -m venv --clear .venv || { echo "no venv: install python3-venv (apt) or uv" >&2; exit 1; } ; \
	  PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock && \
	  $(BIN)/python -m pip install --quiet --no-deps --editable . ; \
	fi
	@touch $@

demo: $(STAMP) ## a whole night on the built-in sandbox market, no network; ARGS="--date 2026-01-17" goes on
	$(BIN)/rotation demo $(ARGS)

ui: $(STAMP) ## the Dagster UI on 127.0.0.1:3000 over the same home
	$(BIN)/rotation ui $(ARGS)

refresh: $(STAMP) ## last night from the live providers, no key needed
	$(BIN)/rotation refresh $(ARGS)

backfill: $(STAMP) ## all nights FROM=2024-01-01 TO=2024-03-31; stopped and started again it goes on
	$(BIN)/rotation backfill --from $(FROM) --to $(TO) $(ARGS)

bench: $(STAMP) ## time and memory of a night, its successor and its repetition, as a table
	$(BIN)/python -m tests.benchmarks

lint: $(STAMP) ## formatting, lint and types of Python, and the SQL
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar dbt_project/models dbt_project/tests

format: $(STAMP) ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: $(STAMP) ## all tests
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

proofs: $(STAMP) ## the full grid of simulations behind the statistics; writes docs/proofs.md
	$(BIN)/python -m tests.proofs

recorded: $(STAMP) ## nights on a recorded market beside the checkout; writes docs/methodology.md and docs/claims_recorded.md
	$(BIN)/python -m tests.recorded

quick: $(STAMP) ## the tests that need no whole night
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow"

duckdb-next: $(STAMP) ## the quick tests on the DuckDB to come: DUCKDB_NEXT=2.0.1, in a folder of its own
	@test -d .venv/duckdb-$(DUCKDB_NEXT) || \
	  { command -v uv >/dev/null 2>&1 && uv pip install --quiet --no-deps --target .venv/duckdb-$(DUCKDB_NEXT) duckdb==$(DUCKDB_NEXT) ; } || \
	  $(BIN)/python -m pip install --quiet --no-deps --target .venv/duckdb-$(DUCKDB_NEXT) duckdb==$(DUCKDB_NEXT)
	PYTHONPATH=.venv/duckdb-$(DUCKDB_NEXT) $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow"

lock: ## pin every dependency, with hashes
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-strip-extras pyproject.toml -c constraints.txt \
	  -o requirements.lock --custom-compile-command "make lock" --quiet
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-strip-extras --group dev pyproject.toml -c requirements.lock \
	  -o requirements-dev.lock --custom-compile-command "make lock" --quiet
