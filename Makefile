# Two commands: `make crawl` and `make test`. Both make the environment first.
#
#   make crawl                          crawl the demonstration site that Permalien carries
#   make crawl URL=https://example.org  crawl that site
#   make test                           the tests, on SQLite and PostgreSQL
#   make soak                           storms, years, properties on many examples, and tests on the database
#                                       whose turn it is not in `make test` (hours; SOAK="-k kill")
#   make check                          all that CI checks: format, lint, types, contracts, tests
#   make bench                          speed, side by side with the plain way and the limit
#   make bench-reading                  CPU of reading a page (READING="FOLDER --beside CHECKOUT")
#   make bench-search                   speed of search over made-up articles (SEARCH="--articles 1000000")
#   make bench-export                   speed and memory of exports (EXPORT="--articles 1000000")
#   make bench-reader                   the reader, asked by many at once (READER="--people 50")
#   make bench-import                   speed and memory of a WARC file's import (IMPORT="--pages 10000")
#   make bench-reextract               stored pages read again, beside bare extraction (REEXTRACT="--pages 10000")
#   make quality                        how well pages are read, beside Trafilatura (QUALITY="--sample 100 FOLDER")
#   make teach FOLDERS="FOLDER …"       teach the second opinion on blocks on pages with their answers
#   make titles DATA="CORPORA LIVES"    teach which of a page's titles is its own, and measure by folds of sites
#   make year                           a simulated year of news, crawled and judged (hours; YEAR="--days 16")
#   make fuzz                           ten minutes of coverage-guided fuzzing of extraction
#   make screenshots                    make the pictures of docs/reader.md anew
#   make dictionary                     write docs/data-dictionary.md anew
#   make lock                           renew the locked dependencies

# Compiling what was installed at every start would be most of a start.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Many tests wait for a server or a process: five share two cores well.
SPREAD := --numprocesses 5 --dist worksteal

.PHONY: chromium crawl test soak check bench bench-search bench-export bench-reader bench-reextract quality titles year fuzz screenshots dictionary lock clean bench-reading

crawl: $(VENV)/.installed
	@$(BIN)/permalien db upgrade
ifdef URL
	@$(BIN)/permalien crawl "$(URL)"
else
	@$(BIN)/permalien demo
endif

test: $(VENV)/.tested chromium
	$(BIN)/pytest $(SPREAD)

# The browser that walks the reader in the tests, and shows pages to crawls of theirs.
chromium:
	@command -v chromium >/dev/null || { test "$$(id -u)" = 0 && echo "Installing Chromium ..." \
		&& apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } \
		|| { echo "The tests need Chromium: sudo apt-get install chromium" >&2; exit 1; }

soak: $(VENV)/.tested
	$(BIN)/pytest -m "soak or hypothesis" --hypothesis-profile soak --timeout 7200 $(SOAK)

check: $(VENV)/.tested chromium
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest $(SPREAD)

bench: $(VENV)/.tested
	$(BIN)/python -m tests.benchmark.crawl_speed $(BENCH)

bench-reading: $(VENV)/.tested
	$(BIN)/python -m tests.benchmark.reading_speed $(READING)

bench-search: $(VENV)/.tested
	$(BIN)/python -m tests.benchmark.search_speed $(SEARCH)

bench-export: $(VENV)/.tested
	$(BIN)/python -m tests.benchmark.export_speed $(EXPORT)

bench-reader: $(VENV)/.tested
	$(BIN)/python -m tests.benchmark.reader_load $(READER)

bench-import: $(VENV)/.tested
	$(BIN)/python -m tests.benchmark.import_speed $(IMPORT)

bench-reextract: $(VENV)/.tested
	$(BIN)/python -m tests.benchmark.reextraction_speed $(REEXTRACT)

quality: $(VENV)/.tested
	$(BIN)/python -m tests.benchmark.extraction_quality $(QUALITY)

teach: $(VENV)/.tested
	$(BIN)/python -m tests.benchmark.teaching $(FOLDERS)

titles: $(VENV)/.tested
	$(BIN)/python -m tests.benchmark.title_training $(DATA)

year: $(VENV)/.tested
	$(BIN)/python -m tests.simulation $(YEAR)

fuzz: $(VENV)/.tested
	$(BIN)/python -m pip install -q --disable-pip-version-check -e ".[fuzz]"
	$(BIN)/python -m tests.fuzz.fuzz_extraction .fuzz $(or $(FUZZ),-max_total_time=600)

screenshots: $(VENV)/.tested chromium
	$(BIN)/python -m tests.reader.screenshots docs/images

dictionary: $(VENV)/.installed
	$(BIN)/permalien db dictionary > docs/data-dictionary.md

lock: $(VENV)/.tested
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-annotate --python-version 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-annotate --python-version 3.11 --extra dev pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-annotate --python-version 3.11 requirements-replay.in -o requirements-replay.lock

clean:
	rm -rf $(VENV)

# Dependencies exactly as locked, each file by its hash; then Permalien itself, editable.
$(VENV)/.installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.tested: requirements-dev.lock $(VENV)/.installed $(VENV)/.replay
	@echo "Installing what the tests need ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

# Servers that tests run (pywb, moto's S3), which can't share an environment with Permalien.
$(VENV)/.replay: requirements-replay.lock $(VENV)/.installed
	@echo "Installing what the tests replay WARC files with ..."
	@$(BIN)/python -m venv $(VENV)/replay
	@$(VENV)/replay/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements-replay.lock
	@touch $@
