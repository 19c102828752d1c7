#!/usr/bin/env bash
# Runs every test in the one profile and prints the totals. What drives real phones and models runs one test at a time: on a small machine callers
# would otherwise wait for each other's answers.
set -euo pipefail

log="$(mktemp)"
trap 'rm -f "$log"' EXIT

run_all() {
    local code=0
    cargo test --release --locked --no-fail-fast --lib --bins || code=$?
    cargo test --release --locked --no-fail-fast --test it -- --test-threads 1 "$@" || code=$?
    return "$code"
}

code=0
run_all "$@" 2>&1 | tee "$log" || code=$?
awk '/^test result:/ { passed += $4; failed += $6; ignored += $8 }
     END { printf "total: %d passed, %d failed, %d ignored\n", passed, failed, ignored }' "$log"
exit "$code"
