# Needed beforehand: Python 3.11 or newer with venv, make, git; for the tests chromium too. The rest is set up here, in .venv.
.DEFAULT_GOAL := help
.PHONY: help demo test check bench fuzz generated lock sbom

BIN := .venv/bin
RUN := .venv/.run
DEV := .venv/.dev

help:  ## What can be done
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

$(RUN): requirements.lock pyproject.toml
	@tools/setup.sh requirements.lock
	@touch $@

$(DEV): requirements-dev.lock pyproject.toml
	@tools/setup.sh requirements-dev.lock
	@touch $@ $(RUN)

demo: $(RUN)  ## Set up, and assess the sample patients in examples/
	@$(BIN)/python tools/demo.py

test: $(DEV)  ## Set up, and run all tests; coverage of the core must be 95 % or more
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --cov

check: $(DEV)  ## Format, lint, types, lock file, and the knowledge with all its cases
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/unit/test_house_lock.py
	$(BIN)/ischio check

bench: $(DEV)  ## Measure, and write docs/performance.md
	@$(BIN)/python tools/bench.py

fuzz: $(DEV)  ## The property tests with many more examples, the other engines on many more people: hours
	@$(BIN)/python -m pytest -n 2 -m hypothesis --hypothesis-profile=fuzz
	@ISCHIO_CQL_RECORDS=2000 ISCHIO_CQL_REFERENCE=1 ISCHIO_SPARK_PEOPLE=50000 ISCHIO_COHORT_PEOPLE=2000 \
		$(BIN)/python -m pytest tests/conformance/test_cql_agreement.py tests/generative/test_sql_spark.py tests/cohort/test_agreement.py
	@HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest -n 2 --dist load \
		tests/http/test_endpoints_fuzz.py tests/http/test_openapi.py tests/http/test_hooks_malformed.py
	@cd tests && ../$(BIN)/python -m proof.sweep

generated: $(DEV)  ## Write again the files that are made from others
	$(BIN)/ischio assess --schema > docs/reference/assessment.schema.json
	$(BIN)/ischio what-if --schema > docs/reference/what-if.schema.json
	$(BIN)/ischio timeline --schema > docs/reference/timeline.schema.json
	$(BIN)/python tools/intake_documents.py
	$(BIN)/python tools/seed_lines.py
	$(BIN)/python tools/measures_page.py
	$(BIN)/python -m ischio.loading.schema

# Resolves anew and so needs the network; uv lives in a folder of its own because nothing else needs it. The lock for work on
# the project is made first: what the tools of development allow bounds what the product may be pinned to, not the reverse.
lock:  ## Pin again what pyproject.toml asks for
	@test -x .cache/uv/bin/uv || (python3 -m venv .cache/uv && .cache/uv/bin/pip install --quiet 'uv>=0.9')
	.cache/uv/bin/uv pip compile pyproject.toml --extra prove --extra cohort --extra serve --extra postgres --extra spark --group build --group dev \
		--universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet -o requirements-dev.lock
	.cache/uv/bin/uv pip compile pyproject.toml --extra prove --extra cohort --extra serve --group build --constraint requirements-dev.lock \
		--universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet -o requirements.lock

# The tool lives in a folder of its own, as uv does; fetched once over the network.
sbom:  ## Write dist/ischio.cdx.json, the bill of materials of requirements.lock (CycloneDX)
	@test -x .cache/cyclonedx/bin/cyclonedx-py || (python3 -m venv .cache/cyclonedx && .cache/cyclonedx/bin/pip install --quiet 'cyclonedx-bom>=7.5,<8')
	@mkdir -p dist
	PYTHONWARNINGS=ignore .cache/cyclonedx/bin/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible -o dist/ischio.cdx.json
