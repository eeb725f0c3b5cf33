#!/bin/sh
# Tests scripts/llvm-for-cuda.sh without installing anything: stand-ins for Python, pip and the C++
# compiler show what it would do. `make lint` runs it.
set -eu

scripts=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# stub NAME < BODY: a program of that name in the PATH under test; $work is known to it
stub() {
    { printf '#!/bin/sh\nwork=%s\n' "$work" && cat; } >"$work/bin/$1"
    chmod +x "$work/bin/$1"
}

# expect WHAT STATUS [TEXT]: the exit status, and a text that must be in the output or the log
expect() {
    said="$output
$(cat "$work/log")"
    if [ "$status" != "$2" ]; then
        printf 'FAIL %s: exit status %s, not %s\n%s\n' "$1" "$status" "$2" "$said" >&2
        failures=$((failures + 1))
        return
    fi
    case $said in
    *"${3:-}"*) printf 'ok   %s\n' "$1" ;;
    *)
        printf 'FAIL %s: no "%s" in:\n%s\n' "$1" "$3" "$said" >&2
        failures=$((failures + 1))
        ;;
    esac
}

# never WHAT TEXT: the text must be neither in the output nor in the log
never() {
    case "$output $(cat "$work/log")" in
    *"$2"*)
        printf 'FAIL %s: "%s" in:\n%s\n%s\n' "$1" "$2" "$output" "$(cat "$work/log")" >&2
        failures=$((failures + 1))
        ;;
    *) printf 'ok   %s\n' "$1" ;;
    esac
}

# A machine with Python and a C++ compiler, without the bundle. `pip install` brings a llvm-config of version
# $work/version, unless there is a file $work/offline and no --no-index.
fresh() {
    rm -rf "${work:?}"/*
    mkdir -p "$work/bin" "$work/home"
    : >"$work/log"
    echo 23.1.1 >"$work/version"
    for tool in sh sed rm ln cat dirname mktemp mkdir tail chmod; do
        ln -s "$(command -v $tool)" "$work/bin/$tool"
    done
    stub python3 <<'END'
venv=$(dirname "$(dirname "$0")")
case "$1 $2" in
"-m venv")
    mkdir -p "$3/bin"
    cat "$0" >"$3/bin/python"
    chmod +x "$3/bin/python"
    ;;
"-m pip")
    echo "$*" >>"$work/log"
    case "$*" in *--no-index*) ;; *) [ ! -e "$work/offline" ] || exit 1 ;; esac
    [ "$3" = install ] || exit 0
    mkdir -p "$venv/static/bin"
    printf '#!/bin/sh\ncase "$*" in *--version*) cat %s/version ;; *) echo -flag ;; esac\n' "$work" \
        >"$venv/static/bin/llvm-config"
    chmod +x "$venv/static/bin/llvm-config"
    ;;
"-c "*mlc_llvm_static*) echo "$venv/static" ;;
"-c "*) ;;
*) exit 9 ;;
esac
END
    stub c++ <<'END'
[ ! -e "$work/broken" ] || { echo "undefined reference" >&2; exit 1; }
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\n' >"$2"
chmod +x "$2"
END
}

llvm() {
    status=0
    output=$(PATH="$work/bin" HOME="$work/home" XDG_DATA_HOME='' PYTHON='' CXX='' sh "$scripts/llvm-for-cuda.sh" "$@" 2>&1) || status=$?
}

bundle=$work/home/.local/share/tracel/tracel-llvm-$(sed -n '/^name = "tracel-llvm-bundler"/{n;s/^version = "\(.*\)"/\1/p;}' "$scripts/../Cargo.lock")

fresh
llvm --check
expect "llvm: --check on a fresh machine" 1 "$bundle is not installed"
never "llvm: --check installs nothing" "pip install"
llvm
expect "llvm: installs" 0 "done: LLVM 23.1 for the CUDA build works"
expect "llvm: both wheels, without what they depend on" 0 "--no-deps mlc-llvm-static==23.1.1.post0 mlc-llvm-static-extra-targets==23.1.1.post0"
output=$(ls -a "$bundle/")
expect "llvm: the mark that the build looks for" 0 ".tracel-llvm-installed"
llvm --check
expect "llvm: --check when installed" 0 "works"
: >"$work/log"
llvm
expect "llvm: a second run has nothing to do" 0 "works"
never "llvm: a second run installs nothing" "pip install"

rm -rf "$work/home/.local/share/karman"
llvm
expect "llvm: a link to nothing is replaced" 0 "done"

touch "$work/broken"
llvm --check
expect "llvm: a bundle that does not link is not called good" 1 "undefined reference"

fresh
llvm --prefix "$work/home/elsewhere"
expect "llvm: --prefix" 0 "-> $work/home/elsewhere"

fresh
touch "$work/offline"
llvm
expect "llvm: no network: says how to carry the wheels" 1 "--download DIR"
mkdir "$work/wheels"
llvm --wheels "$work/wheels"
expect "llvm: from a folder of wheels" 0 "--no-index --find-links $work/wheels"

fresh
llvm --wheels "$work/wheels"
expect "llvm: a folder of wheels that is not there" 1 "no such folder"
llvm --download "$work/carry"
expect "llvm: --download" 0 "pip download"

fresh
rm "$work/bin/c++"
llvm
expect "llvm: no C++ compiler" 1 "install g++"

fresh
mkdir -p "$bundle/lib"
llvm
expect "llvm: an unfinished download is left alone" 1 "is in the way"

fresh
echo 22.0.0 >"$work/version"
llvm
expect "llvm: the wrong LLVM" 1 "holds LLVM 22.0.0, wanted is 23.1"

fresh
rm "$work/bin/python3"
llvm
expect "llvm: no Python" 1 "no python3"
llvm --unknown
expect "llvm: wrong usage" 2 "unknown option --unknown"
llvm --wheels
expect "llvm: an option without its folder" 2 "needs a folder"

[ $failures = 0 ] || exit 1
