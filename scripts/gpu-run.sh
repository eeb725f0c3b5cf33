#!/bin/sh
# Runs on a GPU machine, from the folder that scripts/gpu-pack.sh made; needs no Rust and no network. Each stage has
# a time limit of its own, and a stage that fails does not stop the ones after it.
#
#   sh gpu-pack/gpu-run.sh                    all stages
#   sh gpu-pack/gpu-run.sh parity bench       these, in this order
#
#   devices    what karman finds here                           devices.json
#   parity     every model and operation against the CPU        parity.json
#   bench      training steps a second                          train.json
#   torch      the same steps in PyTorch, and a table           torch.json, table.md
#   train      a training run with the packed configuration     run/
#   evaluate   its scores on the test cases                     scores.json
#
# Everything goes into $OUT (default: gpu-out in the working directory): the files named above, the output of
# each stage in STAGE.log, and summary.txt. With a program karman-fusion in the pack, parity and bench
# run for it too (parity-fusion.json, train-fusion.json).
#
# Environment, with defaults:
#   OUT                         ./gpu-out
#   KARMAN_GPU_DEVICE           cuda:0
#   KARMAN_GPU_SECONDS          0: of all stages together; 0 is no limit. Stages get what is left.
#   KARMAN_GPU_DEVICES, _PARITY, _BENCH, _TORCH, _TRAIN, _EVALUATE
#                               30 150 120 90 560 90: seconds of each stage
#   KARMAN_GPU_MINUTES          8: training.max_minutes of the run, less where less time is left
#   KARMAN_GPU_CONFIG           full: which of the packed configurations
#   KARMAN_GPU_PARITY_ARGS, _BENCH_ARGS, _TORCH_ARGS, _TRAIN_ARGS, _EVALUATE_ARGS
#                               further arguments, words, for example "--set training.precision=bf16"
#   KARMAN_GPU_WORK             /tmp/karman-gpu: unpacked programs and data, and kernels compiled so far
#   KARMAN_GPU_FEW_FILES        no; yes: logs, the run and kernels go into one results.tar.gz instead, for places
#                               from which only a few files come back
set -u

pack=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
mkdir -p "${OUT:-gpu-out}"
OUT=$(CDPATH='' cd -- "${OUT:-gpu-out}" && pwd)
work=${KARMAN_GPU_WORK:-/tmp/karman-gpu}
device=${KARMAN_GPU_DEVICE:-cuda:0}
total=${KARMAN_GPU_SECONDS:-0}
few=${KARMAN_GPU_FEW_FILES:-no}
config=$pack/configs/${KARMAN_GPU_CONFIG:-full}.toml
began=$(date +%s)
failures=0
results=$OUT
[ "$few" != yes ] || results=$work/results

usage() { sed -n '2,/^set -u/{/^set -u/d;s/^# \{0,1\}//;p;}' "$0"; }
has() { command -v "$1" >/dev/null 2>&1; }
elapsed() { echo $(($(date +%s) - began)); }
note() {
    printf '%5s s  %s\n' "$(elapsed)" "$*" | tee -a "$OUT/summary.txt"
}

stages=
for stage in "$@"; do
    case $stage in
    devices | parity | bench | torch | train | evaluate) stages="$stages $stage" ;;
    -h | --help)
        usage
        exit 0
        ;;
    *)
        printf 'gpu-run: unknown stage %s\n' "$stage" >&2
        usage >&2
        exit 2
        ;;
    esac
done
stages=${stages:-devices parity bench torch train evaluate}

# unxz FILE: to the standard output, with xz or with Python's
unxz_file() {
    if has xz; then
        xz -dc "$1"
    else
        python3 -c 'import lzma, shutil, sys; shutil.copyfileobj(lzma.open(sys.argv[1]), sys.stdout.buffer)' "$1"
    fi
}

