SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TORCH ?= torch==2.13.0
# Two at a time: a run of the pipeline keeps one core busy. A file's tests share its runs.
PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

# PyTorch and what it brings stand apart: their builds differ by machine.
LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	$(addprefix --no-emit-package ,torch triton cuda-bindings cuda-pathfinder cuda-toolkit nvidia-cublas \
	nvidia-cuda-cupti nvidia-cuda-nvrtc nvidia-cuda-runtime nvidia-cudnn-cu13 nvidia-cufft nvidia-cufile \
	nvidia-curand nvidia-cusolver nvidia-cusparse nvidia-cusparselt-cu13 nvidia-nccl-cu13 nvidia-nvjitlink \
	nvidia-nvshmem-cu13 nvidia-nvtx)

RAW_DIR ?=
WAREHOUSE_DIR ?= $(CURDIR)/warehouse/default
TYPE ?= all
SOURCE ?=
EPS ?=
SETTINGS ?=

override WAREHOUSE_DIR := $(abspath $(WAREHOUSE_DIR))
export RAW_DIR WAREHOUSE_DIR

# No network is needed after the set-up, and no tool reports home.
export HF_HUB_DISABLE_TELEMETRY := 1
export DO_NOT_TRACK := 1

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(VENV)/.installed ## Make .venv and install everything (does nothing when it is up to date)

$(VENV)/.installed: requirements.lock
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"Python 3.11, 3.12 or 3.13 is needed, this is {v[0]}.{v[1]}; name one with PYTHON=python3.11")'
	@echo "Installing into $(VENV) (once, some minutes)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(TORCH)
	@$(BIN)/python -m python_assets.warm
	@touch $@

.PHONY: demo
demo: override RAW_DIR := $(CURDIR)/warehouse/sample
demo: override WAREHOUSE_DIR := $(CURDIR)/warehouse/demo
demo: setup ## Run all four types on the bundled sample, offline
	@$(BIN)/python -m dagster_defs.run --settings '{"precision": "float32"}' # the same distances on every machine

.PHONY: run
run: setup ## Run a job: [SOURCE=hub] RAW_DIR=<raw files> WAREHOUSE_DIR=<results> [TYPE=sft] [EPS=0.2] [SETTINGS='{"min_samples": 2}']
	@$(BIN)/python -m dagster_defs.run --type '$(TYPE)' $(if $(SOURCE),--source '$(SOURCE)') $(if $(EPS),--eps '$(EPS)') $(if $(SETTINGS),--settings '$(SETTINGS)')

.PHONY: plan
plan: setup ## Say what `make run` would do with the same arguments, and change nothing
	@$(BIN)/python -m dagster_defs.plan --type '$(TYPE)' $(if $(SOURCE),--source '$(SOURCE)') $(if $(EPS),--eps '$(EPS)') $(if $(SETTINGS),--settings '$(SETTINGS)')

.PHONY: eps
eps: setup ## Another eps for a finished warehouse, in seconds: WAREHOUSE_DIR=... EPS=0.15 [TYPE=sft] [SETTINGS='{"labelled_pairs": "pairs.csv"}']
	@$(BIN)/python -m dagster_defs.run --only-eps --type '$(TYPE)' $(if $(EPS),--eps '$(EPS)') $(if $(SETTINGS),--settings '$(SETTINGS)')

.PHONY: ui
ui: setup ## Open Dagster's UI on http://localhost:3000: RAW_DIR=... WAREHOUSE_DIR=...
	@$(BIN)/python -m dagster_defs.ui

.PHONY: sql
sql: setup ## Open a read-only SQL shell: WAREHOUSE_DIR=...
	@$(BIN)/python -m python_assets.sql_shell

.PHONY: test
test: setup ## Run the tests (at most 6 minutes on 2 cores)
	@$(PYTEST) -m "not slow"

.PHONY: test-slow
test-slow: setup ## Run the tests marked slow
	@HYPOTHESIS_PROFILE=thorough $(PYTEST) -m "slow or hypothesis"

.PHONY: crash-test
crash-test: setup ## Kill the job 100 times, an hour or two, and compare: [CRASH='--kills 20 --seed 2 --types prompt --parallel 2']
	@$(BIN)/python -m tests.crash.matrix $(CRASH)

.PHONY: lint
lint: setup ## Check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --quiet dbt_project

.PHONY: bench
bench: setup ## Measure clustering, loading, SQL and embedding beside others, the review page, and what finds labelled pairs: [VECTORS=<.npy>] [PROMPTS=<.parquet>] [BENCH=--quick]
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-bench.lock
	@$(BIN)/python tests/bench/bench_clustering.py $(if $(VECTORS),--vectors '$(VECTORS)') $(BENCH)
	@$(BIN)/python tests/bench/bench_loading.py $(BENCH)
	@$(BIN)/python tests/bench/bench_sql.py $(if $(PROMPTS),--prompts '$(PROMPTS)') $(BENCH)
	@$(BIN)/python tests/bench/bench_embeddings.py $(if $(PROMPTS),--prompts '$(PROMPTS)') $(BENCH)
	@$(BIN)/python tests/bench/bench_review.py $(BENCH)
	@$(BIN)/python tests/bench/bench_contamination.py $(BENCH)
	@$(BIN)/python tests/bench/bench_truth.py $(BENCH)

.PHONY: bench-memory
bench-memory: setup ## The whole job on 2 million rows under a memory limit, an hour: [BENCH='--rows 100000 --memory 2GB']
	@$(BIN)/python tests/bench/bench_memory.py $(BENCH)

.PHONY: audit
audit: ## Look the locked packages up in a list of known vulnerabilities (needs the network)
	@$(PYTHON) -m venv .venv/audit && .venv/audit/bin/pip install --quiet --disable-pip-version-check pip-audit
	@.venv/audit/bin/pip-audit --strict --requirement requirements.lock --disable-pip --no-deps

.PHONY: lock
lock: ## Renew the lock files (needs uv)
	uv pip compile pyproject.toml --extra dev $(LOCK) --output-file requirements.lock
	printf 'faiss-cpu\nsemhash\n' | uv pip compile - --constraint requirements.lock $(LOCK) --output-file requirements-bench.lock

.PHONY: clean
clean: ## Remove what the demo made
	rm -rf warehouse/demo
