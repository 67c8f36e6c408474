# Two commands: `make serve` and `make test`. Both set everything up in .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CLIENTS := tests/clients
RUN := $(BIN)/python
LOWEST := .venv-lowest
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: serve test clients quick test-lowest test-opensearch-3 coverage soak fuzz mutants lint guard docs bench bench-speed bench-growth bench-language bench-languages \
  bench-quote bench-alerts bench-stories bench-extraction bench-documents bench-scale bench-cluster stress siege opensearch relevance \
  screenshots messages clean

serve: $(VENV)/ready
	$(BIN)/searchsvc serve --reindex $(ARGS)

# Every test. Plain `pytest` leaves out those that need a cluster or a browser, and the slow ones.
test: $(VENV)/ready-to-develop clients
	$(RUN) -m pytest -m "" $(ARGS)

# The quick tests, which need nothing but Python.
quick: $(VENV)/ready-to-develop
	$(RUN) -m pytest $(ARGS)

# Plain pytest with the oldest versions of the libraries that pyproject.toml allows, in a virtual environment of its own.
test-lowest:
	$(PYTHON) -m venv --clear $(LOWEST)
	$(LOWEST)/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.8'
	$(LOWEST)/bin/uv pip install --quiet --python $(LOWEST) --resolution lowest-direct --editable '.[all]' --group dev
	$(LOWEST)/bin/python -m pytest $(ARGS)

# The tests of a cluster again, on OpenSearch 3; `make test` has version 2.19.
test-opensearch-3: $(VENV)/ready-to-develop
	OPENSEARCH_VERSION=3.8.0 $(RUN) -m pytest -m cluster $(ARGS)

# What generates and checks clients of the API; tests of these are skipped without npm.
clients:
	@command -v npm >/dev/null || echo "npm is not installed: tests of generated clients will be skipped"
	@! command -v npm >/dev/null || $(MAKE) --no-print-directory $(CLIENTS)/node_modules/ready

$(CLIENTS)/node_modules/ready: $(CLIENTS)/package-lock.json
	npm ci --prefix $(CLIENTS) --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# Every test, with a report of the lines and branches that they run.
coverage:
	rm -f .coverage .coverage.*
	$(MAKE) test RUN="$(BIN)/coverage run"
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# Every random test 2,500 times instead of 100, 60,000 random requests of the contract for each engine; 1,000 times kill -9,
# and a fault, or a kill, at every system call that reindexing, publishing, rolling back and putting make; thousands of
# requests made from the description of the API.
soak: $(VENV)/ready-to-develop
	HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -m "" --timeout 3600 \
	  $(or $(ARGS),tests/engines/test_contract.py tests/analysis tests/indexer/test_crash.py tests/index/test_faults.py \
	  tests/indexer/test_faults.py tests/indexer/test_unreachable.py tests/corpus/test_faults.py tests/web/test_schemathesis.py)

# Whether any file takes its reader more than linear time: half an hour of random files.
fuzz: $(VENV)/ready-to-develop
	HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -m "" --timeout 3600 \
	  $(or $(ARGS),tests/corpus/test_reading_time.py)

# Whether the contract tests find faults that are put into the engines, ten times out of ten.
mutants: $(VENV)/ready-to-develop
	$(BIN)/python -m dev.mutants $(ARGS)

lint: $(VENV)/ready-to-develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m dev.prose
	$(BIN)/python -m dev.regexes

# The documentation as a site, in site/.
docs: $(VENV)/ready-to-develop
	$(BIN)/zensical build --clean --strict $(ARGS)

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

bench-languages: $(VENV)/ready-to-develop
	$(BIN)/python -m bench.languages $(ARGS)

bench-quote: $(VENV)/ready-to-develop
	$(BIN)/python -m bench.quote $(ARGS)

bench-alerts: $(VENV)/ready-to-develop
	$(BIN)/python -m bench.alerts $(ARGS)

bench-stories: $(VENV)/ready-to-develop
	$(BIN)/python -m bench.stories $(ARGS)

bench-extraction: $(VENV)/ready-to-develop
	$(BIN)/python -m bench.extraction $(ARGS)

bench-documents: $(VENV)/ready-to-compare
	$(BIN)/python -m bench.documents $(ARGS)

bench-scale: $(VENV)/ready-to-develop
	$(BIN)/python -m bench.scale $(ARGS)

stress: $(VENV)/ready-to-develop
	$(BIN)/python -m bench.stress $(ARGS)

# Many clients, slow clients and a reindex at the same time, for ten minutes.
siege: $(VENV)/ready-to-develop
	$(BIN)/python -m bench.siege $(ARGS)

bench-cluster: $(VENV)/ready-to-develop
	$(BIN)/python -m bench.cluster $(ARGS)

# Three nodes on this machine; it wants Java and Maven. Version 3 of OpenSearch: ARGS="--version 3.8.0"
opensearch: $(VENV)/ready-to-develop
	$(BIN)/python -m dev.cluster $(ARGS)

relevance: $(VENV)/ready-to-develop
	$(BIN)/python -m bench.relevance
	$(BIN)/python -m bench.box $(ARGS)

# The pictures of the documentation, in docs/images. ARGS="--into FOLDER" to look at them first.
screenshots: $(VENV)/ready-to-develop
	$(BIN)/python -m bench.screenshots $(ARGS)

# The catalogues of translations, brought up to date with the sources.
messages: $(VENV)/ready-to-develop
	$(BIN)/python -m dev.messages $(ARGS)

clean:
	rm -rf $(VENV) $(LOWEST) site $(CLIENTS)/node_modules
	test ! -d index || find index -mindepth 1 ! -path index/.gitignore -delete

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "searchsvc needs Python 3.11 or later; name one with make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@# The first pip that installs dependency groups.
	$(PIP) --upgrade 'pip>=25.1'

$(VENV)/ready: pyproject.toml | $(VENV)/bin/python
	$(PIP) -e '.[all]'
	@touch $@

$(VENV)/ready-to-develop: pyproject.toml | $(VENV)/bin/python
	$(PIP) -e '.[all]' --group dev
	@touch $@ $(VENV)/ready

$(VENV)/ready-to-compare: pyproject.toml | $(VENV)/bin/python
	$(PIP) -e '.[all]' --group dev --group bench
	@touch $@ $(VENV)/ready-to-develop $(VENV)/ready
