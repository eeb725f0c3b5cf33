#!/bin/sh
# Puts the LLVM libraries that `--features cuda` links into the folder where its build looks for them.
#
# cubecl, which compiles the GPU kernels, links LLVM 23.1 statically. Its build script (the crate
# tracel-llvm-bundler) downloads a bundle from GitHub once. Where GitHub is not reachable, this script takes
# the same libraries from PyPI (mlc-llvm-static, Linux on x86-64 and aarch64) or from a folder of wheels.
#
#   scripts/llvm-for-cuda.sh                  install, or do nothing when it is there and works
#   scripts/llvm-for-cuda.sh --check          only say whether it is there and works; exit status 1 if not
#   scripts/llvm-for-cuda.sh --download DIR   fetch the two wheels into DIR, to carry to a machine without network
#   scripts/llvm-for-cuda.sh --wheels DIR     install from the wheels in DIR, without any network
#   scripts/llvm-for-cuda.sh --prefix DIR     where the virtual environment goes (~/.local/share/karman/llvm)
#
# Also needed, and not installed: python3 3.10 or newer with venv and pip (llvm-config of these wheels is a
# Python program, so the build itself runs python3 too), and a C++ compiler, g++ or clang++ (cubecl compiles a
# few C++ files against LLVM's headers). zlib and zstd come with the wheels.
#
# Read by this script: PYTHON (python3), CXX, XDG_DATA_HOME, and what pip reads (PIP_INDEX_URL, ...).
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
wheels_version=23.1.1.post0
llvm=23.1
python=${PYTHON:-python3}
check_only=no
wheels=
download=

say() { printf 'llvm-for-cuda: %s\n' "$*"; }
fail() {
    printf 'llvm-for-cuda: %s\n' "$*" >&2
    exit 1
}
usage() { sed -n '2,/^set -eu/{/^set -eu/d;s/^# \{0,1\}//;p;}' "$0"; }
wrong() {
    printf 'llvm-for-cuda: %s\n' "$*" >&2
    usage >&2
    exit 2
}
has() { command -v "$1" >/dev/null 2>&1; }

