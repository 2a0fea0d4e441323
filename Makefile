# What a newcomer needs: `make demo` shows, `make test` proves. `make help` lists all.

CARGO ?= cargo
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
PACKAGES := libgdal-dev libproj-dev pkg-config g++

.PHONY: help setup demo test lint bench docs sample web web-test

help: ## lists the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## installs the system's GDAL and PROJ where they are missing (Debian, Ubuntu)
	@{ pkg-config --exists gdal proj && command -v c++ >/dev/null; } 2>/dev/null || { $(SUDO) apt-get update -q && $(SUDO) apt-get install -y -q --no-install-recommends $(PACKAGES); }

demo: setup ## builds ilot, makes the sample town and runs it through the whole pipeline
	$(CARGO) build --release --locked
	target/release/ilot sample out/town --size 500x500
	target/release/ilot run out/town
	@echo "Open out/town/out/ilot.qgz in QGIS; out/town/truth holds what is true."

test: setup ## runs all tests
	$(CARGO) test --workspace --locked

lint: setup ## format, lints, documentation
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --locked --quiet

bench: setup ## criterion benches of the kernels and of the doors
	$(CARGO) bench --workspace --locked

docs: ## writes what is made from the code: schema, styles, committed sample
	$(CARGO) build --release --locked
	target/release/ilot init --schema > docs/ilot.schema.json
	target/release/ilot products --styles styles

sample: docs ## makes the committed sample anew
	rm -rf samples/town && target/release/ilot sample samples/town --size 150x150 --density 6

web: ## bundles the page's scripts anew (node, npm, zstd); the result is committed
	cd web && npm ci --ignore-scripts --no-audit --no-fund && node build.mjs

web-test: ## drives the page of the sample town in headless Chromium (node, npm, chromium)
	cd web && npm ci --ignore-scripts --no-audit --no-fund && BUILD= node test/drive.mjs ../target/release/ilot ../out/town/out shots
