# Everything a developer types. `make run` and `make test` need Python 3.11 or newer with venv, and nothing else.
PYTHON ?= python3
PORT ?=
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
COVERAGE := $(BIN)/python -W 'ignore:Unable to activate pytest branch coverage:RuntimeWarning' -m slipcover --out build/coverage.json
# Of lines and branches, in percent. Asked for after the tests: with it, slipcover 1.1 loses what pytest-xdist counted.
LEAST_COVERAGE := 96
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PORT
ifeq ($(PORT),)
unexport PORT
endif
.PHONY: run dev staff backup restore status update test prove matrix mutate bench lint lock artwork

run: .venv/run .env
	@$(MANAGE) prepare
	@[ "$$WEB_CONCURRENCY" ] || unset WEB_CONCURRENCY; exec $(BIN)/gunicorn clinic_site.wsgi

dev: export DEBUG := true
dev: export PYTHONUNBUFFERED := 1
dev: .venv/run .env
	@$(MANAGE) prepare
	@exec $(MANAGE) runserver $(PORT)

staff: .venv/run .env
	@$(MANAGE) createsuperuser

# Into the folder TO, or BACKUP_DIR
backup: .venv/run .env
	@$(MANAGE) backup $(if $(TO),'$(TO)')

restore: .venv/run .env
	@$(MANAGE) restore $(if $(FILE),'$(FILE)')

status: .venv/run .env
	@$(MANAGE) status

# On a server: puts the newest release in place, or the one that VERSION names
update:
	@exec $(PYTHON) -m deploy.update $(VERSION)

test: .venv/dev
ifdef ONLY
	@$(BIN)/pytest $(ONLY)
else
	@mkdir -p build
	@.ci/need chromium || without="--ignore tests/browser"; \
	$(COVERAGE) --format json -m pytest -n 2 --dist worksteal --ignore tests/prove $$without
	@$(COVERAGE) --merge build/coverage.json --fail-under $(LEAST_COVERAGE)
endif

prove: .venv/dev
	@.ci/need postgresql
	@leave_out() { for name; do without="$$without --ignore tests/prove/test_$$name.py"; done; }; \
	.ci/need nginx || leave_out nginx; \
	.ci/need systemd || leave_out units; \
	.ci/need debootstrap || leave_out machines into_service; \
	$(BIN)/pytest tests/prove $$without

# The tests on each Python of this machine, with the locked Django and the next
matrix:
	@.ci/matrix

# Which changes of the code no test notices: the whole list takes hours
mutate: .venv/dev
	@.ci/mutate $(if $(ONLY),'$(ONLY)')

bench: .venv/dev
	@$(BIN)/python -m tests.bench

lint: .venv/dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/djade --check $$(git ls-files 'templates/*.html')
	$(BIN)/django-upgrade --target-version 5.2 $$(git ls-files '*.py')
	$(BIN)/mypy
ifneq ($(shell command -v npm),)
	@$(MAKE) --no-print-directory -s node_modules/.package-lock.json
	node_modules/.bin/tsc --project .
	node_modules/.bin/biome lint --error-on-warnings
else
	@echo "Left out: the scripts in static/js. Their tools need npm; on Debian or Ubuntu: apt-get install nodejs npm"
endif
	SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') SITE_URL=https://www.example.com DATA_DIR=$$(mktemp -d) sh -c '$(MANAGE) makemigrations --check --dry-run && $(MANAGE) check --deploy --fail-level WARNING'

# The drawings, anew from their generator
artwork: .venv/dev
	$(BIN)/python -m artwork

# The only command that needs uv
lock:
	uv pip compile -q --generate-hashes --no-header --no-annotate --universal --python-version 3.11 --upgrade requirements/run.in -o requirements/run.txt
	uv pip compile -q --generate-hashes --no-header --no-annotate --universal --python-version 3.11 --upgrade -c requirements/run.txt requirements/postgres.in -o requirements/postgres.txt
	uv pip compile -q --generate-hashes --no-header --no-annotate --universal --python-version 3.11 --upgrade -c requirements/run.txt requirements/s3.in -o requirements/s3.txt
	uv pip compile -q --generate-hashes --no-header --no-annotate --universal --python-version 3.11 --upgrade -c requirements/run.txt -c requirements/postgres.txt -c requirements/s3.txt requirements/dev.in -o requirements/dev.txt
	uv pip compile -q --generate-hashes --no-header --no-annotate --universal --python-version 3.12 --upgrade requirements/next.in -o requirements/next.txt

# Begins each rule that installs: of two makes at once, the second waits and finds done what the first did.
# Without flock (macOS), nobody waits.
ONCE = exec 9<Makefile; flock 9 2>/dev/null; [ -e $@ ] && [ -z "$(if $^,$$(find $^ -newer $@))" ] && exit;

.env: | .venv/python
	@$(ONCE) umask 077; $(BIN)/python -c 'import secrets; print("SECRET_KEY=" + secrets.token_urlsafe(50))' > .env.new && mv .env.new .env

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Python 3.11 or newer is needed, and $(PYTHON) is not. Name another one: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) lacks its venv module. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(ONCE) $(PYTHON) -m venv .venv && touch $@

.venv/run: .venv/python requirements/run.txt
	@$(ONCE) $(BIN)/pip install -q --require-hashes -r requirements/run.txt && touch $@

.venv/dev: .venv/python requirements/dev.txt
	@$(ONCE) $(BIN)/pip install -q --require-hashes -r requirements/dev.txt && touch $@

node_modules/.package-lock.json: package.json package-lock.json
	@$(ONCE) npm ci --loglevel error >/dev/null --no-audit --no-fund && touch $@