# Rust's `dirs` crate, which the build asks for this folder, ignores a relative XDG_DATA_HOME.
data=$HOME/.local/share
case ${XDG_DATA_HOME:-} in
/*) data=$XDG_DATA_HOME ;;
esac
prefix=$data/karman/llvm

while [ $# -gt 0 ]; do
    case $1 in
    --check) check_only=yes ;;
    --prefix | --wheels | --download)
        [ $# -gt 1 ] || wrong "$1 needs a folder"
        case $1 in
        --prefix) prefix=$2 ;;
        --wheels) wheels=$2 ;;
        --download) download=$2 ;;
        esac
        shift
        ;;
    -h | --help)
        usage
        exit 0
        ;;
    *) wrong "unknown option $1" ;;
    esac
    shift
done

# The folder's name holds the version of tracel-llvm-bundler, which Cargo.lock knows.
bundle=$(sed -n '/^name = "tracel-llvm-bundler"/{n;s/^version = "\(.*\)"/\1/p;}' "$here/Cargo.lock")
case $bundle in
"$llvm".*) ;;
*) fail "Cargo.lock has tracel-llvm-bundler '$bundle', this script brings LLVM $llvm: set wheels_version in it to an mlc-llvm-static of the same LLVM" ;;
esac
target=$data/tracel/tracel-llvm-$bundle

compiler() {
    for c in "${CXX:-}" c++ g++ clang++; do
        [ -n "$c" ] || continue
        # CXX may hold arguments or a wrapper: its first word is the program
        if has "${c%% *}"; then
            printf '%s\n' "$c"
            return 0
        fi
    done
    return 1
}

# links: whether a program that sets up LLVM's NVIDIA back end compiles against the bundle, links and runs
links() {
    dir=$(mktemp -d)
    cat >"$dir/t.cpp" <<'END'
#include <llvm-c/Core.h>
#include <llvm-c/Target.h>
#include <llvm/Support/CommandLine.h>
int main() {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
    return llvm::cl::getRegisteredOptions().empty();
}
END
    result=0
    config="$target/bin/llvm-config --link-static"
    # the words that llvm-config prints are separate arguments on purpose
    # shellcheck disable=SC2046,SC2086
    { $1 "$dir/t.cpp" -o "$dir/t" $($config --cxxflags) -L"$target/lib" $($config --libs) \
        $($config --system-libs) && "$dir/t"; } >"$dir/log" 2>&1 || result=1
    [ $result = 0 ] || tail -n 5 "$dir/log"
    rm -rf "$dir"
    return $result
}

# Says what is wrong with the bundle, if anything
problem() {
    if [ ! -e "$target/.tracel-llvm-installed" ]; then
        echo "$target is not installed"
    elif ! version=$("$target/bin/llvm-config" --version 2>&1); then
        echo "$target/bin/llvm-config does not run: $version"
    elif [ "${version#"$llvm".}" = "$version" ]; then
        echo "$target holds LLVM $version, wanted is $llvm"
    elif ! c=$(compiler); then
        echo "no C++ compiler: install g++ (Debian, Fedora: g++, gcc-c++) or set CXX"
    elif ! output=$(links "$c"); then
        echo "a program does not compile, link and run with $target: $output"
    fi
}

install() {
    has "$python" || fail "no $python: install Python 3.10 or newer, or set PYTHON"
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
        fail "$("$python" --version 2>&1) is too old, these wheels want 3.10: set PYTHON to a newer one"
    say "virtual environment: $prefix"
    "$python" -m venv "$prefix" ||
        fail "$python cannot make a virtual environment (on Debian and Ubuntu: apt-get install python3-venv)"
    say "LLVM from ${wheels:-PyPI}: mlc-llvm-static and -extra-targets $wheels_version"
    if [ -n "$wheels" ]; then
        set -- --no-index --find-links "$wheels"
    else
        set --
    fi
    "$prefix/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps "$@" \
        "mlc-llvm-static==$wheels_version" "mlc-llvm-static-extra-targets==$wheels_version" ||
        fail "pip could not install them (above). On a machine with network: scripts/llvm-for-cuda.sh --download DIR; then here: --wheels DIR"
    static=$("$prefix/bin/python" -c 'import mlc_llvm_static as m, os; print(os.path.join(os.path.dirname(m.__file__), "static"))')
    [ -x "$static/bin/llvm-config" ] || fail "$static/bin/llvm-config is not there, though pip installed mlc-llvm-static"
    mkdir -p "$data/tracel"
    if [ -e "$target" ] && [ ! -L "$target" ]; then
        fail "$target is in the way (an unfinished download?): move it elsewhere, then try again"
    fi
    rm -f "$target"
    ln -s "$static" "$target"
    # The mark by which the build knows that it need not download.
    : >"$target/.tracel-llvm-installed"
    say "linked: $target -> $static"
}

if [ -n "$download" ]; then
    has "$python" || fail "no $python: install Python 3.10 or newer, or set PYTHON"
    mkdir -p "$download"
    "$python" -m pip download --disable-pip-version-check --no-deps --only-binary=:all: --dest "$download" \
        "mlc-llvm-static==$wheels_version" "mlc-llvm-static-extra-targets==$wheels_version"
    say "on the other machine: scripts/llvm-for-cuda.sh --wheels $download"
    exit 0
fi

wrong=$(problem)
if [ -z "$wrong" ]; then
    say "LLVM $llvm for the CUDA build works: $target"
    exit 0
fi
if [ $check_only = yes ]; then
    fail "$wrong"
fi
case $wrong in
"no C++ compiler"*) fail "$wrong" ;;
esac
if [ -n "$wheels" ] && [ ! -d "$wheels" ]; then
    fail "--wheels $wheels: no such folder"
fi
install
wrong=$(problem)
[ -z "$wrong" ] || fail "$wrong"
say "done: LLVM $llvm for the CUDA build works"
