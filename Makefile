# Everything a developer or an operator runs by hand. `make help` lists it.

SHELL := /bin/bash
PYTHON ?= python3
export PYTHON
# More words for the command or for pytest: make demo ARGS=--check, make test-unit ARGS="-k ledger"
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
RUN_ENV := $(VENV)/.installed-run
DEV_ENV := $(VENV)/.installed-dev
ENV_TOOLS := tools/environment tools/link_project.py
PACKAGES := contracts chassis services gateway sandbox porchlight benchmarks tools tests
LEVELS := unit integration contract e2e browser faults repo

.DEFAULT_GOAL := help

##@ Run it

.PHONY: demo
demo: $(RUN_ENV) ## The whole portal in one process, with a believable business in it; ARGS=--check walks it and ends
	@$(BIN)/porchlight demo $(ARGS)

.PHONY: up
up: $(RUN_ENV) ## The same, distributed: private RabbitMQ and PostgreSQL, every service its own process
	@$(BIN)/python -m porchlight.private_servers.install rabbitmq postgres
	@$(BIN)/porchlight up $(ARGS)

##@ Check it

.PHONY: test
test: $(DEV_ENV) ## Every test, at every level; installs or finds the servers and the browser that they need
	@tools/run-tests $(ARGS)

.PHONY: $(addprefix test-,$(LEVELS))
$(addprefix test-,$(LEVELS)): test-%: $(DEV_ENV)
	@tools/run-tests tests/$* $(ARGS)
# For make help:
##> test-unit: Pure rules and single modules, seconds
##> test-integration: Services on real PostgreSQL and RabbitMQ
##> test-contract: Messages between services, and what we say to Stripe and Twilio
##> test-e2e: The whole way through, with processes started from docker-compose.yml

.PHONY: lint
lint: $(DEV_ENV) ## ruff (style and format), mypy (types), import-linter (which package may import which)
	@tools/run-lint $(PACKAGES)

.PHONY: bench
bench: $(DEV_ENV) ## Measures speed and cost on private servers, side by side with the alternatives
	@$(BIN)/python -m porchlight.private_servers.install rabbitmq postgres
	@$(BIN)/python -m benchmarks $(ARGS)

##@ Keep it

.PHONY: lock
lock: ## Writes the lock files anew from pyproject.toml; ARGS=--upgrade takes the newest versions
	@tools/lock $(ARGS)

.PHONY: docs
docs: $(DEV_ENV) ## Writes docs/events/ anew from the contracts
	@$(BIN)/python -m tools.event_docs

.PHONY: screenshots
screenshots: $(DEV_ENV) ## Takes the README's pictures, and makes the sign-up guide for customers in build/sign-up-guide
	@$(BIN)/python -m porchlight.private_servers.install chromium
	@$(BIN)/python -m tools.screenshots

.PHONY: env
env: $(DEV_ENV) ## Makes .venv with everything for development

.PHONY: clean
clean: ## Removes the environment and every cache; keeps the demo's data
	rm -rf $(VENV) .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

.PHONY: help
help: ## This list
	@awk -f tools/help.awk $(MAKEFILE_LIST)

$(RUN_ENV): requirements.lock $(ENV_TOOLS)
	@tools/environment requirements.lock $@

$(DEV_ENV): requirements-dev.lock $(ENV_TOOLS)
	@tools/environment requirements-dev.lock $(RUN_ENV) $@
