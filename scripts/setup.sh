#!/usr/bin/env bash
# Installs what building (`setup.sh build`) or testing (`setup.sh test`) needs and is missing: by the system's package manager when that is
# allowed without asking, otherwise it prints the one line to run and stops. Says nothing when nothing is missing.
set -euo pipefail

build=(cmake clang libclang-dev libsonic-dev pkg-config libssl-dev python3 python3-pip git make)
# Real phones and a browser for the tests; PJSIP, and a WebRTC peer that is no browser, come from Python's index.
phones=(sip-tester baresip-core python3-venv chromium chromium-driver)
models="${BACKSTOP_MODELS:-${XDG_CACHE_HOME:-$HOME/.cache}/backstop/models}"
venv="$(dirname "$models")/phones"
wheels=(pjsua2-python==2.15.1.post1 aiortc==1.16.0 websockets==16.0)
# Looks for what keeps people from using the page.
axe="axe-core@4.14.1"
axe_folder="$(dirname "$models")/$axe"

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
    local all="${wheels[*]}"
    [[ -f "$venv/${all// /+}" ]] && return
    echo "installing $all for the tests"
    python3 -m venv "$venv"
    "$venv/bin/python3" -m pip install --quiet --disable-pip-version-check --only-binary=:all: "${wheels[@]}"
    touch "$venv/${all// /+}"
}

fetch_axe() {
    [[ -f "$axe_folder/axe.min.js" ]] && return
    if ! command -v npm > /dev/null; then
        echo "npm is missing: whether everybody can use the page is NOT tested. Install npm, then run this again." >&2
        return
    fi
    echo "fetching $axe for the tests"
    local folder
    folder="$(mktemp -d)"
    (cd "$folder" && npm pack --silent "$axe" > /dev/null && tar -xzf axe-core-*.tgz)
    mkdir -p "$axe_folder"
    cp "$folder/package/axe.min.js" "$folder/package/LICENSE" "$axe_folder/"
    rm -rf "$folder"
}

case "${1:-build}" in
    build)
        check_rust
        install_missing "${build[@]}"
        ;;
    test)
        install_missing "${phones[@]}"
        make_venv
        fetch_axe
        ;;
    *)
        echo "usage: setup.sh [build|test]" >&2
        exit 2
        ;;
esac
