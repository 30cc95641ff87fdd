# `make` alone lists what there is to do.
#
# Everything runs as `.venv/bin/python -m …` and with relative paths, never through the scripts in
# .venv/bin: their first line holds the folder's path, which may be long and contain spaces.
# pip's settings (index, proxy, certificates) are those of the machine; none is set here.

SHELL := /bin/sh
PY := .venv/bin/python
ARGS ?=
PYTHON ?=
COMMANDS ?= 200000
ONLY ?=

.PHONY: help setup demo test tamper properties mutation fmt fuzz openapi bench lock clean

help: ## list what there is to do
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "  ARGS=...     goes on to caseledger (demo), pytest (test) or uv (lock): make demo ARGS=--once"
	@echo "  ONLY=...     names the mutants to run, all or some: make mutation ONLY='ledger.domain.plans.*'"
	@echo "  PYTHON=...   is the Python to set up with: make setup PYTHON=python3.13"

setup: ## make .venv with all that is locked (at once when nothing has changed)
	@sh -c "$$find_python; $$setup"

demo: setup ## set up, start the ledger with a sample book, print what to try; Ctrl-C ends it
	@exec $(PY) -m ledger.cli demo $(ARGS)

# ARGS come last, so that they can undo the options before them (-n 0).
test: setup ## set up, then all that CI runs: format, lint, types, import contracts, tests
	$(PY) -m ruff format --check --quiet .
	$(PY) -m ruff check --quiet .
	$(PY) -m mypy --no-error-summary
	@$(PY) -c 'import sys; from importlinter.cli import lint_imports_command as run; run(sys.argv[1:])' --no-logo
	exec $(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

tamper: setup ## tamper with books 2,000 times as their owner, and look at 200 that are whole (minutes)
	CASELEDGER_TAMPERINGS=2000 exec $(PY) -m pytest -n 0 -s tests/proof/test_tampering.py $(ARGS)

properties: setup ## throw 200,000 commands of every kind at cases; COMMANDS=... for another number
	CASELEDGER_PROPERTY_COMMANDS=$(COMMANDS) exec $(PY) -m pytest tests/properties/test_any_case.py -n 0 -s $(ARGS)

# Two cores take an hour for all: ONLY names some, as ONLY='ledger.domain.decisions.letters.*'. What was
# found stays in mutants/, and only what changed since is run again.
mutation: setup ## change the domain's decisions line by line and see which changes no test notices
	nice -n 10 $(PY) -m mutmut run $(if $(ONLY),'$(ONLY)') $(ARGS)
	$(PY) -m tests.mutants

fmt: setup ## format the code and mend what can be mended without thought
	$(PY) -m ruff check --fix --quiet . || :
	$(PY) -m ruff format .

fuzz: setup ## the long tests of the API: made-up requests as each role, a feed cut off 100 times
	CASELEDGER_TEST_EXAMPLES=5 CASELEDGER_TEST_RESUMES=100 $(PY) -m pytest -n 2 -s -o faulthandler_timeout=0 tests/api/test_fuzz.py tests/api/test_feed.py $(ARGS)

openapi: setup ## write docs/openapi.json anew
	$(PY) -m api >docs/openapi.json.new && mv docs/openapi.json.new docs/openapi.json

bench: setup ## measure against peers in one run (two hours); ARGS="--quick", ARGS="commands http", ...
	@sh -c "$$peers"
	exec $(PY) -m benchmarks $(ARGS)

lock: ## write requirements/*.txt anew from pyproject.toml; ARGS=--upgrade for newer versions
	@sh -c "$$find_python; $$lock"

clean: ## remove .venv and all that tools have left behind; the ledger's data stay
	rm -rf .venv benchmarks/peers/.venv build dist htmlcov .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache mutants
	@find . -name .git -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +

# ------------------------------------------------------------------------------------------------
# The shell behind `setup` and `lock`, as it is: no $$, no trailing backslashes.

# Sets $python to the interpreter itself (not a shim or a venv's link) behind the first of these that
# is new enough: the one asked for; the one .venv was made with; one on PATH, if possible of a version
# for which every dependency has a wheel.
define find_python_sh
set -eu
fail() {
    echo "make: $1" >&2
    shift
    for line; do echo "      $line" >&2; done
    exit 1
}
find_python() {
    below=$1
    shift
    for candidate; do
        python=$("$candidate" -c "
import sys
print(sys._base_executable)
sys.exit(not (3, 11) <= sys.version_info < (3, $below))" 2>/dev/null) && return
    done
    return 1
}
if [ -n "${PYTHON:-}" ]; then
    find_python 99 "$PYTHON" || fail "PYTHON=$PYTHON does not run, or is older than Python 3.11."
else
    set -- .venv/bin/python python3 python3.14 python3.13 python3.12 python3.11 python
    find_python 15 "$@" || find_python 99 "$@" || fail \
        "caseledger needs Python 3.11 or later; on PATH is $(command -v python3 >/dev/null && python3 --version || echo none)." \
        "Debian, Ubuntu: apt install python3 python3-venv    Fedora: dnf install python3    macOS: brew install python" \
        "Or name one that is elsewhere: make setup PYTHON=/path/to/python3.12"
fi
endef

# What .venv was made from is written into it last, so that an interrupted setup starts afresh.
# Another lock file, Python or folder makes it anew; another pyproject.toml only installs the project.
# The lock file is complete, so nothing is resolved: asked to, pip before 23.3 takes a dependency with
# an extra (coverage[toml]) for another than the locked one, as soon as a newer release is out.
define setup_sh
locked="$(cksum <requirements/dev.txt) $("$python" -c 'import sys; print(sys.base_prefix, *sys.version.split())') $PWD"
project=$(cksum <pyproject.toml)
is() { [ "$(cat ".venv/$1" 2>/dev/null)" = "$2" ]; }
[ -x .venv/bin/python ] && is .made-from "$locked" && is .installed "$project" && [ -z "${also:-}" ] && exit 0

if "$python" -m ensurepip --version >/dev/null 2>&1; then
    without_pip=
    pip() { .venv/bin/python -m pip "$@"; }
elif "$python" -m pip --python "$python" --version >/dev/null 2>&1; then
    without_pip=--without-pip
    pip() { "$python" -m pip --python .venv/bin/python "$@"; }
else
    fail "$python has neither ensurepip nor pip, so it cannot make a virtual environment." \
        "Debian, Ubuntu: apt install python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv" \
        "Or name another Python 3.11 or later: make setup PYTHON=/path/to/python3.12"
fi
pip_install() {
    PIP_USER=0 pip --disable-pip-version-check --no-input install --progress-bar off "$@" >>.venv/setup.log 2>&1 && return
    grep '^ *ERROR' .venv/setup.log >&2 || tail -n 15 .venv/setup.log >&2
    fail "pip could not install what requirements/dev.txt locks (the whole story: .venv/setup.log)." \
        "It needs a network, or a mirror or proxy named in pip's own settings."
}

if ! { [ -x .venv/bin/python ] && is .made-from "$locked"; }; then
    echo "Setting up .venv with $("$python" --version) ($python); this takes about half a minute ..."
    rm -rf .venv/.made-from .venv 2>/dev/null || fail "The .venv that is here cannot be replaced: was it made by another user?"
    "$python" -m venv $without_pip .venv
    pip_install --no-deps --require-hashes --only-binary :all: -r requirements/dev.txt
    printf '%s\n' "$locked" >.venv/.made-from
fi
rm -f .venv/.installed
pip_install --no-deps --no-build-isolation --editable .
[ -z "${also:-}" ] || pip_install --no-deps --require-hashes --only-binary :all: -r "$also"
printf '%s\n' "$project" >.venv/.installed
endef

# The peers of the benchmarks have libraries that ours can't stand beside.
define peers_sh
set -eu
peers=benchmarks/peers/.venv
locked=$(cksum <requirements/peers.txt)
[ "$(cat $peers/.made-from 2>/dev/null)" = "$locked" ] && exit 0
echo "Setting up $peers with what is measured beside us; this takes a minute ..."
rm -rf $peers
.venv/bin/python -m venv $peers
$peers/bin/python -m pip --disable-pip-version-check --no-input install --quiet --no-deps --require-hashes --only-binary :all: -r requirements/peers.txt
printf '%s\n' "$locked" >$peers/.made-from
endef

# --universal and --python-version: one file for every system and each Python from 3.11 on.
# The hashes are those of all wheels; no line names where they were fetched from. A mirror for uv
# itself is named in uv's own settings (UV_DEFAULT_INDEX), as it does not read pip's.
define lock_sh
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
"$python" -m venv "$tmp"
"$tmp/bin/python" -m pip --disable-pip-version-check install --quiet --no-deps --require-hashes --only-binary :all: -r requirements/lock.txt
compile() {
    "$tmp/bin/python" -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --annotation-style line --custom-compile-command 'make lock' ${ARGS:-} "$@"
}
compile pyproject.toml --output-file requirements/runtime.txt
compile pyproject.toml --group dev --constraint requirements/runtime.txt --output-file requirements/dev.txt
compile --group lock --output-file requirements/lock.txt
compile --group peers --output-file requirements/peers.txt
compile --group mutation --constraint requirements/dev.txt --output-file requirements/mutation.txt
! grep -n '://' requirements/*.txt || fail "A lock file names an address, see above."
endef

setup lock: export PYTHON := $(PYTHON)
setup lock: export find_python := $(value find_python_sh)
setup: export setup := $(value setup_sh)
bench: export peers := $(value peers_sh)
mutation: export also := requirements/mutation.txt
lock: export lock := $(value lock_sh)
lock: export ARGS := $(ARGS)