# Once a pack: what is unpacked is kept with the list of contents that it came from.
unpack() {
    mkdir -p "$work/bin" "$results"
    if cmp -s "$pack/CONTENTS" "$work/CONTENTS"; then
        return 0
    fi
    rm -rf "${work:?}/bin" "$work/data" "$work/CONTENTS"
    mkdir -p "$work/bin"
    for file in "$pack"/bin/*.xz; do
        name=$(basename "$file" .xz)
        unxz_file "$file" >"$work/bin/$name" || return 1
        chmod +x "$work/bin/$name"
    done
    if [ -f "$pack/data.tar.xz" ]; then
        unxz_file "$pack/data.tar.xz" | tar -C "$work" -xf - || return 1
        [ -f "$work/data/manifest.json" ] || return 1
    fi
    # Kernels that an earlier run compiled and brought back
    if [ -f "$pack/kernels.tar.gz" ]; then
        mkdir -p "$work/cache"
        tar -C "$work/cache" -xzf "$pack/kernels.tar.gz" || return 1
    fi
    cp "$pack/CONTENTS" "$work/CONTENTS"
}

# The CUDA toolkit's bitcode library, by which mathematical functions reach the kernels. Sets CUDA_PATH.
find_libdevice() {
    triton=$(python3 -c 'import importlib.util as u, os; s = u.find_spec("triton"); print(os.path.dirname(s.origin) if s else "")' 2>/dev/null || true)
    nvcc=
    if has nvcc; then nvcc=$(dirname "$(dirname "$(readlink -f "$(command -v nvcc)")")"); fi
    for root in "${CUDA_PATH:-}" "${CUDA_HOME:-}" /usr/local/cuda /opt/cuda /usr/lib/cuda /usr "$nvcc"; do
        if [ -n "$root" ] && [ -f "$root/nvvm/libdevice/libdevice.10.bc" ]; then
            export CUDA_PATH="$root"
            note "libdevice: $CUDA_PATH/nvvm/libdevice/libdevice.10.bc"
            return
        fi
    done
    # Triton, which comes with PyTorch, brings a copy.
    file=$triton/backends/nvidia/lib/libdevice.10.bc
    if [ -n "$triton" ] && [ -f "$file" ]; then
        mkdir -p "$work/cuda/nvvm/libdevice"
        cp "$file" "$work/cuda/nvvm/libdevice/"
        export CUDA_PATH="$work/cuda"
        note "libdevice: $file"
        return
    fi
    note "no libdevice.10.bc: set CUDA_PATH to a CUDA toolkit; kernels with sin, cos or exp will fail"
}

describe_machine() {
    {
        date
        uname -a
        cat "$pack/CONTENTS"
        nvidia-smi 2>&1
        python3 -c 'import sys; print("python", sys.version)' 2>&1
    } >"$results/machine.txt"
    if ! has nvidia-smi; then
        note "no nvidia-smi here: is there a driver?"
        return
    fi
    gpu=$(nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>&1 | head -n 1)
    note "GPU: $gpu"
    driver=$(printf '%s' "$gpu" | sed 's/^[^,]*, *\([0-9]*\).*/\1/')
    case $driver in
    '' | *[!0-9]*) note "the driver's version is not known; 580 or newer is needed" ;;
    *) [ "$driver" -ge 580 ] || note "driver $driver is older than 580, for which this program is built" ;;
    esac
}

# seconds_left LIMIT: LIMIT, or less where all stages together have less left
seconds_left() {
    left=$1
    if [ "$total" -gt 0 ] && [ $((total - $(elapsed))) -lt "$left" ]; then
        left=$((total - $(elapsed)))
    fi
    echo "$left"
}

# For the next pack (gpu-pack.sh --kernels), which then need not compile and tune them again
keep_kernels() {
    [ ! -d "$work/cache/cubecl" ] || tar -C "$work/cache" -czf "$results/kernels.tar.gz" cubecl
}

# collect: with few files, everything so far in one archive, and the tables beside it
collect() {
    [ "$few" = yes ] || return 0
    for file in parity.json train.json torch.json scores.json; do
        [ ! -f "$results/$file" ] || cp "$results/$file" "$OUT/"
    done
    # What a run needs to go on is large and of no use elsewhere.
    tar -C "$results" --exclude state.safetensors -czf "$OUT/.results" . && mv "$OUT/.results" "$OUT/results.tar.gz"
}

