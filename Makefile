# The commands of the silo. They need python3 (3.11 or later), make and the package index, and nothing else.
#
#   make demo    the silo with fictional people, at http://127.0.0.1:8000   (PORT=8001 make demo: another port)
#   make run     the same, empty: make the first admin, then import or load the demo
#   make test    the suite, on servers of its own (next to a running silo, if you like)
#   make test-all   the slow ones, too: every restart, every hostile string, every action on every scene
#   make check   lint, types, import contracts, migrations, templates, architecture
#   make faults  the promise "never twice, never lost" tried: ROUNDS=50 SEED=1, some 40 s a round (docs/faults.md)
#   make lock    write requirements/*.txt again from requirements/*.in

PYTHON ?= python3
PORT ?= 8000
WORKERS ?= 2
VENV := .venv/bin/python
PIP := $(VENV) -m pip install -qq --disable-pip-version-check --no-input --require-hashes
APPS := silo sales nurturing contacts

.PHONY: demo run test test-all check lock messages format

demo: free-port .venv/installed-app
	@exec $(VENV) -m silo.embedded.serve --with-parent --demo --port "$(PORT)"

run: free-port .venv/installed-app
	@exec $(VENV) -m silo.embedded.serve --with-parent --port "$(PORT)"

test: .venv/installed-dev
	$(VENV) -m pytest -q -n $(WORKERS) --dist worksteal -m "not slow" $(TESTS)

test-all: .venv/installed-dev
	$(VENV) -m pytest -q -n $(WORKERS) --dist worksteal $(TESTS)

ROUNDS ?= 5
SEED ?= 1
.PHONY: faults
faults: .venv/installed-dev
	@$(VENV) -m bench.faults --rounds "$(ROUNDS)" --seed "$(SEED)"

# `make -k check` goes on after a failure and shows all of them.
check: style types imports migrations deployment templates architecture
.PHONY: style types imports migrations deployment templates architecture

style: .venv/installed-dev
	$(VENV) -m ruff check .
	$(VENV) -m ruff format --check .

types: .venv/installed-dev
	$(VENV) -m mypy $(APPS) manage.py tests

imports: .venv/installed-dev
	$(VENV) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --no-logo

migrations: .venv/installed-dev
	$(VENV) manage.py makemigrations --check --dry-run

deployment: .venv/installed-dev
	$(VENV) -m tests.production

templates: .venv/installed-dev
	$(VENV) -m djlint --lint --quiet templates

architecture: .venv/installed-dev
	$(VENV) -m pytest -q tests/architecture

# Repair what tools can repair.
format: .venv/installed-dev
	$(VENV) -m ruff check --fix .
	$(VENV) -m ruff format .

# Collect and compile the words (needs the system's gettext).
messages: .venv/installed-app
	$(VENV) manage.py makemessages --no-location --ignore .venv --locale sv --locale nb
	$(VENV) manage.py compilemessages --ignore .venv

LOCK := $(VENV) -m uv pip compile --quiet --universal --python-version 3.11.0 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate
lock: .venv/made
	$(VENV) -m pip install --quiet uv
	for name in app local dev; do $(LOCK) requirements/$$name.in --output-file requirements/$$name.txt || exit 1; done

.PHONY: free-port
free-port:
	@$(PYTHON) silo/embedded/port.py "$(PORT)"

.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit("The silo needs Python 3.11 or later." if sys.version_info < (3, 11) else 0)'
	@echo "Making .venv …"
	@$(PYTHON) -m venv .venv || { echo "python3 brings no venv here: on Debian, install python3-venv."; rm -rf .venv; exit 1; }
	@touch $@

.venv/installed-app: requirements/app.txt requirements/local.txt | .venv/made
	@echo "Installing what the silo runs on …"
	@$(PIP) -r requirements/app.txt -r requirements/local.txt
	@touch $@

.venv/installed-dev: requirements/dev.txt .venv/installed-app | .venv/made
	@echo "Installing what checks and tests need …"
	@$(PIP) -r requirements/app.txt -r requirements/local.txt -r requirements/dev.txt
	@touch $@
