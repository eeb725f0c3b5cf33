#!/bin/sh
# Tests scripts/llvm-for-cuda.sh, gpu-pack.sh and gpu-run.sh without installing anything, building anything or a
# GPU: stand-ins for Python, pip, the C++ compiler, cargo and karman show what they would do. `make lint` runs it.
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

# A machine that can pack: everything real but cargo, which "builds" a small program, and cmake.
fresh_packing() {
    rm -rf "${work:?}"/*
    mkdir -p "$work/bin" "$work/home"
    : >"$work/log"
    stub cmake <<'END'
echo "cmake version 4.1.2"
END
    stub rustc <<'END'
echo "rustc 99.1.0 (0000000 2099-01-01)"
END
    stub cargo <<'END'
echo "cargo $*" >>"$work/log"
mkdir -p "$work/target/release"
program=env
[ ! -e "$work/needy" ] || program=xz
cp "$(command -v $program)" "$work/target/release/karman"
END
}

pack() {
    status=0
    output=$(PATH="$work/bin:$PATH" XDG_DATA_HOME="$work/home" CARGO=cargo CARGO_TARGET_DIR="$work/target" \
        sh "$scripts/gpu-pack.sh" --output "$work/pack" "$@" 2>&1) || status=$?
}

test_pack() {
    fresh_packing
    pack
    expect "pack: builds with HDF5 inside" 0 "cargo build --release --features cuda,static-hdf5"
    never "pack: no second program unasked" "fusion,"
    output=$(find "$work/pack" -type f | sed "s|$work/||" | sort | tr '\n' ' ')
    expect "pack: what is in it" 0 "pack/CONTENTS pack/bin/karman.xz pack/configs/full.toml pack/gpu-run.sh pack/peers/"
    : >"$work/log"
    pack --no-build
    expect "pack: --no-build packs what was built" 0 "compressed"
    never "pack: --no-build does not build" "cargo build"
    pack --fusion
    expect "pack: --fusion builds a second program" 0 "cuda,fusion,static-hdf5"
    pack --no-build --limit 0
    expect "pack: too large" 1 "more than --limit 0"
    if ldd "$(command -v xz)" | grep -q liblzma; then
        touch "$work/needy"
        pack
        expect "pack: a program that needs more than the C library" 1 "liblzma"
    fi
    pack --config nothing.toml
    expect "pack: no such configuration" 1 "nothing.toml: no such file"
    pack --data "$work"
    expect "pack: a folder that is no data set" 1 "has no manifest.json"
    rm -f "$work/pack/gpu-run.sh"
    pack --no-build
    expect "pack: a folder of somebody else's is not replaced" 1 "holds something else"
    fresh_packing
    pack --no-build
    expect "pack: --no-build without a program" 1 "run this script without it first"
    pack --limit many
    expect "pack: wrong usage" 2 "whole number"
}

# A pack whose karman says what it is asked, fails at parity, and trains for ever.
fresh_running() {
    rm -rf "${work:?}"/*
    mkdir -p "$work/bin" "$work/pack/bin" "$work/pack/configs" "$work/pack/peers"
    : >"$work/log"
    cp "$scripts/gpu-run.sh" "$work/pack/"
    printf 'END\n' >"$work/pack/CONTENTS"
    : >"$work/pack/configs/full.toml"
    stub karman <<'END'
echo "karman $*" >>"$work/log"
case "$1 $2" in
"bench parity") echo "parity broken" >&2 && exit 1 ;;
"bench train") while [ "$1" != --json ]; do shift; done && echo '{"rows": []}' >"$2" ;;
"train "*) exec sleep 60 ;;
esac
echo "said by karman"
END
    xz -c "$work/bin/karman" >"$work/pack/bin/karman.xz"
    stub nvidia-smi <<'END'
echo "NVIDIA Stand-in, 570.1.2, 1000 MiB"
END
    stub python3 </dev/null
    # the work folder's own, because PATH also has the real ones
    rm "$work/bin/karman"
}

# gpu_run SETTINGS -- STAGES: with these environment variables
gpu_run() {
    settings=
    while [ "$1" != -- ]; do
        settings="$settings $1"
        shift
    done
    shift
    status=0
    # shellcheck disable=SC2086
    output=$(env PATH="$work/bin:$PATH" OUT="$work/out" KARMAN_GPU_WORK="$work/unpacked" $settings \
        sh "$work/pack/gpu-run.sh" "$@" 2>&1) || status=$?
}

test_run() {
    fresh_running
    gpu_run -- devices parity bench
    expect "run: a failed stage makes the exit status" 1 "parity: failed, exit status 1"
    expect "run: and the next one still runs" 1 "bench train --device cuda:0 --steps 300"
    expect "run: an old driver is named" 1 "driver 570 is older than 580"
    output=$(cat "$work/out/parity.log" "$work/out/summary.txt")
    expect "run: the output of a stage is kept" 1 "parity broken"
    expect "run: the summary" 1 "bench: done"
    gpu_run KARMAN_GPU_TRAIN=5 KARMAN_GPU_MINUTES=3 KARMAN_GPU_TRAIN_ARGS="--set=a=b" -- train devices
    expect "run: a stage stops at its limit" 1 "train: stopped at its limit"
    expect "run: training is told to end before" 1 "training.max_minutes=0.10 --set=a=b"
    expect "run: and the next one still runs after a limit" 1 "devices: done"
    gpu_run KARMAN_GPU_SECONDS=3 -- devices
    expect "run: no time left" 1 "devices: left out"
    rm -r "$work/out"
    gpu_run KARMAN_GPU_FEW_FILES=yes KARMAN_GPU_DEVICE=cuda:1 -- devices bench
    expect "run: few files" 0 "bench train --device cuda:1"
    output=$(cd "$work/out" && find . -type f | sort | tr '\n' ' ' && tar -tzf results.tar.gz | sort | tr '\n' ' ')
    expect "run: few files: which" 0 "./results.tar.gz ./summary.txt ./train.json ./ ./bench.log ./devices.log"
    gpu_run -- nothing
    expect "run: wrong usage" 2 "unknown stage nothing"
    printf 'not xz' >"$work/pack/bin/karman.xz"
    printf 'other\n' >"$work/pack/CONTENTS"
    gpu_run -- devices
    expect "run: a damaged pack" 1 "cannot be unpacked"
}

if command -v xz >/dev/null 2>&1 && command -v timeout >/dev/null 2>&1 && [ "$(uname -s)" = Linux ]; then
    test_pack
    test_run
else
    echo "gpu-pack.sh and gpu-run.sh are not tested: they are for Linux with xz and timeout"
fi

[ $failures = 0 ] || exit 1
