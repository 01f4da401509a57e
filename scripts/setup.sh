#!/bin/sh
# Makes this checkout ready: system parts, .venv, compressed static files. Called by the Makefile.
#   scripts/setup.sh run     what Deal needs to run
#   scripts/setup.sh test    the same, and what its tests need
#   scripts/setup.sh aloud   makes .venv-outloud, in which one slow test asks whether papers can be read aloud
#   scripts/setup.sh lock    makes requirements.txt and requirements-test.txt again from pyproject.toml
# PYTHON=/path/to/python3 chooses an interpreter. A second call with nothing to do returns at once.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*"; }
stop() { say "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
on_a_mac() { [ "$(uname)" = Darwin ]; }
on_ubuntu() { grep -qs '^ID=ubuntu' /etc/os-release; }
can_apt() { [ "$(id -u)" = 0 ] && have apt-get; }

# --- Python ---

# Leaves in $python the first interpreter that is new enough.
find_python() {
    for python in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && return
    done
    stop "Deal needs Python 3.11 or newer, and there is none here: install it, or say where it is with PYTHON=/path/to/python3."
}

can_make_venvs() { "$python" -c 'import venv, ensurepip' 2>/dev/null; }

# Debian keeps the making of environments in a package of its own.
check_venv() {
    can_make_venvs && return
    package="$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    if can_apt; then apt_install "$package"; fi
    can_make_venvs || stop "This Python cannot make environments. Type: sudo apt-get install $package"
}

# --- System parts: looked for by what they bring, so that it does not matter who installed them ---

has_library() {
    "$python" - "$1" 2>/dev/null <<'END'
import ctypes, ctypes.util, sys
name = sys.argv[1]
ctypes.CDLL(f"lib{name}.so.0" if sys.platform == "linux" else ctypes.util.find_library(name) or sys.exit(1))
END
}

has_font() {
    find -L /usr/share/fonts /usr/local/share/fonts "${HOME:-/}/.local/share/fonts" "${HOME:-/}/.fonts" \
        \( -name "$1*.tt[fc]" -o -name "$1*.otf" \) 2>/dev/null | grep -q .
}

has_postgres() {
    for postgres in "$(command -v postgres || true)" /usr/lib/postgresql/*/bin/postgres; do
        if [ -x "$postgres" ]; then return 0; fi
    done
    return 1
}

# The browser tests take $CHROMIUM, or the first of these.
has_chromium() {
    for name in ${CHROMIUM:+"$CHROMIUM"} chromium chromium-browser google-chrome google-chrome-stable; do
        if have "$name"; then return 0; fi
    done
    [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ]
}

# A Mac has a java that only says where to get one.
has_java() { java -version >/dev/null 2>&1; }

# Prints the packages that lack, by Debian's names.
lacking_debian() {
    has_library pango-1.0 || say libpango-1.0-0
    has_library pangoft2-1.0 || say libpangoft2-1.0-0
    has_library harfbuzz-subset || say libharfbuzz-subset0
    has_font NotoSansArabic || say fonts-noto-core
    has_font NotoColorEmoji || say fonts-noto-color-emoji
    has_font wqy-microhei || has_font NotoSansCJK || say fonts-wqy-microhei
    [ "$mode" = test ] || return 0
    has_postgres || say postgresql
    { have pdftoppm && have pdfinfo && have pdftotext; } || say poppler-utils
    has_java || say default-jre-headless
    have npm || say npm
    # Ubuntu's chromium is a snap, which cannot be driven from here.
    has_chromium || on_ubuntu || say chromium
}

# Prints the packages that lack, by Homebrew's names; a Mac brings its own fonts.
lacking_brew() {
    has_library pango-1.0 || say pango
    [ "$mode" = test ] || return 0
    has_postgres || say postgresql
    have pdftoppm || say poppler
    has_java || say temurin
    have npm || say node
    has_chromium || say google-chrome
}

lacking() { if on_a_mac; then lacking_brew; else lacking_debian; fi | tr '\n' ' '; }

# Installs all that is named, or, when one of them is not to be had, each that is.
apt_install() {
    say "Installing with apt-get: $*"
    export DEBIAN_FRONTEND=noninteractive
    [ -n "${apt_updated:-}" ] || apt-get update -qq || true
    apt_updated=yes
    apt_get_install "$@" && return
    for package in "$@"; do apt_get_install "$package" || true; done
}

apt_get_install() {
    apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 "$@" >/dev/null
}

# Installs what lacks where that is possible, and says what is left to type; nothing here stops the set-up.
system_parts() {
    missing="$(lacking)"
    # shellcheck disable=SC2086 # package names hold no spaces
    if [ -n "$missing" ] && can_apt; then apt_install $missing; missing="$(lacking)"; fi
    if [ -n "$missing" ]; then
        installer="sudo apt-get install"
        if on_a_mac; then installer="brew install"; fi
        part="printing in every script"
        if [ "$mode" = test ]; then part="$part and some of the tests"; fi
        say "All works but $part. For that, type: $installer ${missing% }"
    fi
    if [ "$mode" = test ] && on_ubuntu && ! has_chromium; then
        say "No Chromium or Chrome here: the browser tests will be skipped."
    fi
}

# --- The environment ---

# What the environment was made from; a change in any of it makes it again or brings it up to date.
fingerprint() {
    pwd
    cat requirements.txt requirements-test.txt pyproject.toml scripts/setup.sh | cksum
}

ready() { [ -x .venv/bin/python ] && [ "$(cat ".venv/.ready-$mode" 2>/dev/null)" = "$(fingerprint)" ]; }

# An environment without a stamp was interrupted; one stamped with another path was moved.
is_whole() { [ -x .venv/bin/python ] && grep -qsxF "$(pwd)" .venv/.ready-run; }

make_venv() {
    if is_whole; then
        say "Bringing .venv up to date"
    else
        say "Making .venv (a minute or two, the first time)"
        rm -rf .venv
        "$python" -m venv .venv
    fi
    rm -f .venv/.ready-run .venv/.ready-test
    install_parts
    fingerprint >.venv/.ready-run
    if [ "$mode" = test ]; then fingerprint >.venv/.ready-test; fi
}

install_parts() {
    set -- -r requirements.txt
    if [ "$mode" = test ]; then set -- "$@" -r requirements-test.txt; fi
    pip_install --require-hashes "$@"
    pip_install --no-deps --no-build-isolation -e .
}

pip_install() {
    .venv/bin/python -m pip --disable-pip-version-check --quiet install --no-input "$@" ||
        stop "The parts could not be installed. Look at the lines above, and at the network, then type the same again."
}

# Compresses the static files when one of them is newer than last time, so that no old copy is served.
compress_static() {
    [ -d deal/static ] || return 0
    if [ -e .venv/.compressed ] && ! static_files -newer .venv/.compressed | grep -q .; then return 0; fi
    find deal/static \( -name '*.gz' -o -name '*.br' \) -exec rm -f {} +
    .venv/bin/python -m whitenoise.compress --quiet deal/static
    touch .venv/.compressed
}

static_files() { find deal/static -type f ! -name '*.gz' ! -name '*.br' "$@"; }

# --- The HTML checker of the slow tests, by its hash in scripts/nu/package-lock.json; without it one test is skipped ---

html_checker() {
    [ "$mode" = test ] && have npm || return 0
    wanted="$(cksum <scripts/nu/package-lock.json)"
    if [ "$(cat scripts/nu/node_modules/.ready 2>/dev/null)" = "$wanted" ]; then return 0; fi
    say "Fetching the HTML checker"
    if npm ci --prefix scripts/nu --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null; then
        say "$wanted" >scripts/nu/node_modules/.ready
    else
        say "The HTML checker could not be fetched: its test will be skipped. To try again, type: make setup-test"
    fi
}

# --- The checker of papers, in an environment of its own; without it one test is skipped ---

paper_checker() {
    wanted="$(pwd) $(cksum <scripts/outloud/requirements.txt)"
    if [ "$(cat .venv-outloud/.ready 2>/dev/null)" = "$wanted" ]; then return 0; fi
    say "Making .venv-outloud"
    rm -rf .venv-outloud
    find_python
    if "$python" -m venv .venv-outloud && .venv-outloud/bin/python -m pip --disable-pip-version-check --quiet \
        install --no-input --require-hashes -r scripts/outloud/requirements.txt; then
        say "$wanted" >.venv-outloud/.ready
    else
        say "The checker of papers could not be fetched: its test will be skipped."
    fi
}

# --- Pinned requirements ---

lock() {
    find_python
    check_venv
    work="$(mktemp -d)"
    trap 'rm -rf "$work"' EXIT
    "$python" -m venv "$work/venv"
    "$work/venv/bin/python" -m pip --disable-pip-version-check --quiet install uv
    compile pyproject.toml --group build >"$work/requirements.txt"
    compile --group test --constraint "$work/requirements.txt" >"$work/requirements-test.txt"
    # A copy of our own, so that an interruption leaves the old files as they were.
    cp "$work/requirements.txt" "$work/requirements-test.txt" .
}

# Prints pins and hashes that hold for every platform and every Python from 3.11.
compile() {
    say "# Made by \`make lock\` from pyproject.toml. Do not edit."
    "$work/venv/bin/uv" --no-config --quiet pip compile --universal --python-version 3.11 \
        --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header "$@"
}

mode="${1:-run}"
case "$mode" in
    aloud) paper_checker; exit ;;
    lock) lock; exit ;;
    run | test) ;;
    *) stop "Say scripts/setup.sh run, test, aloud or lock." ;;
esac
if ! ready; then
    find_python
    check_venv
    system_parts
    make_venv
fi
html_checker
compress_static
