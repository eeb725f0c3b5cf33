#!/bin/sh
# Packs what a GPU machine without Rust and without network needs into one folder: the program built with CUDA,
# configurations, data, the PyTorch peer, and scripts/gpu-run.sh, which runs there.
#
#   scripts/gpu-pack.sh                       the program and examples/mini-airfrans/full.toml, into gpu-pack/
#   scripts/gpu-pack.sh --data DIR            a data set as well: the folder with manifest.json
#   scripts/gpu-pack.sh --config FILE         this configuration instead; several times if need be
#   scripts/gpu-pack.sh --fusion              a second program with kernel fusion, for comparison
#   scripts/gpu-pack.sh --kernels FILE        GPU kernels that an earlier run compiled: its kernels.tar.gz
#   scripts/gpu-pack.sh --output DIR          another folder; it is replaced
#   scripts/gpu-pack.sh --limit MIB           fail when the folder is larger (64)
#   scripts/gpu-pack.sh --no-build            take the program from the last run of this script
#
# Then carry the folder to the GPU machine and run DIR/gpu-run.sh there (docs/src/cuda.md).
#
# HDF5 is built into the program (needs cmake, see scripts/setup.sh --static-hdf5), so that it runs on any
# Linux of the same or a newer C library. Data are packed by scripts/compact_cases.py and need python3 here.
# The build needs LLVM: it downloads it from GitHub, or scripts/llvm-for-cuda.sh installs it beforehand.
#
# Read by this script: CARGO, CARGO_TARGET_DIR.
set -eu

cd "$(dirname -- "$0")/.."
output=gpu-pack
data=
configs=
kernels=
fusion=no
build=yes
limit=64
cargo=${CARGO:-cargo}
target=${CARGO_TARGET_DIR:-target}

say() { printf 'gpu-pack: %s\n' "$*"; }
fail() {
    printf 'gpu-pack: %s\n' "$*" >&2
    exit 1
}
usage() { sed -n '2,/^set -eu/{/^set -eu/d;s/^# \{0,1\}//;p;}' "$0"; }
wrong() {
    printf 'gpu-pack: %s\n' "$*" >&2
    usage >&2
    exit 2
}
has() { command -v "$1" >/dev/null 2>&1; }
mib() { awk -v b="$1" 'BEGIN { printf "%.1f MiB", b / 1048576 }'; }
size() { wc -c <"$1" | tr -d ' '; }

while [ $# -gt 0 ]; do
    case $1 in
    --fusion) fusion=yes ;;
    --no-build) build=no ;;
    --output | --data | --config | --kernels | --limit)
        [ $# -gt 1 ] || wrong "$1 needs a value"
        case $1 in
        --output) output=$2 ;;
        --data) data=$2 ;;
        --config) configs="$configs$2
" ;;
        --kernels) kernels=$2 ;;
        --limit) limit=$2 ;;
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

case $limit in
'' | *[!0-9]*) wrong "--limit $limit: give a whole number of MiB" ;;
esac
for tool in xz tar strip ldd; do
    has $tool || fail "no $tool here (on Debian and Ubuntu: apt-get install xz-utils tar binutils libc-bin)"
done
[ -n "$configs" ] || configs="examples/mini-airfrans/full.toml
"
printf '%s' "$configs" | while IFS= read -r config; do
    [ -f "$config" ] || fail "--config $config: no such file"
done
if [ -n "$data" ]; then
    [ -f "$data/manifest.json" ] || fail "--data $data has no manifest.json: give the folder of a data set (a cache alone is not enough: training compares it with the files it was made from)"
    has python3 || fail "--data needs python3 here"
fi
if [ -n "$kernels" ] && [ ! -f "$kernels" ]; then fail "--kernels $kernels: no such file"; fi
# Only what this script made, or nothing, is replaced.
if [ -e "$output" ] && [ ! -f "$output/gpu-run.sh" ]; then
    fail "$output is there already and holds something else: move it, or give another --output"
fi

# Programs that are kept between runs, stripped and not yet compressed.
kept=$target/gpu-pack

