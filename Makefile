# Every target works on a fresh clone: the environment is made from the lock files, with uv where it is installed.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: help install refresh lint format test lock
help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

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

refresh: $(STAMP) ## collect last night from the live providers, no key needed
	$(BIN)/rotation refresh

lint: $(STAMP) ## formatting, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(STAMP) ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: $(STAMP) ## all tests
	$(BIN)/python -m pytest -n 2

lock: ## pin every dependency, with hashes
	uv pip compile --universal --generate-hashes --no-emit-index-url pyproject.toml -c constraints.txt \
	  -o requirements.lock --custom-compile-command "make lock" --quiet
	uv pip compile --universal --generate-hashes --no-emit-index-url --group dev pyproject.toml -c requirements.lock \
	  -o requirements-dev.lock --custom-compile-command "make lock" --quiet
