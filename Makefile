# The commands of Kling Desktop, the same for people and for CI. `make help` lists them.
# Each target prepares what it needs first (tools/bootstrap.py); on a ready machine that takes a blink.

PYTHON ?=
ARGS ?=
VENV_PYTHON := .venv/bin/python
# A file of tests stays in one process: its figures are ratios of one run. How many processes, and
# which files begin, is in tests/conftest.py.
PARALLEL := -n auto --dist loadfile --no-loadscope-reorder
SECOND := 3.11
SECOND_PYTHON := .venv-$(SECOND)/bin/python
SAMPLE := resources/samples/umbrella.jpg
SAMPLE_PROMPT := The umbrella turns slowly in the wind while the camera moves closer

# Images for CI switch bytecode off; then each of the many processes of a test run compiles anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run setup test conformance test-windows check lint format bench screenshots packages messages crashtest coverage mutants sweep fuzz lock package clean distclean

# Any Python from 3.8 on may start the set-up; it looks for the right one itself.
define prepare
@for candidate in $(VENV_PYTHON) python3 python python3.13 python3.12 python3.11 /usr/bin/python3; do \
	if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 8))' >/dev/null 2>&1; then \
		exec "$$candidate" tools/bootstrap.py --python "$(PYTHON)" $(1); \
	fi; \
done; \
echo "Kling Desktop needs Python 3.11, 3.12 or 3.13, and no Python runs here." >&2; exit 1
endef

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /    make \1\t/' | expand -t 24
	@echo "    PYTHON=python3.12 chooses the interpreter, ARGS=… is passed on."

run: ## open the window; without a display, make one video in the sandbox
	$(call prepare,--group run)
	@if [ "$$(uname)" = Linux ] && [ -z "$$DISPLAY$$WAYLAND_DISPLAY" ] && [ -z "$(ARGS)" ]; then \
		echo "No display here: making one video in the sandbox, from $(SAMPLE)."; \
		$(VENV_PYTHON) main.py generate --sandbox --model "2.5 Turbo Pro" \
			--first-frame $(SAMPLE) --prompt "$(SAMPLE_PROMPT)" --wait; \
	else \
		$(VENV_PYTHON) main.py $(ARGS); \
	fi

setup: ## prepare this machine for development: .venv, libraries, Xvfb and its like
	$(call prepare,--group dev --second $(SECOND) --test-programs)

test: ## run the tests, on Python 3.11 as well where it is there
	$(call prepare,--group dev --second $(SECOND))
	$(VENV_PYTHON) -m pytest $(PARALLEL) -m "not conformance" $(ARGS)
	@if [ -x $(SECOND_PYTHON) ] && [ "$$($(VENV_PYTHON) -V | cut -d. -f1,2)" != "Python $(SECOND)" ]; then \
		echo "And on Python $(SECOND), with fewer drawn examples:"; \
		KLING_DESKTOP_EXAMPLES=8 $(SECOND_PYTHON) -m pytest $(PARALLEL) -m "not once and not conformance" $(ARGS); \
	fi

conformance: ## run the tests that start programs, install other clients or take long
	$(call prepare,--group dev)
	$(VENV_PYTHON) -m pytest $(PARALLEL) -m conformance $(ARGS)

test-windows: ## run the tests and one real job with a Windows Python under Wine
	$(call prepare,--group dev --test-programs)
	$(VENV_PYTHON) tools/windows_tests.py $(ARGS)

check: lint test ## format, lint, import contracts, types and tests: all that CI asks

lint: ## everything of `make check` but the tests
	$(call prepare,--group dev)
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m ruff check .
	.venv/bin/lint-imports
	$(VENV_PYTHON) -m basedpyright
	$(VENV_PYTHON) tools/dead_code.py

format: ## let ruff format the code and repair what it can
	$(call prepare,--group dev)
	$(VENV_PYTHON) -m ruff format .
	$(VENV_PYTHON) -m ruff check --fix .

bench: ## print the figures: start, picture checks, queue, download, stalls, requests
	$(call prepare,--group dev)
	$(VENV_PYTHON) tools/bench.py $(ARGS)

screenshots: ## render every screen, dark and light, into docs/screenshots
	$(call prepare,--group dev --test-programs)
	$(VENV_PYTHON) tools/render_screens.py docs/screenshots $(ARGS)

packages: ## draw the packages and their imports into docs/packages.svg
	$(call prepare,--group dev)
	$(VENV_PYTHON) tools/draw_packages.py

messages: ## extract the sentences for translation and compile the languages
	$(call prepare,--group dev)
	$(VENV_PYTHON) tools/messages.py

crashtest: ## kill the app at random moments and count that nothing is lost or paid twice
	$(call prepare,--group dev)
	$(VENV_PYTHON) tools/crashtest.py $(ARGS)

coverage: ## print which lines and branches of engine and storage no test reaches
	$(call prepare,--group dev)
	$(VENV_PYTHON) -m coverage run --branch --source=kling_desktop.engine,kling_desktop.storage \
		-m pytest -q tests/engine tests/storage $(ARGS)
	$(VENV_PYTHON) -m coverage report --show-missing --skip-covered

mutants: ## change engine and storage in 300 places, one at a time; prints what no test notices
	$(call prepare,--group dev)
	$(VENV_PYTHON) tools/mutants.py $(ARGS)

sweep: ## let every single operation of a job's life fail, then kill the app there; prints how many
	$(call prepare,--group dev)
	$(VENV_PYTHON) tools/sweep.py $(ARGS)

fuzz: ## feed malformed pictures, batches and replies until something gives
	$(call prepare,--group dev)
	$(VENV_PYTHON) tools/fuzz.py $(ARGS)

lock: ## renew packaging/requirements from pyproject.toml (needs uv)
	$(call prepare,--group dev)
	$(VENV_PYTHON) tools/lock.py $(ARGS)

package: ## build the package of this system into dist
	$(call prepare,--group bundle --venv build/venv)
	@if [ "$$(uname)" = Darwin ]; then sh packaging/build_macos.sh; \
	else build/venv/bin/python packaging/build_linux.py $(ARGS); fi

clean: ## remove what was built and all caches
	rm -rf build dist htmlcov .coverage .coverage.* .pytest_cache .ruff_cache .hypothesis \
		.import_linter_cache .grimp_cache
	find kling_desktop tests tools packaging -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## remove the virtual environments too
	rm -rf .venv .venv-* .windows
