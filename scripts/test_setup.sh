#!/bin/sh
# Tests scripts/setup.sh without installing anything: a PATH of stand-ins for the package managers, the
# compiler and rustc shows what it would run on Debian, Fedora, macOS and elsewhere. `make lint` runs it.
set -eu

setup=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)/setup.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# stub NAME BODY: a program of that name in the PATH under test
stub() {
    printf '#!/bin/sh\n%s\n' "$2" >"$work/bin/$1"
    chmod +x "$work/bin/$1"
}

# fresh: a machine with Rust and a compiler, without HDF5, where we are root
fresh() {
    rm -rf "${work:?}/bin" "$work/hdf5" "$work/log"
    mkdir "$work/bin"
    : >"$work/log"
    for tool in sh sed tr mktemp rm cat head sort dirname grep env touch; do
        ln -s "$(command -v $tool)" "$work/bin/$tool"
    done
    stub uname 'echo Linux'
    stub id 'echo 0'
    stub cargo ':'
    stub rustc 'echo "rustc 99.1.0 (0000000 2099-01-01)"'
    # "links" HDF5 programs once a package manager has touched $work/hdf5
    stub cc "if grep -q hdf5.h \"\$1\"; then test -e '$work/hdf5'; fi"
    printf 'ID=debian\n' >"$work/os-release"
}

# manager NAME: a package manager that records its arguments; `install` brings HDF5
manager() {
    stub "$1" "echo \"$1 \$*\" >>'$work/log'; case \" \$* \" in *' install '*) touch '$work/hdf5' ;; esac"
}

run_setup() {
    status=0
    output=$(PATH="$work/bin" KARMAN_OS_RELEASE="$work/os-release" HDF5_DIR='' CC='' sh "$setup" "$@" 2>&1) || status=$?
}

# expect WHAT STATUS [TEXT]: the exit status, and a text that must be in the output or the log
expect() {
    if [ "$status" != "$2" ]; then
        printf 'FAIL %s: exit status %s, not %s\n%s\n' "$1" "$status" "$2" "$output" >&2
        failures=$((failures + 1))
        return
    fi
    if [ -n "${3:-}" ]; then
        case "$output $(cat "$work/log")" in
        *"$3"*) ;;
        *)
            printf 'FAIL %s: no "%s" in:\n%s\n%s\n' "$1" "$3" "$output" "$(cat "$work/log")" >&2
            failures=$((failures + 1))
            return
            ;;
        esac
    fi
    printf 'ok   %s\n' "$1"
}

fresh
touch "$work/hdf5"
run_setup
expect "everything there: nothing said or run" 0
if [ -n "$output" ]; then
    printf 'FAIL everything there, yet it said: %s\n' "$output" >&2
    failures=$((failures + 1))
fi

fresh
manager apt-get
run_setup
expect "Debian as root installs" 0 "apt-get install -q -y --no-install-recommends libhdf5-dev pkg-config"
run_setup
expect "a second run has nothing to do" 0 ""

fresh
manager apt-get
run_setup --check
expect "--check reports" 1 "missing: hdf5 pkg-config"
run_setup --dry-run
expect "--dry-run prints the command" 0 "running: env DEBIAN_FRONTEND=noninteractive apt-get install"
if [ -s "$work/log" ]; then
    printf 'FAIL --check or --dry-run ran something: %s\n' "$(cat "$work/log")" >&2
    failures=$((failures + 1))
fi

fresh
manager apt-get
stub id 'echo 1000'
stub sudo "echo \"sudo \$*\" >>'$work/log'; exec \"\$@\""
run_setup
expect "Debian through sudo" 0 "sudo apt-get update"

fresh
stub id 'echo 1000'
run_setup
expect "neither root nor sudo: says what to do" 1 "ask an administrator for: libhdf5-dev pkg-config"

fresh
printf 'NAME="Fedora Linux"\nID=fedora\n' >"$work/os-release"
manager dnf
run_setup
expect "Fedora" 0 "dnf install -y hdf5-devel pkgconf-pkg-config"

fresh
printf 'ID="rocky"\nID_LIKE="rhel centos fedora"\n' >"$work/os-release"
manager dnf
run_setup
expect "a relative of Fedora" 0 "dnf install -y hdf5-devel"

fresh
stub uname 'echo Darwin'
stub xcode-select ':'
stub brew "case \$1 in --prefix) exit 1 ;; esac; echo \"brew \$*\" >>'$work/log'; touch '$work/hdf5'"
run_setup
expect "macOS with Homebrew" 0 "brew install hdf5 pkgconf"

fresh
stub uname 'echo Darwin'
stub xcode-select 'exit 2'
run_setup
expect "macOS without the command line tools" 1 "xcode-select --install"

fresh
printf 'ID=plan9\n' >"$work/os-release"
run_setup
expect "an unknown system" 1 "not known to this script"

fresh
manager apt-get
rm "$work/bin/cc"
run_setup --dry-run
expect "no compiler" 0 "gcc libc6-dev"

fresh
manager apt-get
run_setup --static-hdf5 --dry-run
expect "static HDF5 wants cmake only" 0 "--no-install-recommends cmake"

fresh
stub cmake 'echo "cmake version 3.25.1"'
run_setup --static-hdf5
expect "a cmake that is too old" 1 "cmake 3.25 is too old"

fresh
stub cmake 'echo "cmake version 4.1.2"'
run_setup --static-hdf5
expect "static HDF5 with cmake needs nothing" 0 ""

fresh
stub apt-get 'exit 0'
run_setup
expect "an installation that did not help" 1 "still missing after the installation: hdf5"

fresh
stub apt-get 'exit 100'
run_setup
expect "an installation that failed" 100 ""

fresh
touch "$work/hdf5"
rm "$work/bin/cargo"
run_setup
expect "no Rust" 1 "https://rustup.rs"

fresh
touch "$work/hdf5"
stub rustc 'echo "rustc 1.9.0 (0000000 2016-05-24)"'
run_setup
expect "an old Rust" 1 "rustc 1.9 is too old"

fresh
run_setup --unknown
expect "wrong usage" 2 "unknown option --unknown"

[ $failures = 0 ] || exit 1
