# Two commands: `make serve` and `make test`. Both set everything up in .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: serve test soak lint guard bench bench-speed bench-growth bench-language bench-extraction bench-scale bench-cluster \
  stress opensearch relevance screenshots clean

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

# Whether the speed that was won is still there, in half a minute.
guard: $(VENV)/ready-to-develop
	$(BIN)/python -m bench.guard $(ARGS)

# Beside what users could pick instead. PostgreSQL is left out where its server is not installed, OpenSearch without Java.
bench: $(VENV)/ready-to-compare
	$(BIN)/python -m bench.compare --charts docs/images $(ARGS)

bench-speed: $(VENV)/ready-to-develop
	$(BIN)/python -m bench.speed $(ARGS)

bench-growth: $(VENV)/ready-to-develop
	$(BIN)/python -m bench.growth $(ARGS)

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

$(VENV)/ready-to-compare: pyproject.toml | $(VENV)/bin/python
	$(PIP) -e '.[dev,bench]'
	@touch $@ $(VENV)/ready-to-develop $(VENV)/ready
