# Copyright: Contributors to the flagops.launchdarkly project
# SPDX-License-Identifier: GPL-3.0-or-later

.DEFAULT_GOAL := help
SHELL := /bin/sh
TOOLS := tests/tools

# The first of these that runs, is new enough for ansible-core, and can make virtual environments.
PYTHON ?= $(shell \
	for name in python3.14 python3.13 python3.12 python3.11 python3.10 python3; do \
		$$name -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1 && \
			echo $$name && break; \
	done)

# "exec" lets a signal to make reach the program itself, not a shell around it.
RUN = @test -n "$(PYTHON)" || { \
		echo 'No Python here that is 3.10 or newer and has the venv module (on Debian: python3-venv).' >&2; exit 2; \
	}; exec "$(PYTHON)"

GROUPS := lint docs-lint docs unit playbooks integration sanity build ee events notebook awx

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## Start the phases of a release, on a LaunchDarkly of your own (DEMO_FLAG=project/flag: on your account)
	$(RUN) $(TOOLS)/demo.py

.PHONY: test
test: ## Everything below and the demo, on the oldest, the newest and the most tried ansible-core
	$(RUN) $(TOOLS)/run_tests.py

.PHONY: test-all
test-all: ## The same, all of it on every ansible-core that the Pythons here run
	$(RUN) $(TOOLS)/run_tests.py --all

.PHONY: $(GROUPS)
lint: ## ruff, mypy, yamllint, ansible-lint
docs-lint: ## The option documentation and the changelog fragments
docs: ## The documentation site, into .cache/site/
unit: ## Unit tests (ONLY=tests/unit/...: some)
playbooks: ## Whole runs of ansible-playbook, killed, interrupted and all (ONLY=tests/playbook/...: some)
integration: ## Integration targets, on a simulator (ONLY=target: one)
sanity: ## ansible-test sanity, with nothing ignored
build: ## Build the collection into dist/, install it elsewhere, and run a play from there
ee: ## What an execution environment is built from, and ansible-navigator
events: ## Rulebooks, with LaunchDarkly's webhooks played on this machine
notebook: ## The runbook, from top to bottom
awx: ## What awx_configure makes, on a fake of AWX, and its jobs, run by ansible-runner
$(GROUPS):
	$(RUN) $(TOOLS)/run_tests.py $@ $(ONLY:%=--only=%)

.PHONY: bench
bench: ## Compare both ways a task can run with ansible.builtin.uri and ansible.builtin.debug
	$(RUN) tests/bench/bench.py

.PHONY: clean
clean: ## Remove all that these made
	rm -rf .ansible .cache .mypy_cache .pytest_cache .ruff_cache .venv dist tests/output
