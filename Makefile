# Thin on purpose: every target is what you would type by hand.
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
  $$p -c "$(SUPPORTED)" 2>/dev/null && echo $$p && break; done)
CLIP ?= examples/sample.mp4
PROMPT ?= golden hour from the left
# Handed over as they were typed: a $HOME or a quote in them is theirs.
override CLIP := $(value CLIP)
override PROMPT := $(value PROMPT)
export CLIP PROMPT
# Of its own and first, so that it can be chosen: a plain torch on Linux brings gigabytes of CUDA.
TORCH ?= torch==2.13.0
BIN := .venv/bin
TESTING := .venv/testing

.PHONY: demo test test-all soak check proto zip bpy bpy-all clean

demo: .venv/base
	@$(BIN)/python examples/demo.py

test: $(TESTING)
	$(BIN)/python -m pytest

test-all: $(TESTING)
	$(BIN)/python -m pytest -m "not gpu and not weights"

soak: $(TESTING)
	LAV_SOAK=1 $(BIN)/python -m pytest tests/soak
	$(BIN)/python benchmarks/watchers.py --json benchmarks/results/watchers.json

check: $(TESTING)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

proto:
	$(PYTHON) proto/generate.py

# The add-on as Blender installs it; `lav install blender` makes the same one.
zip: .venv/base
	$(BIN)/python -m lav_client.addon dist

# Blender as a Python module, about 1 GB each: tests of the add-on run in every one that is there.
bpy: .venv/bpy-4.5/ready

bpy-all: .venv/bpy-4.5/ready .venv/bpy-5.0/ready .venv/bpy-5.2/ready

.venv/bpy-5.2/ready: BPY_PYTHON ?= python3.13
.venv/bpy-%/ready: BPY_PYTHON ?= python3.11

.venv/bpy-%/ready:
	@$(BPY_PYTHON) -c "" 2>/dev/null || { echo "Blender $* needs $(BPY_PYTHON)."; exit 1; }
	@echo "Setting up Blender $* as a Python module (once, some minutes)"
	@$(BPY_PYTHON) -m venv .venv/bpy-$*
	@.venv/bpy-$*/bin/python -m pip install --quiet --disable-pip-version-check "bpy==$*.*"
	@touch $@

clean:
	rm -rf out dist build .venv

.venv/base: pyproject.toml
	@test -n "$(PYTHON)" && $(PYTHON) -c "$(SUPPORTED)" || { \
	  echo "LAV Bridge needs Python 3.11, 3.12 or 3.13; none was found. Install one, or name it:"; \
	  echo "  make $(MAKECMDGOALS) PYTHON=/path/to/python3.12"; exit 1; }
	@echo "Setting up .venv (once, a minute or two)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(TESTING): .venv/base
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(TORCH)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[diffusion]" --group test --group check
	@touch $@
