# `make demo` and `make test` set up what they need in .venv; the rest is for those who work on vip-rules.

VENV := .venv
BIN := $(VENV)/bin
EDITOR := tests/editor/node_modules
SCHEMA := plugins/vip-rules-shopify/tests/schema
PLUGINS := $(wildcard plugins/vip-rules-*)
SIZES := small large
SUITES := suite-core $(PLUGINS:plugins/%=suite-%)
PYTEST = $(CURDIR)/$(BIN)/pytest --quiet --numprocesses auto $(if $(filter true,$(CI)),,-m "not slow")

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types format generate bench clean suite-core

help: ## list these targets
	@awk -F ' *:.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.installed ## keep the standings of a real shop through half a year
	@$(BIN)/vip-rules demo

# Those of the core, then those of each plugin. With CI=true the slow ones, too, and all suites at once: they wait a lot.
test: $(VENV)/.installed-dev $(EDITOR)/.installed $(SCHEMA)/node_modules/.installed ## run the tests
	@$(MAKE) --no-print-directory $(if $(filter true,$(CI)),--jobs) $(SUITES)

suite-core:
	@$(PYTEST)

suite-%:
	@cd plugins/$* && $(PYTEST)

check: lint types test ## all that CI checks

lint: $(VENV)/.installed-dev ## check style
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --quiet --diff

types: $(VENV)/.installed-dev ## check types
	@for project in . $(PLUGINS); do (cd $$project && $(CURDIR)/$(BIN)/mypy --no-error-summary) || exit; done

format: $(VENV)/.installed-dev ## put style right
	@$(BIN)/ruff check --quiet --fix
	@$(BIN)/ruff format --quiet

generate: $(VENV)/.installed ## rewrite what is made of the code in documents and schemas
	@$(BIN)/python -m vip_rules.reference README.md rules/README.md deploy/README.md
	@$(BIN)/vip-rules schema > rules/program.schema.json
	@$(BIN)/vip-rules schema --cases > rules/cases.schema.json

bench: $(VENV)/.installed-dev ## measure against hand-written queries (SIZES="small" is quick)
	@$(BIN)/python -m benchmarks $(SIZES)
	@$(BIN)/python -m benchmarks.standings $(SIZES)

clean: ## remove what these targets made
	@rm -rf $(VENV) $(EDITOR) $(SCHEMA)/node_modules benchmarks/data .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

# Installed once, and again when a file that says what to install is newer.

INSTALL = $(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt --editable

$(VENV)/.installed: pyproject.toml constraints.txt
	@echo "Installing vip-rules into $(VENV) …"
	@$(BIN)/python -m pip --version > /dev/null 2>&1 || { $(make_venv); }
	@$(INSTALL) .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed $(PLUGINS:%=%/pyproject.toml)
	@echo "Installing the plugins, and what tests vip-rules, into $(VENV) …"
	@$(INSTALL) '.[dev]' $(PLUGINS:%=--editable './%[dev]')
	@touch $@

# VS Code's JSON language service reads the schema as an editor does. Without npm its test is skipped, except in CI.
$(EDITOR)/.installed: tests/editor/package.json
	@cd tests/editor && if npm install --no-package-lock --no-audit --no-fund --silent; \
	then touch node_modules/.installed; \
	elif [ "$$CI" = true ]; then echo "npm could not install VS Code's JSON language service." >&2; exit 1; \
	else echo "The editor's test is skipped: it needs Node.js with npm, and access to its registry." >&2; \
	fi

# Shopify's own schema, which the documents are checked against. Without npm that is skipped, except in CI.
$(SCHEMA)/node_modules/.installed: $(SCHEMA)/fetch.sh
	@if sh $<; then touch $@; \
	elif [ "$$CI" = true ]; then echo "npm could not fetch Shopify's schema." >&2; exit 1; \
	else echo "The check against Shopify's schema is skipped: it needs npm, and access to its registry." >&2; \
	fi

# The first Python that is new enough, or the one that PYTHON names.
define make_venv
for python in $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python3.14 python); do \
	if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then \
		"$$python" -m venv --clear $(VENV) && exit; \
		echo "$$python can't make a virtual environment: install its venv module (Debian: python3-venv)." >&2; exit 1; \
	fi; \
done; \
echo "vip-rules needs Python 3.11 or newer, and found none. Install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1
endef
