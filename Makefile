# Top-Server. Everything a person does with this project, in the order in which one does it.
#
#   make run            install what is missing, build, serve http://127.0.0.1:8845/stats
#   make test           install what is missing, run every test
#   make test-sanitize  Swift and functional tests under the thread and the address sanitizer
#   make autobahn       the Autobahn test suite examines the WebSockets; makes a Debian 11 for it, once
#   make story          two minutes of a fleet of twenty hosts, in network namespaces; needs root
#   make soak           a simulated day: 86,400 sweeps, whose memory must not grow
#   make bench          measure: speed and cost beside other programs; BENCH_ARGS="--only http" narrows it
#   make report         five clients ask for five minutes: docs/report.html; DURATION=10s for a short look
#   make lint           check the formatting; make format mends it
#   make build          the release binary, with the Swift library inside: .build/release/topserver
#   make image          the container image, with docker, podman or buildah
#   make clean          remove what was built

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Two packages have libcurl's headers, and they exclude each other: the one that is there is not driven out.
CURL_PACKAGE := $(if $(shell dpkg -s libcurl4-openssl-dev 2>/dev/null),libcurl4-openssl-dev,libcurl4-gnutls-dev)
BUILD_PACKAGES := libmicrohttpd-dev libjansson-dev libdeflate-dev libsqlite3-dev libyaml-dev $(CURL_PACKAGE) \
  libwslay-dev nettle-dev libgnutls28-dev libjs-dygraphs pkg-config
TEST_PACKAGES := $(BUILD_PACKAGES) python3-venv chromium fonts-dejavu-core curl openssl
BENCH_PACKAGES := $(BUILD_PACKAGES) gcc wrk procps python3 iproute2
RELEASE := -c release --static-swift-stdlib
PYTHON := .venv/bin/python
DURATION := 5m

.PHONY: help run build test test-swift test-functional test-browser test-sanitize autobahn story soak bench report lint format image clean

help:
	@sed -n '2,/^$$/s/^# \{0,1\}//p' Makefile

# Installs those of the packages that dpkg does not have, without a question.
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

test: lint test-swift test-functional test-browser
	@echo "==> Every test passed"

test-swift:
	$(call install,$(BUILD_PACKAGES))
	@echo "==> Building and running the Swift tests"
	@swift build --build-tests
	@swift test --skip-build --disable-xctest

.venv/.ready: Tests/requirements.txt
	$(call install,$(TEST_PACKAGES))
	@echo "==> Preparing the Python tests"
	@python3 -m venv .venv
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -r Tests/requirements.txt
	@touch $@

test-functional: test-swift .venv/.ready
	@echo "==> Functional tests"
	@$(PYTHON) -m pytest -q Tests/Functional

test-browser: test-swift .venv/.ready
	$(call install,$(TEST_PACKAGES))
	@echo "==> Browser tests"
	@$(PYTHON) -m pytest -q Tests/Browser

test-sanitize: .venv/.ready
	@export SWIFT_BACKTRACE=enable=no TSAN_OPTIONS=suppressions=$(CURDIR)/Tests/thread-sanitizer.supp; \
	for s in thread address; do \
	  echo "==> Swift tests under the $$s sanitizer"; \
	  swift test --disable-xctest --sanitize=$$s --scratch-path .build-$$s; \
	  echo "==> Functional tests of a server under the $$s sanitizer"; \
	  TOPSERVER_BINARY=.build-$$s/debug/topserver $(PYTHON) -m pytest -q Tests/Functional; \
	done

autobahn:
	$(call install,$(BUILD_PACKAGES) python3-pip $(if $(AUTOBAHN_PYTHON),,debootstrap))
	@swift build --product WebSocketEcho
	@Tests/Autobahn/run.sh .build/debug/WebSocketEcho

story: test-swift .venv/.ready
	@echo "==> A fleet of twenty"
	@TOPSERVER_STORY=1 $(PYTHON) -m pytest -q Tests/Functional/test_fleet_story.py

soak: test-swift
	@echo "==> A simulated day"
	@TOPSERVER_SOAK=1 swift test --skip-build --disable-xctest --filter SoakTests

bench: build
	$(call install,$(BENCH_PACKAGES))
	@python3 bench/run.py $(BENCH_ARGS)

# The server has a session of its own, so that Ctrl-C ends the load and not what it is made on, and a history of its own.
report: build
	@echo "==> Asking for $(DURATION)"
	@data=$$(mktemp -d); \
	exec {listening}< <(exec setsid .build/release/topserver serve --port 0 --data "$$data" --log-level warning); \
	server=$$!; \
	trap 'kill $$server; wait $$server; rm -r "$$data"' EXIT; \
	read -r _ _ url <&"$$listening"; \
	.build/release/topserver report "$${url%/stats}/cpu_usage" --clients 5 --duration $(DURATION) \
	  --output docs/report.html --json docs/report.json

lint:
	@echo "==> Checking the formatting"
	@swift format lint --strict --recursive Sources Tests Package.swift

format:
	@swift format --in-place --recursive Sources Tests Package.swift

image:
	@builder=$$(command -v docker || command -v podman || command -v buildah) || { echo 'No docker, podman or buildah'; exit 1; }; \
	echo "==> Building the image with $$builder"; \
	format=$$([ "$${builder##*/}" = docker ] || echo '--format docker'); \
	$$builder build $$format -t topserver .

clean:
	@rm -rf .build .build-* .venv
