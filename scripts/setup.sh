#!/usr/bin/env bash
# Installs what building (`setup.sh build`) or testing (`setup.sh test`) needs and is missing: by the system's package manager when that is
# allowed without asking, otherwise it prints the one line to run and stops. Says nothing when nothing is missing.
set -euo pipefail

build=(cmake clang libclang-dev libsonic-dev pkg-config libssl-dev python3 python3-pip git make)
# Real phones for the tests: sipp and baresip; PJSIP comes from Python's index.
phones=(sip-tester baresip-core python3-venv)
models="${BACKSTOP_MODELS:-${XDG_CACHE_HOME:-$HOME/.cache}/backstop/models}"
venv="$(dirname "$models")/phones"
pjsip="pjsua2-python==2.15.1.post1"

missing() {
    local package
    for package in "$@"; do
        [[ "$(dpkg-query -W -f='${Status}' "$package" 2> /dev/null)" == "install ok installed" ]] || echo "$package"
    done
}

install_missing() {
    local packages as_root=()
    if ! command -v apt-get > /dev/null || ! command -v dpkg-query > /dev/null; then
        without_apt "$@"
        return
    fi
    mapfile -t packages < <(missing "$@")
    [[ ${#packages[@]} -gt 0 ]] || return 0
    if [[ $EUID -ne 0 ]]; then
        if ! sudo -n true 2> /dev/null; then
            echo "Some packages are missing. Run this, then try again:" >&2
            echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages[*]}" >&2
            exit 1
        fi
        as_root=(sudo -n)
    fi
    echo "installing ${packages[*]}"
    # An index that can't be refreshed may still do.
    "${as_root[@]}" apt-get update -qq || true
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" > /dev/null
}

# Another system: look for the commands, and name the Debian packages.
without_apt() {
    local tool
    for tool in cmake clang pkg-config python3; do
        if ! command -v "$tool" > /dev/null; then
            echo "$tool is missing. Install what Debian calls: $*" >&2
            exit 1
        fi
    done
}

check_rust() {
    command -v cargo > /dev/null && return
    echo "Rust is missing. Install it from https://rustup.rs, then try again." >&2
    exit 1
}

make_venv() {
    [[ -f "$venv/$pjsip" ]] && return
    echo "installing $pjsip for the tests"
    python3 -m venv "$venv"
    "$venv/bin/python3" -m pip install --quiet --disable-pip-version-check --only-binary=:all: "$pjsip"
    touch "$venv/$pjsip"
}

case "${1:-build}" in
    build)
        check_rust
        install_missing "${build[@]}"
        ;;
    test)
        install_missing "${phones[@]}"
        make_venv
        ;;
    *)
        echo "usage: setup.sh [build|test]" >&2
        exit 2
        ;;
esac
