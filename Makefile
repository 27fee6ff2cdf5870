# Top-Server: every task of this project, in the order in which you need them.
#
#   make run              install what is missing, build, serve http://127.0.0.1:8845/stats
#   make check            within a minute: formatting, lint, types, and the unit tests in Swift and JavaScript
#   make test             install what is missing, run every test; JOBS=n sets how many run in parallel
#   make test TESTS=...   some tests: Tests/Functional/test_query.py (pytest), Tests/JS/format.test.mjs (node),
#                         each perhaps with ::name; anything else filters Swift suites and tests
#   make test-functional  the functional tests alone; they need the build and no other test
#   make test-browser     the browser tests alone; each run prints its seed, and SEED=n repeats its order
#   make test-sanitize    Swift and functional tests under the thread and the address sanitizer
#   make autobahn         run the Autobahn test suite against the WebSockets; installs a Debian 11 for it once
#   make story            a fleet of twenty hosts for two minutes, in network namespaces; needs root
#   make soak             a simulated day of 86,400 sweeps, in which memory must not grow
#   make bench            measure speed and cost beside other programs; BENCH_ARGS="--only http" selects a part
#   make report           put load on a server for five minutes: docs/report.html; DURATION=10s for a short run
#   make golden           write the golden files and the tables of docs/measures.md and docs/api.md again
#   make format           correct the formatting
#   make build            build the release binary with the Swift library in it: .build/release/topserver
#   make image            build the container image with docker, podman or buildah
#   make clean            remove everything that was built

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Two packages have libcurl's headers, and they conflict: keep the one that is installed.
CURL_PACKAGE := $(if $(shell dpkg -s libcurl4-openssl-dev 2>/dev/null),libcurl4-openssl-dev,libcurl4-gnutls-dev)
BUILD_PACKAGES := libmicrohttpd-dev libjansson-dev libdeflate-dev libsqlite3-dev libyaml-dev libpcre2-dev $(CURL_PACKAGE) \
  libwslay-dev nettle-dev libgnutls28-dev libjs-dygraphs pkg-config
