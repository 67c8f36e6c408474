# Two commands: `make serve` and `make test`. Both set everything up in .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: serve test lint bench relevance screenshots clean

serve: $(VENV)/ready
	$(BIN)/searchsvc serve --reindex $(ARGS)

test: $(VENV)/ready-to-develop
	$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/ready-to-develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/ready-to-develop
	$(BIN)/python -m bench.speed $(ARGS)

relevance: $(VENV)/ready-to-develop
	$(BIN)/python -m bench.relevance $(ARGS)

screenshots: $(VENV)/ready-to-develop
	$(BIN)/python -m bench.screenshots $(ARGS)

clean:
	rm -rf $(VENV) index

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "searchsvc needs Python 3.11 or later; name one with make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/ready: pyproject.toml | $(VENV)/bin/python
	$(PIP) -e .
	@touch $@

$(VENV)/ready-to-develop: pyproject.toml | $(VENV)/bin/python
	$(PIP) -e '.[dev]'
	@touch $@ $(VENV)/ready