# timed NAME LIMIT COMMAND...: runs it with its output in NAME.log
timed() {
    name=$1
    seconds=$(seconds_left "$2")
    shift 2
    if [ "$seconds" -lt 5 ]; then
        note "$name: left out, no time is left"
        failures=$((failures + 1))
        return
    fi
    note "$name: begins, at most $seconds s: $*"
    from=$(date +%s)
    # An interrupt first: training saves what it has.
    timeout -s INT -k 20 "$seconds" "$@" >"$OUT/$name.log" 2>&1
    status=$?
    case $status in
    0) verdict='done' ;;
    124 | 137) verdict="stopped at its limit" ;;
    *) verdict="failed, exit status $status" ;;
    esac
    [ $status = 0 ] || failures=$((failures + 1))
    note "$name: $verdict after $(($(date +%s) - from)) s"
    tail -n 20 "$OUT/$name.log" | cut -c 1-300
    [ "$few" != yes ] || mv "$OUT/$name.log" "$results/"
    collect
}

# with_fusion NAME JSON LIMIT ARGUMENTS...: for each program of the pack
with_fusion() {
    name=$1
    json=$2
    limit=$3
    shift 3
    rm -f "$results/$json.json" "$results/$json-fusion.json"
    timed "$name" "$limit" "$work/bin/karman" "$@" --json "$results/$json.json"
    if [ -x "$work/bin/karman-fusion" ]; then
        timed "$name-fusion" "$limit" "$work/bin/karman-fusion" "$@" --json "$results/$json-fusion.json"
    fi
}

train() {
    limit=$(seconds_left "${KARMAN_GPU_TRAIN:-560}")
    # Time to read data before, to score and save after
    most=$(awk -v s="$limit" -v m="${KARMAN_GPU_MINUTES:-8}" \
        'BEGIN { l = (s - 45) / 60; if (l < 0.1) l = 0.1; printf "%.2f", l < m ? l : m }')
    rm -rf "$results/run"
    # shellcheck disable=SC2086
    timed train "$limit" "$work/bin/karman" train "$config" --device "$device" -o "$results/run" \
        --set "data.path=$work/data" --set "data.cache=$work/data-cache" \
        --set "training.max_minutes=$most" ${KARMAN_GPU_TRAIN_ARGS:-}
}

torch() {
    limit=$(seconds_left "${KARMAN_GPU_TORCH:-90}")
    rm -f "$results/torch.json"
    # shellcheck disable=SC2086
    timed torch "$limit" python3 "$pack/peers/mario_torch.py" --device cuda --suite "$results/torch.json" \
        --budget $((limit > 30 ? limit - 25 : 5)) ${KARMAN_GPU_TORCH_ARGS:-}
}

# The steps of Karman and PyTorch side by side, as far as both were measured
table() {
    [ -f "$results/train.json" ] || [ -f "$results/torch.json" ] || return 0
    has python3 || return 0
    python3 "$pack/peers/train_table.py" "$results"/train*.json "$results"/torch.json >"$results/table.md" 2>&1
    cat "$results/table.md"
    if [ "$few" = yes ]; then cat "$results/table.md" >>"$OUT/summary.txt"; fi
}

# further arguments are words
# shellcheck disable=SC2086
run_stage() {
    case $1 in
    devices) timed devices "${KARMAN_GPU_DEVICES:-30}" "$work/bin/karman" devices --json "$results/devices.json" ;;
    parity) with_fusion parity parity "${KARMAN_GPU_PARITY:-150}" bench parity --device "$device" ${KARMAN_GPU_PARITY_ARGS:-} ;;
    bench)
        with_fusion bench train "${KARMAN_GPU_BENCH:-120}" bench train --device "$device" \
            --steps 300 --precision f32,bf16 ${KARMAN_GPU_BENCH_ARGS:-}
        table
        ;;
    torch)
        torch
        table
        ;;
    train) train ;;
    evaluate)
        rm -f "$results/scores.json"
        timed evaluate "${KARMAN_GPU_EVALUATE:-90}" "$work/bin/karman" evaluate "$results/run" --device "$device" \
            --json "$results/scores.json" ${KARMAN_GPU_EVALUATE_ARGS:-}
        ;;
    esac
}

: >"$OUT/summary.txt"
if ! unpack; then
    note "the pack $pack cannot be unpacked into $work (disk full? damaged on the way?)"
    exit 1
fi
note "unpacked into $work"
# Away from any Cargo.toml, so that compiled kernels are kept in the cache below.
cd "$work" || exit 1
export XDG_CACHE_HOME="$work/cache"
describe_machine
find_libdevice
for stage in $stages; do
    run_stage "$stage"
done
note "all done, $failures failed"
keep_kernels
collect
[ "$failures" = 0 ] || exit 1
