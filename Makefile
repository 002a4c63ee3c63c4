# Every target sets up what it needs; nothing is done twice while its inputs stay the same.
PYTHON ?= python3
PORT ?= 8000
KB := .venv/bin/python -m kb
READY := .cache/environment
BENCH_READY := .cache/bench-environment
HOOKS := PRE_COMMIT_HOME="$(CURDIR)/.cache/pre-commit" .venv/bin/pre-commit

.DEFAULT_GOAL := help
.PHONY: help serve site check format test lint hooks book release offline audit bench picture lock clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 14

serve: $(READY) ## Build the site and serve it on http://127.0.0.1:8000 (PORT changes the port)
	@$(KB) serve --port $(PORT)

site: $(READY) ## Build the site into site/; with an error the last site stays
	@$(KB) site

check: $(READY) ## Check pages, records and bibliography without a build
	@$(KB) check $(if $(GITHUB_ACTIONS),--format github)

format: $(READY) ## Format bibliography and front matter; no value, comment or text changes
	@$(KB) format

test: $(READY) .cache/chromium .cache/fonts .cache/java ## Run all tests
	@$(HOOKS) run --all-files
	@.venv/bin/python -m pytest

lint: $(READY) ## Format the code, mend what can be mended by rule, and say what cannot
	@.venv/bin/ruff format kb tests
	@.venv/bin/ruff check --fix kb tests
	@$(HOOKS) run --all-files

hooks: $(READY) ## Check spelling, formatting and records before every commit from now on
	@$(HOOKS) install

book: $(READY) .cache/fonts ## Make the PDF and the EPUB in dist/
	@$(KB) book
	@$(KB) book --format epub

release: $(READY) .cache/fonts ## Make site, book, EPUB and offline copy, and prove that they carry the same
	@$(KB) release

offline: $(READY) ## Make the offline copy in dist/: a zip that opens by double-click
	@$(KB) offline

audit: $(READY) .cache/chromium .cache/java .cache/vnu .cache/lighthouse ## Check all HTML with the Nu checker, measure pages with Lighthouse
	@$(KB) site
	@java -Xss8m -jar .cache/vnu/node_modules/vnu-jar/build/dist/vnu.jar --errors-only --skip-non-html site/
	@echo "Nu HTML checker: no error"
	@.venv/bin/python -m tests.audit

bench: $(READY) $(BENCH_READY) .cache/chromium ## Measure speed against stock mkdocs-bibtex and Sphinx, as ratios
	@.venv/bin/python -m tests.bench

picture: $(READY) .cache/chromium ## Take the picture of Home in the README anew
	@$(KB) site
	@.venv/bin/python -m tests.picture

lock: $(READY) ## Pin all dependencies again after a change in pyproject.toml
	@.venv/bin/python -m venv .cache/lock && .cache/lock/bin/python -m pip install --quiet pip-tools
	@CUSTOM_COMPILE_COMMAND="make lock" .cache/lock/bin/pip-compile --quiet --upgrade --generate-hashes --extra dev --strip-extras \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --allow-unsafe --output-file requirements.txt pyproject.toml

clean: ## Remove everything that was generated
	@rm -rf .venv .cache site dist *.egg-info

# The environment: made anew when the pinned versions or the package's own description change.
$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: install it, or name it: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || sh .ci/system-package python3-venv
	@echo "Setting up the environment in .venv"
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@mkdir -p .cache && touch $@

$(BENCH_READY): tests/bench-requirements.txt
	@echo "Setting up the tools that the site is compared with"
	@$(PYTHON) -m venv .cache/bench
	@.cache/bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# The browser that the tests drive, and a library that its driver needs.
.cache/chromium:
	@command -v chromium >/dev/null || sh .ci/system-package chromium
	@$(PYTHON) -c 'import ctypes; ctypes.CDLL("libatomic.so.1")' 2>/dev/null || sh .ci/system-package libatomic1
	@mkdir -p .cache && touch $@

# Titles of Chinese and Japanese records need a font that no Python package carries.
.cache/fonts:
	@test -d /usr/share/fonts/opentype/noto || sh .ci/system-package fonts-noto-cjk
	@mkdir -p .cache && touch $@

# The checker of EPUB is a Java program.
.cache/java:
	@command -v java >/dev/null || sh .ci/system-package default-jre-headless
	@mkdir -p .cache && touch $@

.cache/vnu: NPM_PACKAGE = vnu-jar@26.9.27
.cache/lighthouse: NPM_PACKAGE = lighthouse@12.8.2
.cache/vnu .cache/lighthouse:
	@command -v npm >/dev/null || sh .ci/system-package npm
	@npm install --silent --no-audit --no-fund --prefix $@ $(NPM_PACKAGE) || { rm -rf $@; exit 1; }
