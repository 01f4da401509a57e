# Thin: the work is in scripts/setup.sh and in the deal command. PORT and DEAL_* come through the environment.
.PHONY: help setup setup-test run test test-all bench lint lock vendor words
.NOTPARALLEL:
unexport PYTHONDONTWRITEBYTECODE # each worker and each server would compile all of it again

# one more than there are cores: browsers and clocks are waited for
PYTEST = .venv/bin/pytest -n $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --maxprocesses 8 --dist worksteal

help: ## this list
	@sed -n "s/^\([a-z-]*\):.*## /\1\t/p" $(MAKEFILE_LIST)

setup: ## what Deal needs to run, in .venv
	@scripts/setup.sh run

setup-test: ## and what its tests need
	@scripts/setup.sh test

run: setup ## Deal with a demonstration in it, on this machine
	@exec .venv/bin/deal start

test: setup-test ## every test but the slow ones; ARGS="-k goals" for some
	$(PYTEST) -m "not slow" $(ARGS)

test-all: setup-test ## every test
	@scripts/setup.sh aloud
	$(PYTEST) $(ARGS)

bench: setup-test ## how fast pages and papers are
	.venv/bin/python -m tests.bench $(ARGS)

lint: setup-test ## style, types, and the order of the rooms
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

lock: ## the newest parts, pinned with their hashes
	scripts/setup.sh lock

vendor: setup-test ## the stylesheet, script and typeface that Deal carries
	.venv/bin/python scripts/vendor.py

words: setup-test ## the Welsh catalogue: finds new sentences, lists those without Welsh, compiles
	.venv/bin/python scripts/words.py