# program NAME FEATURES: builds it into $kept/NAME
program() {
    say "building $1 (features $2)"
    "$cargo" build --release --features "$2"
    mkdir -p "$kept"
    strip -o "$kept/$1" "$target/release/karman"
}

# portable NAME: fails when the program needs a library that a machine may not have
portable() {
    more=$(ldd "$kept/$1" | sed 's/^[[:space:]]*//; s/[[:space:]].*//; s/.*\///' |
        grep -v -E '^(linux-vdso|ld-linux.*|libc|libm|libgcc_s|libstdc\+\+|libpthread|libdl|librt)\.so' || true)
    [ -z "$more" ] || fail "$1 needs libraries that the GPU machine may not have: $(printf '%s' "$more" | tr '\n' ' ')"
    newest=$(grep -a -o 'GLIBC_2\.[0-9]*' "$kept/$1" | sort -u -t . -k 2n | tail -n 1)
    say "$1: $(mib "$(size "$kept/$1")") stripped, for C libraries from ${newest:-an unknown version} on"
}

# compress NAME: into the folder. The x86 filter makes jumps alike: 3 % smaller.
compress() {
    filter=
    [ "$(uname -m)" != x86_64 ] || filter=--x86
    # an empty filter is no argument
    # shellcheck disable=SC2086
    xz -T0 $filter --lzma2=preset=9e -c "$kept/$1" >"$new/bin/$1.xz"
    say "$1: $(mib "$(size "$new/bin/$1.xz")") compressed"
}

programs=karman
[ $fusion = no ] || programs="karman karman-fusion"
if [ $build = yes ]; then
    sh scripts/setup.sh --static-hdf5
    sh scripts/llvm-for-cuda.sh --check ||
        say "the build will download LLVM from GitHub; where that fails: scripts/llvm-for-cuda.sh"
    program karman cuda,static-hdf5
    [ $fusion = no ] || program karman-fusion cuda,fusion,static-hdf5
fi

new=$output.new
rm -rf "$new"
trap 'rm -rf "$new"' EXIT
mkdir -p "$new/bin" "$new/configs" "$new/peers"
for name in $programs; do
    [ -x "$kept/$name" ] || fail "--no-build, and there is no $kept/$name: run this script without it first"
    portable "$name"
    compress "$name"
done

if [ -n "$data" ]; then
    rm -rf "$kept/data"
    python3 scripts/compact_cases.py "$data" "$kept/data" --karman "$kept/karman"
    # Numbers of four bytes: lp and pb tell the compressor.
    tar -C "$kept" --sort=name --owner=0 --group=0 --mtime=@0 -cf - data |
        xz -T0 --lzma2=preset=9e,lc=0,lp=2,pb=2 >"$new/data.tar.xz"
    rm -rf "$kept/data"
    say "data: $(mib "$(size "$new/data.tar.xz")") compressed"
fi

printf '%s' "$configs" | while IFS= read -r config; do
    cp "$config" "$new/configs/"
done
cp benches/peers/mario_torch.py benches/peers/torch_device.py benches/peers/torch_models.py \
    benches/peers/train_table.py "$new/peers/"
cp scripts/gpu-run.sh "$new/"
[ -z "$kernels" ] || cp "$kernels" "$new/kernels.tar.gz"
{
    echo "commit $(git describe --always --dirty 2>/dev/null || echo unknown)"
    rustc --version 2>/dev/null || true
    (cd "$new" && find . -type f ! -name CONTENTS -exec sha256sum {} + | sort -k 2)
} >"$new/CONTENTS"

total=$(find "$new" -type f -exec cat {} + | wc -c | tr -d ' ')
if [ "$total" -gt $((limit * 1048576)) ]; then
    find "$new" -type f -size +1000k -exec ls -l {} + >&2
    fail "the folder has $(mib "$total"), more than --limit $limit: leave out --fusion, or pack fewer cases"
fi
rm -rf "$output"
mv "$new" "$output"
trap - EXIT
say "$output: $(mib "$total"). On the GPU machine: sh $(basename "$output")/gpu-run.sh"
