#!/usr/bin/env bash
# Runs every test in the one profile and prints the totals of all of Cargo's test binaries.
set -euo pipefail

log="$(mktemp)"
trap 'rm -f "$log"' EXIT

code=0
cargo test --release --locked --no-fail-fast "$@" 2>&1 | tee "$log" || code=$?
awk '/^test result:/ { passed += $4; failed += $6; ignored += $8 }
     END { printf "total: %d passed, %d failed, %d ignored\n", passed, failed, ignored }' "$log"
exit "$code"
