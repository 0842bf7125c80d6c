# The single entrance. Each target sets up .venv by itself; `make` alone lists what there is.

PYTHON ?= python3
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

BIN := .venv/bin
STAMP := .venv/.suyuan-installed
TYPES := build/types/suyuan
WHOLE := trace/ledger/*,trace/produce/*,trace/verify/*
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test check pytest bench schemas clean

help:
	@echo 'make demo     import a season, issue labels, serve, print the address of one package'
	@echo 'make test     every check and every test, on SQLite and on PostgreSQL'
	@echo 'make check    format, lint, rooms and types only'
	@echo 'make bench    measure, print a table, write bench/latest.json'
	@echo 'make schemas  write the JSON Schemas anew from the models'
	@echo 'make clean    remove .venv, caches and the demo data'

# Made anew when the locked requirements or the package's own list of folders change.
.venv: $(STAMP)

$(STAMP): requirements-dev.txt requirements-verifier.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "no '$(PYTHON)' here: install Python 3.11 or newer, or say make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Suyuan needs Python 3.11 or newer; $(PYTHON) is " + sys.version.split()[0] + ". Say make PYTHON=/path/to/python3")'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv || { rm -rf .venv; echo "'$(PYTHON) -m venv' failed: on Debian and Ubuntu install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --no-deps --ignore-requires-python --require-hashes -r requirements-verifier.txt || echo 'aics-tlog or aics-witness did not install: the tests with them will say that they were skipped' >&2
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

# mypy knows packages by their folder's name; ours is trace/ on disk and suyuan to Python.
$(TYPES):
	@mkdir -p $(@D)
	@ln -sfn ../../trace $@

demo: $(STAMP)
	$(BIN)/suyuan demo $(ARGS)

check: $(STAMP) $(TYPES)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy $(TYPES) tests

pytest: $(STAMP)
	$(BIN)/coverage erase
	$(BIN)/pytest -n auto --dist loadfile --cov --cov-report= $(ARGS)
	$(BIN)/coverage report
	$(if $(ARGS),,@$(BIN)/coverage report --include='$(WHOLE)' --fail-under=100 >/dev/null || { echo 'these rooms must be covered whole: $(WHOLE)' >&2; exit 1; })

test: check pytest

bench: $(STAMP)
	$(BIN)/python -m bench $(ARGS)

schemas: $(STAMP)
	$(BIN)/suyuan schemas schemas

clean:
	rm -rf .venv build dist demo-data bench/tmp .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache trace.egg-info *.egg-info
	find trace tests -name __pycache__ -type d -prune -exec rm -rf {} +
