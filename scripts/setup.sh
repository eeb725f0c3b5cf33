#!/bin/sh
# Installs what building Karman needs from the system, and nothing else:
#   a C compiler, pkg-config, and the development files of HDF5 (with --static-hdf5: cmake instead).
# Debian and Ubuntu (apt-get), Fedora (dnf), macOS (Homebrew). Says what it runs before it runs it,
# and does nothing when everything is there. `make` calls it before every build.
#
#   scripts/setup.sh                 install what is missing
#   scripts/setup.sh --check         only say what is missing; exit status 1 if anything is
#   scripts/setup.sh --dry-run       print the commands, run none
#   scripts/setup.sh --static-hdf5   for `--features static-hdf5`: HDF5 is built by cargo, with cmake
#
# Read by this script: HDF5_DIR (an HDF5 of your own, with include/ and lib/), CC.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
check_only=no
dry_run=no
static=no

say() { printf 'setup: %s\n' "$*"; }
fail() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

usage() { sed -n '2,/^set -eu/{/^set -eu/d;s/^# \{0,1\}//;p;}' "$0"; }

for argument in "$@"; do
    case $argument in
    --check) check_only=yes ;;
    --dry-run) dry_run=yes ;;
    --static-hdf5) static=yes ;;
    -h | --help)
        usage
        exit 0
        ;;
    *)
        printf 'setup: unknown option %s\n' "$argument" >&2
        usage >&2
        exit 2
        ;;
    esac
done

has() { command -v "$1" >/dev/null 2>&1; }

compiler() {
    for c in "${CC:-}" cc gcc clang; do
        [ -n "$c" ] || continue
        # CC may hold arguments or a wrapper (ccache cc): its first word is the program
        if has "${c%% *}"; then
            printf '%s\n' "$c"
            return 0
        fi
    done
    return 1
}

# links FLAGS < program: whether the program on standard input compiles and links
links() {
    c=$(compiler) || return 1
    dir=$(mktemp -d)
    cat >"$dir/t.c"
    result=0
    # the words of $c and of the flags are separate arguments on purpose
    # shellcheck disable=SC2086
    $c "$dir/t.c" -o "$dir/t" $1 >/dev/null 2>&1 </dev/null || result=1
    rm -rf "$dir"
    return $result
}

compiler_works() {
    # On a fresh macOS `cc` exists, but is a stub that opens a window to ask for the command line tools.
    if [ "$(uname -s)" = Darwin ] && ! xcode-select -p >/dev/null 2>&1; then
        return 1
    fi
    # A compiler without the C library's headers (Debian's gcc alone) does not count.
    links "" <<'END'
#include <stdio.h>
int main(void) { return puts("") < 0; }
END
}

# Where a compiler may find HDF5, one set of flags a line: the places in which the hdf5-metno-sys
# crate looks, so that this script and cargo agree.
hdf5_flags() {
    if [ -n "${HDF5_DIR:-}" ]; then
        printf '%s\n' "-I$HDF5_DIR/include -L$HDF5_DIR/lib -lhdf5"
        return
    fi
    if has pkg-config; then
        for name in hdf5 hdf5-serial; do
            pkg-config --exists "$name" 2>/dev/null && pkg-config --cflags --libs "$name" | tr '\n' ' ' && echo
        done
    fi
    if has brew; then
        prefix=$(brew --prefix hdf5 2>/dev/null || true)
        [ -z "$prefix" ] || printf '%s\n' "-I$prefix/include -L$prefix/lib -lhdf5"
    fi
    printf '%s\n' "-lhdf5"
    printf '%s\n' "-I/usr/include/hdf5/serial -L/usr/lib/x86_64-linux-gnu/hdf5/serial -lhdf5"
}

# The surest test: compile and link a few lines against it.
hdf5_works() {
    all=$(hdf5_flags)
    while IFS= read -r flags; do
        links "$flags" <<'PROGRAM' && return 0
#include <hdf5.h>
int main(void) { return H5open() < 0; }
PROGRAM
    done <<FLAGS
$all
FLAGS
    return 1
}

# HDF5's own build asks for this. Distributions of 2023 and before have older ones.
cmake_wanted=3.26

# older A B: whether version A.A is before B.B
older() {
    [ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -t . -k 1,1n -k 2,2n | head -n 1)" = "$1" ]
}

check_cmake() {
    [ $static = yes ] && has cmake || return 0
    found=$(cmake --version | sed -n '1s/.* \([0-9]*\.[0-9]*\).*/\1/p')
    if older "$found" $cmake_wanted; then
        fail "cmake $found is too old to build HDF5, which needs $cmake_wanted. A newer one: 'pip install cmake' (into a virtual environment, then put its bin folder first in PATH)"
    fi
}

