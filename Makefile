# The two commands: `make run` and `make test`. They need Python 3.11 or 3.12, git and make, make
# their own environment in .venv, and change nothing outside this folder.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

VENV := .venv
DETOXIFY := .venv-detoxify
ISSO := .venv-isso
PIP := -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
DEPENDENCIES := pyproject.toml constraints.txt
# One `make test ARGS='-k queue'`, one `make run ARGS='--port 8080'`.
ARGS ?=

# The first Python on PATH that runs, is 3.11 or 3.12, and can make an environment. Each candidate
# is run, because a version manager's shim may stand in front of a Python that works.
define find_python
	found=; \
	IFS=:; for folder in $$PATH; do unset IFS; \
	  for name in $(if $(PYTHON),$(PYTHON),python3.11 python3.12 python3 python); do \
	    case $$name in */*) candidate=$$name ;; *) candidate=$$folder/$$name ;; esac; \
	    if [ -x "$$candidate" ] && "$$candidate" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' >/dev/null 2>&1; \
	    then found=$$candidate; break 2; fi; \
	  done; \
	done; unset IFS; \
	if [ -z "$$found" ]; then \
	  echo 'No Python 3.11 or 3.12 with venv on PATH (on Debian and Ubuntu: python3-venv).' \
	    'Name one: make PYTHON=/path/to/python3.11 ...' >&2; exit 1; \
	fi
endef

.PHONY: help run test test-faults chaos test-shared test-detoxify test-training bench lint format translations clean

help: ## Say what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

run: $(VENV)/ready-to-run ## Run the service: web, worker and database in one process
	@$(VENV)/bin/moderation run $(ARGS)

test: $(VENV)/ready-to-test ## Run the tests, with a real PostgreSQL, Redis and Chromium
	@$(VENV)/bin/python -m pytest $(ARGS)

test-faults: $(VENV)/ready-to-test ## Kill, freeze and restart what the full installation runs on
	@$(VENV)/bin/python -m pytest -m faults $(ARGS)

chaos: $(VENV)/ready-to-test ## The same at random for ten minutes, and count what became of all
	@$(VENV)/bin/python -m tests.full.chaos $(ARGS)

test-shared: $(VENV)/ready-to-test ## Run the tests that read the folder ../shared
	@$(VENV)/bin/python -m pytest -m shared $(ARGS)

test-detoxify: $(DETOXIFY)/ready ## Run the tests of the real Detoxify, in an environment with torch
	@echo "$(DETOXIFY) takes $$(du -sh $(DETOXIFY) | cut -f1)"
	@$(DETOXIFY)/bin/python -m pytest -m detoxify $(ARGS) \
	  $$(grep -rlE 'mark\.detoxify' --include='test_*.py' tests)

test-training: $(DETOXIFY)/ready-to-train ## Train a tiny model for a minute and export it
	@$(DETOXIFY)/bin/python -m worker.training build --smoke

bench: $(VENV)/ready-to-test $(DETOXIFY)/ready $(ISSO)/ready ## Measure speed and memory beside references; writes bench/RESULTS.md
	@BENCH_ISSO=$(ISSO) BENCH_DETOXIFY=$(DETOXIFY) $(VENV)/bin/python -m bench $(ARGS)

lint: $(VENV)/ready-to-test ## Check style, types and the direction of imports
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

format: $(VENV)/ready-to-test ## Put the code into its usual form
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

# `build/` is nobody's to keep: the sentences stand in the code, what they are called in other
# languages in the catalogues.
translations: $(VENV)/ready-to-test ## Take the desk's new sentences into the catalogues, and compile these
	@mkdir -p build
	@$(VENV)/bin/pybabel --quiet extract --mapping-file pyproject.toml --keywords lazy_gettext \
	  --add-comments Translators: --strip-comments --add-location file --sort-output --output-file build/desk.pot moderation
	@$(VENV)/bin/pybabel --quiet update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
	  --input-file build/desk.pot --output-dir moderation/translations
	@$(VENV)/bin/pybabel compile --statistics --directory moderation/translations

clean: ## Remove the environments, the fetched browser and the caches; keeps data/
	rm -rf $(VENV) $(DETOXIFY) $(ISSO) .services build *.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each step leaves its stamp last, so that an interrupted one is done again.
$(VENV)/made $(DETOXIFY)/made $(ISSO)/made:
	@$(find_python); \
	echo "Making $(@D) with $$("$$found" --version)"; \
	rm -rf $(@D) && "$$found" -m venv $(@D)
	@touch $@

$(VENV)/ready-to-run: $(VENV)/made $(DEPENDENCIES)
	@echo 'Installing the service (about a minute)'
	@$(VENV)/bin/python $(PIP) --editable '.[worker]'
	@touch $@

$(VENV)/ready-to-test: $(VENV)/made $(DEPENDENCIES)
	@echo 'Installing the service and what its tests need (a minute or two)'
	@$(VENV)/bin/python $(PIP) --editable '.[dev]'
	@touch $(VENV)/ready-to-run $@

# torch first and by its exact version: where a CPU build is at hand it is taken, and nothing that
# comes after asks for another.
$(DETOXIFY)/ready: $(DETOXIFY)/made $(DEPENDENCIES)
	@echo 'Installing torch, Detoxify and pytest (minutes)'
	@$(DETOXIFY)/bin/python $(PIP) torch==2.13.0
	@$(DETOXIFY)/bin/python $(PIP) --editable '.[detoxify]' pytest
	@touch $@

$(DETOXIFY)/ready-to-train: $(DETOXIFY)/ready
	@echo 'Installing what the bundled model is made from'
	@$(DETOXIFY)/bin/python $(PIP) --editable '.[training]'
	@touch $@

# A comment server to be measured beside: none of our versions are its own, but for gunicorn's.
$(ISSO)/ready: $(ISSO)/made $(DEPENDENCIES)
	@echo 'Installing Isso'
	@$(ISSO)/bin/python $(PIP) isso==0.14.0 gunicorn
	@touch $@