# Chromium without windows takes two thirds of the CPU time; not every release of Debian has it.
BROWSER = $(shell apt-cache show chromium-headless-shell >/dev/null 2>&1 && echo chromium-headless-shell || echo chromium)
CHECK_PACKAGES := python3-venv nodejs node-typescript
# The page uses Liberation Sans, and the tests measure its text.
TEST_PACKAGES = $(BUILD_PACKAGES) $(CHECK_PACKAGES) $(BROWSER) fonts-liberation fonts-dejavu-core gcc curl openssl
BENCH_PACKAGES := $(BUILD_PACKAGES) gcc wrk procps python3 iproute2
RELEASE := -c release --static-swift-stdlib
PYTHON := .venv/bin/python
DURATION := 5m
# Most tests wait most of the time, so more of them than CPUs run in parallel.
JOBS := $(shell expr 2 '*' $$(nproc))
TESTS :=
SEED :=
JS_TESTS := $(wildcard Tests/JS/*.test.mjs)

.PHONY: help run build debug check test test-swift test-js test-functional test-browser test-sanitize \
  autobahn story soak golden bench report lint types format image clean

help:
	@sed -n '2,/^$$/s/^# \{0,1\}//p' Makefile

# Installs the packages that are missing, without asking.
define install
	@missing=$$(for p in $(1); do dpkg -s $$p 2>/dev/null | grep -q '^Status: install ok' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  echo "==> Installing" $$missing; \
	  sudo=$$([ $$(id -u) = 0 ] || echo 'sudo -n'); \
	  $$sudo apt-get update -qq || true; \
	  DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
endef

build:
	$(call install,$(BUILD_PACKAGES))
	@command -v swift >/dev/null || { echo 'No Swift toolchain: install Swift 6.2 or newer from https://www.swift.org/install/linux/'; exit 1; }
	@echo "==> Building (release)"
	@swift build $(RELEASE) --product topserver

run: build
	@exec .build/release/topserver serve --static static $(ARGS)

# The debug build, for functional and browser tests.
debug:
	$(call install,$(BUILD_PACKAGES))
	@echo "==> Building (debug)"
	@swift build --product topserver

PYTEST = $(PYTHON) -m pytest -q $(if $(SEED),--randomly-seed=$(SEED))

# Runs tests in parallel, then those that must run alone. pytest exits with 5 if it selected no tests.
define pytest
	@$(PYTEST) -n $(JOBS) --dist worksteal -m 'not alone' $(1) || [ $$? = 5 ]; \
	$(PYTEST) -m alone $(1) || [ $$? = 5 ]
endef

check: lint types test-js test-swift

ifneq ($(findstring .py,$(TESTS))$(filter Tests/Functional% Tests/Browser%,$(TESTS)),)
test: debug .venv/.ready
	@$(PYTEST) $(TESTS)
else ifneq ($(filter Tests/JS%,$(TESTS)),)
# A file or the folder, and perhaps a test: Tests/JS/format.test.mjs::'the name'.
test:
	$(call install,$(CHECK_PACKAGES))
	@tests='$(TESTS)'; file=$${tests%%::*}; name=$${tests#"$$file"}; name=$${name#::}; \
	[ -f "$$file" ] || file='$(JS_TESTS)'; node --test $${name:+--test-name-pattern="$$name"} $$file
else ifneq ($(TESTS),)
test: test-swift
else
test: check debug .venv/.ready
	$(call install,$(TEST_PACKAGES))
	@echo "==> Functional and browser tests"
	$(call pytest,Tests/Functional Tests/Browser)
	@echo "==> Every test passed"
endif

test-swift:
	$(call install,$(BUILD_PACKAGES))
	@echo "==> Building and running the Swift tests"
	@swift build --build-tests
	@swift test --skip-build --disable-xctest $(if $(TESTS),--filter '$(TESTS)')

test-js:
	$(call install,$(CHECK_PACKAGES))
	@echo "==> Testing the modules of the page"
	@log=$$(mktemp); trap 'rm "$$log"' EXIT; \
	node --test $(JS_TESTS) >"$$log" || { awk '/^not ok/{show=1} /^(ok|# Subtest)/{show=0} show' "$$log"; exit 1; }; \
	grep -E '^# (tests|pass|fail) ' "$$log"

.venv/.ready: Tests/requirements.txt
	$(call install,$(TEST_PACKAGES))
	@echo "==> Preparing the Python tests"
	@python3 -m venv .venv
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -r Tests/requirements.txt
	@touch $@

test-functional: debug .venv/.ready
	$(call install,$(TEST_PACKAGES))
	@echo "==> Functional tests"
	$(call pytest,Tests/Functional)

test-browser: debug .venv/.ready
	$(call install,$(TEST_PACKAGES))
	@echo "==> Browser tests"
	$(call pytest,Tests/Browser)

test-sanitize: sanitize-thread sanitize-address

# The Swift tests, and the functional tests of a server, under one sanitizer.
sanitize-%: export SWIFT_BACKTRACE = enable=no
sanitize-%: export TSAN_OPTIONS = suppressions=$(CURDIR)/Tests/thread-sanitizer.supp
sanitize-%: export TOPSERVER_SANITIZER = $*
# A sanitizer makes the server several times slower, so it gets a CPU for each test.
sanitize-%: JOBS = $(shell nproc)
sanitize-%: export TOPSERVER_BINARY = $(CURDIR)/.build-$*/debug/topserver
sanitize-%: .venv/.ready
	@echo "==> Swift tests under the $* sanitizer"
	@swift test --disable-xctest --sanitize=$* --scratch-path .build-$*
	@echo "==> Functional tests of a server under the $* sanitizer"
	$(call pytest,Tests/Functional)

autobahn:
	$(call install,$(BUILD_PACKAGES) python3-pip $(if $(AUTOBAHN_PYTHON),,debootstrap))
	@swift build --product WebSocketEcho
	@Tests/Autobahn/run.sh .build/debug/WebSocketEcho

story: debug .venv/.ready
	@echo "==> Running a fleet of twenty hosts"
	@TOPSERVER_STORY=1 $(PYTHON) -m pytest -q Tests/Functional/test_fleet_story.py

soak: test-swift
	@echo "==> Simulating a day"
	@TOPSERVER_SOAK=1 swift test --skip-build --disable-xctest --filter SoakTests

golden:
	$(call install,$(BUILD_PACKAGES))
	@echo "==> Writing the golden files"
	@swift build --build-tests
	@TOPSERVER_WRITE_GOLDEN=1 swift test --skip-build --disable-xctest --filter GoldenTests
	@git diff --stat -- Tests/Fixtures/golden docs

bench: build
	$(call install,$(BENCH_PACKAGES))
	@python3 bench/run.py $(BENCH_ARGS)

# The server has its own session, so that Ctrl-C stops the load and not the server, and its own history.
report: build
	@echo "==> Putting load on a server for $(DURATION)"
	@data=$$(mktemp -d); \
	exec {listening}< <(exec setsid .build/release/topserver serve --port 0 --data "$$data" --log-level warning); \
	server=$$!; \
	trap 'kill $$server; wait $$server; rm -r "$$data"' EXIT; \
	read -r _ _ url <&"$$listening"; \
	.build/release/topserver report "$${url%/stats}/cpu_usage" --clients 5 --duration $(DURATION) \
	  --output docs/report.html --json docs/report.json

lint: .venv/.ready
	@echo "==> Checking the formatting"
	@swift format lint --strict --recursive Sources Tests Package.swift
	@.venv/bin/ruff check --quiet Tests bench

types:
	$(call install,$(CHECK_PACKAGES))
	@echo "==> Checking the types of the page's modules"
	@tsc --project jsconfig.json

format:
	@swift format --in-place --recursive Sources Tests Package.swift

image:
	@builder=$$(command -v docker || command -v podman || command -v buildah) || { echo 'No docker, podman or buildah'; exit 1; }; \
	echo "==> Building the image with $$builder"; \
	format=$$([ "$${builder##*/}" = docker ] || echo '--format docker'); \
	$$builder build $$format -t topserver .

clean:
	@rm -rf .build .build-* .venv
