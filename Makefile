# SPDX-License-Identifier: Apache-2.0
# Every target does its own set-up: 'make demo' or 'make test' is all a fresh clone needs.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup shell demo test colcon-test lint format bench lock hooks clean

ENV := tools/in_env

help:  ## List the targets.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 14

setup:  ## Make .venv and build the workspace; does only what is missing.
	@tools/setup.sh

shell: setup  ## Open a shell in which `act`, `colcon`, `pytest` and, where installed, `ros2` are found.
	@$(ENV) bash

demo: setup  ## Let the shipped policy drive the simulated robot; prints success and a video's path.
	@./act demo

test: setup  ## Run every test; PYTEST_ARGS="-k name" narrows it.
	@$(ENV) python -m pytest $(PYTEST_ARGS)

colcon-test: setup  ## Run the tests as ROS 2 does, package by package.
	@rm -f build/*/pytest.xml
	@$(ENV) colcon test --return-code-on-test-failure
	@$(ENV) python tools/check_test_counts.py

lint: setup  ## Check style, types, import arrows and shell scripts.
	@$(ENV) ruff check .
	@$(ENV) ruff format --check .
	@$(ENV) mypy
	@$(ENV) lint-imports --no-logo
	@$(ENV) shellcheck --external-sources act .ci/run tools/in_env tools/*.sh

format: setup  ## Format the Python files and sort their imports.
	@$(ENV) ruff check --select I --fix --quiet .
	@$(ENV) ruff format .

bench: setup  ## Run every benchmark, <package>/bench/bench_*.py.
	@shopt -s nullglob; for file in */bench/bench_*.py; do \
	    echo "== $$file"; $(ENV) python "$$file"; done

lock: setup  ## Let pip resolve what the pinned packages pull in; LOCK_ARGS=--upgrade for newer ones.
	@$(ENV) python tools/lock.py $(LOCK_ARGS)

hooks: setup  ## Install the pre-commit hooks into this clone.
	@$(ENV) pre-commit install

clean:  ## Remove what was built; .venv stays.
	rm -rf build install log .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -path ./.venv -prune -o -name __pycache__ -type d -print0 | xargs -0 rm -rf
