# The manual of this repository: `make help`.  Every target does the set-up that it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Three on two cores: half of a whole run's time is waiting.
JOBS ?= 3
# Tests of one file share servers, so they stay together; the order is that of tests/conftest.py.
PYTEST := $(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder
SOURCES := pyproject.toml constraints.txt

export DO_NOT_TRACK := true
export SCARF_NO_ANALYTICS := true
export LANGGRAPH_CLI_NO_ANALYTICS := 1
export LANGGRAPH_NO_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help install demo test test-all lint format types studio benchmark docs constraints deployment clean

help:  ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

install: $(VENV)/core  ## the tool itself, with what the demo needs

demo: $(VENV)/core  ## a paper in, a repository out, its results table reproduced; no key
	$(BIN)/papercoder demo --output out/demo --home out/home

test: $(VENV)/all lint types  ## everything that CI checks, long sweeps sampled
	$(PYTEST) -m "not long"

test-all: $(VENV)/all lint types  ## the same with the long sweeps whole
	$(PYTEST)

lint: $(VENV)/all  ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/all  ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/all  ## mypy, strict
	$(BIN)/mypy

studio: $(VENV)/all  ## the graph in LangGraph Studio, offline and without a key; papers and recordings of this folder
	PAPERCODER_ALLOWED_FOLDERS="$${PAPERCODER_ALLOWED_FOLDERS:-$(CURDIR)}" \
	    $(BIN)/langgraph dev --no-browser --no-reload --n-jobs-per-worker 8

benchmark: $(VENV)/all  ## calls, tokens, cost and makespan against the simulated provider
	$(BIN)/python -m benchmarks.pipeline --files 5 10 20 40

docs: $(VENV)/core  ## renew docs/cli.md and the drawing in docs/studio.md
	$(BIN)/python -m papercoder.cli.reference docs

constraints: $(VENV)/uv  ## renew the tested versions
	$(BIN)/uv pip compile --quiet --no-header --no-annotate --universal --python-version 3.11 --upgrade \
	    --all-extras --group dev pyproject.toml -o constraints.txt

deployment: $(VENV)/all  ## renew what deploy/ holds that is generated
	mkdir -p build/papercoder  # the folder's name stands in the file
	cp -r langgraph.json pyproject.toml graph build/papercoder
	cd build/papercoder && ../../$(BIN)/langgraph dockerfile ../../deploy/langgraph.Dockerfile -c langgraph.json
	$(BIN)/uv pip compile --quiet --no-header --no-annotate --python-version 3.13 --extra postgres -c constraints.txt \
	    pyproject.toml deploy/requirements.in -o deploy/requirements.txt

clean:  ## remove what the other targets made
	rm -rf $(VENV) out build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/uv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "papercoder needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	touch $@

$(VENV)/core: $(VENV)/uv $(SOURCES)
	$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[sandbox]'
	touch $@

$(VENV)/all: $(VENV)/core
	$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[sandbox,documents,studio,postgres]' --group dev
	touch $@
