# The doors of the project: `make run` and `make test` work from a fresh clone with Python 3.11+ and make alone.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
HOST ?= 127.0.0.1
PORT ?= 8000
WEB_PORT ?= 7860
DEMO_DATA ?= data/demo

.PHONY: run demo test check setup lock format clean

run: setup
	@$(BIN)/python -m examples.demo --data-dir $(DEMO_DATA) --serve --host $(HOST) --port $(PORT) --web-port $(WEB_PORT)

demo: setup
	@$(BIN)/python -m examples.demo --data-dir $(DEMO_DATA)

# Two processes at least share the work; each of them computes on one core, so that they do not wait for each other.
TEST_PROCESSES ?= -n logical --maxprocesses 4 --dist loadfile
# The tuning of the tiny base comes first and has two cores to itself: it is the longest test by far.
TUNING := tests/finetune/test_tuning.py

test: setup
	@status=0; \
	OMP_NUM_THREADS=2 $(BIN)/python -m pytest $(TUNING) || status=$$?; \
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests --ignore $(TUNING) $(TEST_PROCESSES) || status=$$?; \
	exit $$status

check: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests -q $(TEST_PROCESSES) -m "not functional and not browser and not stress and not quality"

setup: $(READY)

# The environment is made once and again only when the lock changes; afterwards nothing reaches for the network.
$(READY): requirements/all.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] < (3, 14) else "TermRoute needs Python 3.11, 3.12 or 3.13; this is " + sys.version.split()[0] + ". Set PYTHON=/path/to/python3.11.")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked dependencies into $(VENV) (three to five minutes the first time)…" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile --requirement requirements/all.txt 2>$(VENV)/pip.log || { cat $(VENV)/pip.log >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . 2>$(VENV)/pip.log || { cat $(VENV)/pip.log >&2; exit 1; }
	@touch $(READY)

lock: $(VENV)
	@$(BIN)/python requirements/lock.py $(LOCKFLAGS)

$(VENV):
	@$(PYTHON) -m venv $(VENV)

format: setup
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache *.egg-info
