# Two commands: `make serve` and `make test`. Both set everything up in .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: serve test soak lint bench bench-language bench-extraction bench-scale stress bench-cluster opensearch relevance screenshots clean

serve: $(VENV)/ready
	$(BIN)/searchsvc serve --reindex $(ARGS)

test: $(VENV)/ready-to-develop
	$(BIN)/python -m pytest $(ARGS)

# Every random test 2,500 times instead of 100, 20,000 random requests of the contract for each engine; 200 times kill -9.
soak: $(VENV)/ready-to-develop
	HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest --timeout 3600 \
	  $(or $(ARGS),tests/test_contract.py tests/test_proximity.py tests/test_crash.py)

lint: $(VENV)/ready-to-develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/ready-to-develop
	$(BIN)/python -m bench.speed $(ARGS)

bench-language: $(VENV)/ready-to-develop
	$(BIN)/python -m bench.language $(ARGS)

bench-extraction: $(VENV)/ready-to-develop
	$(BIN)/python -m bench.extraction $(ARGS)

bench-scale: $(VENV)/ready-to-develop
	$(BIN)/python -m bench.scale $(ARGS)

stress: $(VENV)/ready-to-develop
	$(BIN)/python -m bench.stress $(ARGS)

bench-cluster: $(VENV)/ready-to-develop
	$(BIN)/python -m bench.cluster $(ARGS)

# Three nodes on this machine; it wants Java and Maven.
opensearch: $(VENV)/ready-to-develop
	$(BIN)/python -m dev.cluster $(ARGS)

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
