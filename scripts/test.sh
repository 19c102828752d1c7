#!/usr/bin/env bash
# Runs every test in the one profile and prints the totals. What talks to real models runs alone (see tests/it/harness.rs): on a small machine
# callers would otherwise wait for each other's answers.
set -euo pipefail

log="$(mktemp)"
postgres="$(mktemp -d)"
trap 'stop_postgres; rm -rf "$log" "$postgres"' EXIT

# A PostgreSQL of the tests' own where it is installed, on a socket in a folder of their own: empty at the start, gone at the end. It refuses to run as root.
as_postgres() {
    if [[ $EUID -eq 0 ]]; then (cd "$postgres" && runuser -u postgres -- "$@"); else "$@"; fi
}

start_postgres() {
    local bin
    bin="$(find /usr/lib/postgresql -maxdepth 2 -name bin 2> /dev/null | sort -V | tail -n 1)"
    if [[ -z "$bin" ]]; then
        echo "PostgreSQL is not installed: what needs it is skipped" >&2
        return
    fi
    if [[ $EUID -eq 0 ]]; then chown postgres "$postgres"; fi
    as_postgres "$bin/initdb" --no-sync -A trust -U postgres -D "$postgres/data" > /dev/null
    as_postgres "$bin/pg_ctl" -w -s -D "$postgres/data" -l "$postgres/log" -o "-c listen_addresses= -k '$postgres' -c fsync=off" start
    stop=("$bin/pg_ctl" -s -m fast -D "$postgres/data" stop)
    export BACKSTOP_TEST_POSTGRES="postgres://postgres@localhost/postgres?host=$postgres"
}

stop_postgres() {
    if [[ -n "${stop:-}" ]]; then as_postgres "${stop[@]}"; fi
}

# What the page does by itself, in a real browser against a service that plays its part.
run_page() {
    if ! command -v node > /dev/null || ! command -v npm > /dev/null; then
        echo "node or npm is missing: how the page behaves by itself is NOT tested" >&2
        return
    fi
    (cd tests/page && npm install --silent --no-audit --no-fund --no-package-lock && node behave.mjs)
}

run_all() {
    local code=0
    # Without words for `cargo test`, all is meant.
    [[ $# -gt 0 ]] || run_page || code=$?
    cargo test --release --locked --no-fail-fast --lib --bins || code=$?
    cargo test --release --locked --no-fail-fast --test it -- --test-threads 3 "$@" || code=$?
    return "$code"
}

[[ -n "${BACKSTOP_TEST_POSTGRES:-}" ]] || start_postgres
code=0
run_all "$@" 2>&1 | tee "$log" || code=$?
awk '/^test result:/ { passed += $4; failed += $6; ignored += $8 }
     END { printf "total: %d passed, %d failed, %d ignored\n", passed, failed, ignored }' "$log"
exit "$code"
