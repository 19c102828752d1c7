# Everything a newcomer needs: `make demo`, `make test`. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Who calls in the demo: a script of fixtures/callers.
CALLER ?= burst_pipe
# Which models: standard or small. See `backstop models list`.
PROFILE ?= standard
# More for the command at hand, such as ARGS=--keep.
ARGS ?=

# One profile for all commands, so that the heavy crates are compiled once.
TARGET := $(or $(CARGO_TARGET_DIR),target)
BACKSTOP := $(TARGET)/release/backstop

.PHONY: help setup setup-build build models demo run test bench bench-load bench-peers lint deny clean

help: ## Show this
	@echo "make demo [CALLER=name] [PROFILE=standard|small] [ARGS=--keep]"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

setup: setup-build ## Install what is missing to build and test, or print the one line that does
	@scripts/setup.sh test

setup-build:
	@scripts/setup.sh build

# The voice engine's build script takes itself for changed when it has run once: a second build at once settles that, and later ones find all done.
build: setup-build
	@test -x $(BACKSTOP) || cargo build --release --locked
	@cargo build --release --locked

models: build ## Fetch and verify the models of PROFILE
	@$(BACKSTOP) models pull --profile $(PROFILE)

demo: models ## Let a scripted caller phone in, and show the call
	@$(BACKSTOP) demo --caller $(CALLER) --profile $(PROFILE) $(ARGS)

run: models ## Take calls by backstop.toml, or by the defaults
	@$(BACKSTOP) serve $(ARGS)

test: setup build ## Run every test
	@$(BACKSTOP) models pull --all
	@scripts/test.sh $(ARGS)

bench: models ## Measure every stage and whole calls; `backstop bench` has more
	@cargo bench --locked --bench stages -- --profile $(PROFILE)
	@$(BACKSTOP) bench conversation --callers burst_pipe,asker,corrector,withheld --profile $(PROFILE) --out target/bench --save $(PROFILE) --force $(ARGS)
	@cargo bench --locked --bench load

bench-load: setup-build ## Measure call setup, bridged calls and pages under load, beside rtpengine if it is there
	@cargo bench --locked --bench load -- $(ARGS)

bench-peers: models ## Measure beside faster-whisper, llama.cpp, piper-tts and Pipecat, which it installs
	@python3 benches/peers/run.py --backstop $(BACKSTOP) --profile $(PROFILE) $(ARGS)

lint: setup-build ## Check form, lints and licences
	@cargo fmt --check
	@cargo check --release --locked --lib --no-default-features
	@cargo clippy --release --locked --all-targets --all-features -- -D warnings
	@if command -v cargo-deny > /dev/null; then cargo deny --all-features check licenses bans sources; else echo "licences not checked: run \`make deny\`"; fi

deny: ## Install cargo-deny and check licences and advisories
	@command -v cargo-deny > /dev/null || cargo install --locked cargo-deny
	@cargo deny --all-features check

clean: ## Remove what was built; models stay in their cache
	@cargo clean
