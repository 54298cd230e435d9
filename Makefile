# Needs Python 3.11 or newer and make. Everything else is installed into .venv and .test-tools.
#
#   make run          start the console on the demo provider (ARGS="--cwd DIR" passes options on)
#   make test         every check: format, lint, types, architecture, unit to end-to-end tests
#   make test-real    one turn with a real model; builds llama-server first (needs cmake and g++)
#   make bench        what things cost, as ratios to a floor measured in the same run
#   make sessions     record the scenes of sessions/ anew
#   make screenshots  draw the pictures of docs/tour.md anew, from sessions/
#   make clean        remove everything that was made here

PYTHON ?= python3
ARGS ?=
# More than a small machine has cores: tests of the screen wait for it half of their time.
WORKERS ?= 4

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: setup run test lint types pytest test-tools test-real bench sessions screenshots clean

setup: $(INSTALLED)

$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "harn-tui needs Python 3.11 or newer; name one: make PYTHON=python3.12 setup"; exit 1; }
	@test -x $(BIN)/python || { echo "making $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "installing harn-tui and its tests into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

run: setup
	@$(BIN)/harn-tui --provider demo $(ARGS)

test: setup
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory types
	@$(MAKE) --no-print-directory test-tools
	@$(MAKE) --no-print-directory pytest
	@echo "make test: every check passed"

lint: setup
	$(BIN)/ruff format --check . || { echo "run: $(BIN)/ruff format ."; exit 1; }
	$(BIN)/ruff check --quiet .

types: setup
	$(BIN)/mypy --no-error-summary

pytest: setup
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -rs $(ARGS)

test-tools: setup
	@$(BIN)/python -m tests.support.third_party

test-real: setup
	@$(BIN)/python -m tests.support.third_party --real
	$(BIN)/python -m pytest -q -m real -rs $(ARGS)

bench: setup
	@$(BIN)/python -m benchmarks $(ARGS)

sessions: setup
	@$(BIN)/python -m tests.support.recording.record $(ARGS)

screenshots: setup
	@$(BIN)/python -m tests.support.tour.draw $(ARGS)

clean:
	rm -rf $(VENV) .test-tools .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