# Fills $missing with words of: cc pkg-config hdf5 cmake
look() {
    missing=
    compiler_works || missing="$missing cc"
    if [ $static = yes ]; then
        has cmake || missing="$missing cmake"
        return 0
    fi
    hdf5_works && return 0
    if [ -n "${HDF5_DIR:-}" ] && compiler_works; then
        fail "HDF5_DIR=$HDF5_DIR: a program with #include <hdf5.h> does not compile and link with $HDF5_DIR/include and $HDF5_DIR/lib. Correct it, or unset it to use the system's HDF5"
    fi
    missing="$missing hdf5"
    # wanted only where it is what finds HDF5
    has pkg-config || missing="$missing pkg-config"
}

# system_id: debian, fedora, macos or other
system_id() {
    if [ "$(uname -s)" = Darwin ]; then
        echo macos
        return
    fi
    file=${KARMAN_OS_RELEASE:-/etc/os-release}
    ids=
    if [ -r "$file" ]; then
        ids=$(sed -n 's/^ID\(_LIKE\)\{0,1\}=//p' "$file" | tr '\n"' '  ')
    fi
    for id in $ids; do
        case $id in
        debian | ubuntu)
            echo debian
            return
            ;;
        fedora | rhel | centos)
            echo fedora
            return
            ;;
        esac
    done
    echo other
}

# package SYSTEM THING
package() {
    case $1/$2 in
    debian/cc) echo gcc libc6-dev ;;
    debian/hdf5) echo libhdf5-dev ;;
    fedora/cc) echo gcc ;;
    fedora/hdf5) echo hdf5-devel ;;
    fedora/pkg-config) echo pkgconf-pkg-config ;;
    macos/pkg-config) echo pkgconf ;;
    */*) echo "$2" ;;
    esac
}

without_root() {
    cat >&2 <<END
setup: neither root nor sudo here, so this script cannot install:$missing. Any one of these will do:
setup:   - ask an administrator for:$packages
setup:   - on a cluster: module load hdf5; export HDF5_DIR=(the folder that holds include/ and lib/)
setup:   - conda install -c conda-forge hdf5 compilers pkg-config; export HDF5_DIR=\$CONDA_PREFIX
setup:   - let cargo build HDF5, with cmake $cmake_wanted or newer: make quickstart CARGO_FLAGS='--features static-hdf5'
setup: docs/src/install.md says more, also for machines without a network.
END
    exit 1
}

# run COMMAND...: says it, then does it
run() {
    say "running: $*"
    [ $dry_run = yes ] || "$@"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        run "$@"
    elif has sudo; then
        run sudo "$@"
    else
        without_root
    fi
}

install_debian() {
    # shellcheck disable=SC2086
    set -- $packages
    # Package lists may be absent (containers) or old: refresh them first, and go on without if the
    # network does not answer, because a local mirror or cache may still hold the packages.
    as_root apt-get update -q || say "apt-get update failed; trying with the lists that are here"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

install_fedora() {
    # shellcheck disable=SC2086
    as_root dnf install -y $packages
}

install_macos() {
    case " $missing " in
    *" cc "*) fail "no C compiler: run 'xcode-select --install', wait for it to end, then try again" ;;
    esac
    has brew || fail "install Homebrew (https://brew.sh) or set HDF5_DIR; wanted:$packages"
    # shellcheck disable=SC2086
    run brew install $packages
}

check_rust() {
    wanted=$(sed -n 's/^rust-version *= *"\([0-9.]*\)".*/\1/p' "$here/Cargo.toml" | head -n 1)
    if ! has cargo || ! has rustc; then
        cat >&2 <<END
setup: Rust is missing. Install it from https://rustup.rs:
setup:     curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh
setup: open a new shell, then try again. Without a network: docs/src/install.md.
END
        exit 1
    fi
    found=$(rustc --version | sed 's/^rustc \([0-9]*\.[0-9]*\).*/\1/')
    if older "$found" "${wanted:-0.0}"; then
        fail "rustc $found is too old, Karman needs $wanted: run 'rustup update stable', then try again"
    fi
}

look
if [ -n "$missing" ]; then
    system=$(system_id)
    packages=
    for thing in $missing; do packages="$packages $(package "$system" "$thing")"; done
    say "missing:$missing"
    [ $check_only = no ] || exit 1
    case $system in
    debian | fedora | macos) "install_$system" ;;
    *) fail "this system is not known to this script. Install a C compiler, pkg-config and the development files of HDF5 (or set HDF5_DIR), then try again; see docs/src/install.md" ;;
    esac
    if [ $dry_run = no ]; then
        look
        [ -z "$missing" ] || fail "still missing after the installation:$missing; see docs/src/install.md"
        say "done"
    fi
fi
check_cmake
check_rust
