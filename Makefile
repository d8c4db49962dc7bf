# Everything that people and CI do with this repository; `make` alone prints the list.
#
# Needs Python 3.11 or newer with venv, a C++ compiler and make. PYTHON= chooses the interpreter.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed-for
BEGAN := $(shell date +%s)
TOOK = $$(( $$(date +%s) - $(BEGAN) )) s

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo check test bench fmt clean tools model editors vscode FORCE

help: ## print this list
	@echo "make TARGET, with TARGET one of:"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1|\2/p' $(firstword $(MAKEFILE_LIST)) | while IFS='|' read -r name about; do \
		printf '  %-8s %s\n' "$$name" "$$about"; done

setup: tools ## make .venv with Fathom, its tools and the local backend (builds llama.cpp once a machine)
	@$(BIN)/python .ci/local_backend.py $(BIN)/python
	@echo "[setup] ready after $(TOOK)"

demo: setup model ## fill a real hole in a file of this repository with the default model
	@$(BIN)/python .ci/demo.py
	@echo "[demo] took $(TOOK)"

check: tools ## format, lint, types, layers and the pure tests; needs neither backend nor model
	@$(BIN)/python .ci/stages.py format lint types layers pure

test: setup model editors ## everything: what check does, and the tests with real processes, weights and editors
	@FATHOM_REQUIRE_MODEL=1 $(BIN)/python .ci/stages.py format lint types layers pure process model editor
	@echo "[test] took $(TOOK)"

vscode: tools ## build the extension for VS Code: editors/vscode/fathom.vsix
	@$(BIN)/python .ci/editors.py extension
	@echo "[vscode] editors/vscode/fathom.vsix after $(TOOK)"

bench: setup model ## measure, beside llama.cpp's own server, and write the figures into docs/BENCHMARKS.md (20 minutes)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --editable '.[bench]'
	@$(BIN)/python .ci/bench.py
	@echo "[bench] took $(TOOK)"

fmt: tools ## lay the code out and mend what ruff can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean: ## remove .venv and caches from this folder (the kept wheel and the models stay)
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

model: tools
	@$(BIN)/fathom models pull

editors: tools
	@$(BIN)/python .ci/editors.py

tools: $(INSTALLED)

# An environment points at the folder that it was made in, so a moved or copied one is made anew.
ifneq ($(shell cat $(INSTALLED) 2>/dev/null),$(CURDIR))
$(INSTALLED): FORCE
endif

$(INSTALLED): pyproject.toml
	@command -v $(PYTHON) >/dev/null || { \
		echo "[setup] Python 3.11 or newer is needed; '$(PYTHON)' was not found." \
			"On Debian: sudo apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "[setup] Python 3.11 or newer is needed; '$(PYTHON)' is $$($(PYTHON) -V 2>&1)." \
			"Name another one: make setup PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "[setup] this Python cannot make virtual environments." \
			"On Debian: sudo apt-get install python3-venv"; exit 1; }
	@if [ -f $@ ] && [ "$$(cat $@)" != "$(CURDIR)" ] || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		echo "[setup] making $(VENV) with $$($(PYTHON) -V)"; \
		$(PYTHON) -m venv --clear $(VENV); fi
	@echo "[setup] installing Fathom and its tools into $(VENV) (a minute when nothing is cached)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --editable '.[dev]'
	@echo "$(CURDIR)" > $@

FORCE:
