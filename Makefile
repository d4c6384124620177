# Two commands do everything: `make book` and `make test`. `make` alone lists the rest.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
BENCH := .venv-bench
SPARK := .venv-spark
PORT ?= 8000

# One thread a process (two processes run at once), and TensorFlow the same to the bit.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export NUMBA_NUM_THREADS := 1
export TF_NUM_INTRAOP_THREADS := 1
export TF_NUM_INTEROP_THREADS := 1
export TF_ENABLE_ONEDNN_OPTS := 0
export TF_CPP_MIN_LOG_LEVEL := 3
# A figure drawn in a notebook must reach the page: never the agg backend here.
unexport MPLBACKEND

.DEFAULT_GOAL := help
.PHONY: help venv book test clock lint site-test site-all sheets browser bench spark app serve lab mutants clean

help:  ## list the commands (the default)
	@sed -n 's/^\([a-z-]*\):.*##/\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  make %-10s%s\n", $$1, $$2}'

venv:  ## make or refresh .venv from requirements.lock (every command does this first)
	@$(PYTHON) .ci/environment.py $(VENV) requirements.lock

book: venv  ## execute the notebooks and build the HTML course
	@$(RUN) .ci/book.py

test: venv  ## unit, property, contract, doctest, architecture, hygiene and notebook tests
	@$(RUN) .ci/warm.py
	@$(RUN) -m pytest -q -n 2 --dist loadscope tests recbook

clock: venv  ## build, and hold it to its memory and each page to its processor seconds
	@$(RUN) .ci/memory.py
	@$(RUN) .ci/clock.py
	@$(RUN) -m pytest -q -m clock tests/book/test_clock.py

lint: venv  ## ruff: lint and format, code and notebooks; mypy: the annotations
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy --cache-dir _build/mypy

site-test: book browser  ## read every built page in a browser, and run notebooks in Lab
	@$(RUN) -m pytest -q -n 2 --dist worksteal -m site tests/book tests/page_python tests/app/test_page.py tests/report/test_browser.py

site-all: export RECBOOK_ALL_PAGES := 1
site-all: site-test  ## the same of all pages, slides and cells, not of each kind (nightly, an hour)

sheets: book browser  ## print each session's exercises, answers and slides (SESSION=7: one)
	@$(RUN) .ci/sheets.py $(SESSION)

browser:
	@command -v chromium chromium-browser google-chrome >/dev/null || { \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
	  apt-get update -qq && apt-get install -y -qq chromium fonts-noto-cjk >/dev/null; } || { \
	  echo "recbook: this needs Chromium: install it (on Debian, apt-get install chromium), then run it again."; exit 1; }

bench: venv  ## measure beside the peers, in an environment of their own (minutes)
	@$(PYTHON) .ci/environment.py $(BENCH) tests/benchmarks/requirements.lock
	@$(BENCH)/bin/python -m tests.benchmarks

spark:  ## run the Spark tests and page 5.7 with Spark and its own Java (minutes)
	@$(PYTHON) .ci/environment.py $(SPARK) tests/benchmarks/spark.lock
	@$(SPARK)/bin/python -m pytest -q --nbval-lax --nbval-current-env tests/test_spark.py chapters/5-project/scale-out.ipynb
	@$(SPARK)/bin/python -m recbook.spark stars

mutants: venv  ## break the package on purpose, and count what tests and chapters notice
	@$(RUN) tests/house/mutate.py
	@$(RUN) tests/house/mutate_book.py

app: venv  ## start the film recommender's service at a loopback address (PORT=8000)
	@$(RUN) -m recbook.app --port $(PORT)

serve: book  ## read the built course at a loopback address (PORT=8000)
	@$(RUN) .ci/serve.py $(PORT)

lab: book  ## work on your own copy of the notebooks, in my/, in JupyterLab
	@$(RUN) .ci/lab.py

clean:  ## remove what was built; the environment stays
	rm -rf _build .pytest_cache .ruff_cache .hypothesis dist
	find recbook tests chapters -name __pycache__ -type d -prune -exec rm -rf {} +
