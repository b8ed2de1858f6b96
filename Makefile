# Every target makes the environment first. `make` alone lists the targets.
MAKEFLAGS += --no-print-directory
DOMICILE := .venv/bin/domicile
PY := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help up down status demo test bench lint format lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

.venv/.made: requirements.lock pyproject.toml
	@sh deploy/local/environment.sh

up: .venv/.made ## start Kafka, PostgreSQL and the services of each region
	@$(DOMICILE) up

down: .venv/.made ## stop them; the data stays
	@$(DOMICILE) down

status: .venv/.made ## show what runs
	@$(DOMICILE) status

demo: .venv/.made ## a public data set becomes events in two regions
	@$(DOMICILE) demo

lint: .venv/.made ## style, types and the direction of imports
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check --quiet . || { echo "Run 'make format'."; exit 1; }
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache --no-logo

test: lint ## lint, then every test on a real broker and a real database
	@$(PY) -m pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder

bench: .venv/.made ## measure each promise against its peer
	@$(PY) -m tests.benchmarks

format: .venv/.made ## put the source into the agreed style
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format --quiet .

lock: ## resolve requirements.lock anew
	@sh deploy/local/environment.sh lock

clean: ## stop what runs; remove the environment, the state and every cache in the tree
	@if [ -x $(DOMICILE) ]; then $(DOMICILE) reset --yes; for h in .local/test/*/ .local/test/*/*/; do if [ -f $$h/options.json ]; then DOMICILE_HOME=$$h $(DOMICILE) reset --yes; fi; done; fi
	@rm -rf .venv .local .mypy_cache .ruff_cache .hypothesis .schemathesis .pytest_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
