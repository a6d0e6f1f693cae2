# Copyright: Contributors to the flagops.launchdarkly project
# SPDX-License-Identifier: GPL-3.0-or-later

.DEFAULT_GOAL := help
SHELL := /bin/sh

# The first of these that runs, is new enough for ansible-core and nox, and can make virtual environments.
PYTHON ?= $(shell \
	for name in python3.14 python3.13 python3.12 python3.11 python3.10 python3; do \
		$$name -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1 && \
			echo $$name && break; \
	done)

# "exec" lets a signal to make reach the program itself, not a shell around it.
NOX = @exec .venv/bin/nox --session

SESSIONS := lint unit integration playbooks sanity docs build awx events ee notebook

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: .venv/bin/nox ## Start the phases of a release, on a LaunchDarkly of your own (DEMO_FLAG=project/flag: on your account)
	$(NOX) demo

.PHONY: test
test: .venv/bin/nox ## Everything below and the demo, on the oldest, the newest and the most tried ansible-core
	@exec .venv/bin/python tests/tools/run_sessions.py test

.PHONY: test-all
test-all: .venv/bin/nox ## The same, all of it on every ansible-core that the Pythons here run
	@EVERY_CASE=true exec .venv/bin/python tests/tools/run_sessions.py test-all

.PHONY: dev
dev: .venv/bin/nox ## What an editor and plain pytest need, into .venv
	$(NOX) dev

.PHONY: $(SESSIONS)
lint: ## ruff, mypy, yamllint, ansible-lint, licences, option documentation, changelog, workflows
unit: ## Unit tests (ONLY=tests/unit/...: some)
integration: ## Integration targets, on a simulator (ONLY="-k target": one)
playbooks: ## Whole runs of ansible-playbook, killed, interrupted and all (ONLY=tests/playbook/...: some)
sanity: ## ansible-test sanity, with nothing ignored
docs: ## The documentation site, into .cache/site/
build: ## Build the collection into dist/, have galaxy-importer check it, install it elsewhere, and run a play and the guides from there
awx: ## What awx_configure makes, on a fake of AWX, and its jobs, run by ansible-runner
events: ## Rulebooks, with LaunchDarkly's webhooks posted on this machine
ee: ## What an execution environment is built from, and ansible-navigator
notebook: ## The runbook, from top to bottom
unit: export EVERY_CASE = true
$(SESSIONS): .venv/bin/nox
	$(NOX) $@ $(if $(ONLY),-- $(ONLY))

.PHONY: bench
bench: .venv/bin/nox ## What tasks and releases cost, beside the targets of the project
	$(NOX) bench

.PHONY: bench-many
bench-many: .venv/bin/nox ## What hundreds of flags cost under a rate limit (ONLY="--flags 100 300 1000 --kinds pipelines": some)
	$(NOX) bench-many $(if $(ONLY),-- $(ONLY))

.venv/bin/nox:
	@test -n "$(PYTHON)" || { \
		echo 'No Python here that is 3.10 or newer and has the venv module (on Debian: python3-venv).' >&2; exit 2; }
	@echo 'Installing nox and uv into .venv ...'
	@"$(PYTHON)" -m venv .venv && .venv/bin/python -m pip install -qq --disable-pip-version-check 'nox>=2026.8' antsibull-nox uv

.PHONY: clean
clean: ## Remove all that these made
	rm -rf .ansible .cache .mypy_cache .nox .pytest_cache .ruff_cache .venv dist tests/output
