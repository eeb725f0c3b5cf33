#!/bin/sh
# One MARIO training step, Karman against PyTorch, on the same cores, and the ratio of the two.
# `make bench` runs it. The programs take turns (torch, rust, torch, rust), so that a busy or hot machine
# does not favour one of them; of each, the median over its rounds counts.
#
#   scripts/bench_mario.sh
#
# Environment:
#   KARMAN_PEERS_PYTHON    a Python that has torch; without it, one is installed under target/peers
#   KARMAN_PEERS_PIP       what pip installs there (default: torch's CPU wheel)
#   KARMAN_BENCH_THREADS   threads of both programs (2)
#   KARMAN_BENCH_POINTS    points a step ("16384 2048"), four cases each
#   KARMAN_BENCH_ROUNDS    turns of each program (2)
#
# The Rust side is the criterion bench `mario_step` of karman-benches; a benchmark is matched with a number of
# points by the last number in its name (mario_step/16384). Results: target/bench/mario.json.
set -eu

cd "$(dirname -- "$0")/.."
threads=${KARMAN_BENCH_THREADS:-2}
points=${KARMAN_BENCH_POINTS:-16384 2048}
rounds=${KARMAN_BENCH_ROUNDS:-2}
target=${CARGO_TARGET_DIR:-target}
criterion=${CRITERION_HOME:-$target/criterion}
out=$target/bench
export RAYON_NUM_THREADS="$threads" OMP_NUM_THREADS="$threads" MKL_NUM_THREADS="$threads"

say() { printf 'bench: %s\n' "$*"; }

# The same cores for both, where the system can pin.
pin=
if command -v taskset >/dev/null 2>&1; then
    pin="taskset -c 0-$((threads - 1))"
    $pin true 2>/dev/null || pin=
fi

has_torch() { [ -n "$1" ] && "$1" -c 'import torch' >/dev/null 2>&1; }

# Sets $python to one with torch, or to nothing.
find_torch() {
    python=${KARMAN_PEERS_PYTHON:-}
    if [ -n "$python" ]; then
        has_torch "$python" && return
        say "KARMAN_PEERS_PYTHON=$python cannot import torch; the comparison is left out"
        python=
        return
    fi
    python=$target/peers/bin/python
    has_torch "$python" && return
    if ! command -v python3 >/dev/null 2>&1; then
        say "no python3 here, so PyTorch is left out (set KARMAN_PEERS_PYTHON to compare)"
        python=
        return
    fi
    wheel="torch --index-url https://download.pytorch.org/whl/cpu"
    [ "$(uname -s)" != Darwin ] || wheel=torch
    say "installing PyTorch for the comparison into $target/peers (once)"
    # pip's arguments are words
    # shellcheck disable=SC2086
    if ! { python3 -m venv "$target/peers" &&
        "$python" -m pip install --quiet --retries 1 --timeout 20 ${KARMAN_PEERS_PIP:-$wheel}; } 2>&1; then
        say "PyTorch could not be installed (no network?), so it is left out."
        say "To compare: KARMAN_PEERS_PYTHON=/path/to/python make bench, with a Python that has torch."
        python=
    fi
}

# torch_turn ROUND
torch_turn() {
    for n in $points; do
        steps=$((20 * 16384 / (n + 4096) + 10))
        # shellcheck disable=SC2086
        $pin "$python" benches/peers/mario_torch.py --points "$n" --cases 4 --steps "$steps" \
            --threads "$threads" --json "$out/torch-$n-$1.json" >/dev/null
        say "round $1: torch, $n points: $(torch_ms "$out/torch-$n-$1.json") ms"
    done
}

# The median of a torch result, in ms
torch_ms() {
    tr -d ' \n' <"$1" | sed 's/.*"ms_per_step":{"median":\([0-9.e+]*\).*/\1/' | awk '{ printf "%.2f\n", $1 }'
}

# The median of a criterion estimate, from ns to ms
median_ms() {
    tr -d ' \n' <"$1" | sed 's/.*"median":{"confidence_interval":{[^}]*},"point_estimate":\([0-9.e+]*\).*/\1/' |
        awk '{ printf "%.2f\n", $1 / 1e6 }'
}

# rust_turn ROUND: runs the bench and keeps its estimates, one file for each benchmark
rust_turn() {
    stamp=$out/started
    : >"$stamp"
    # shellcheck disable=SC2086
    $pin cargo bench --quiet --workspace --bench mario_step >"$out/rust-$1.log" 2>&1 || {
        tail -n 30 "$out/rust-$1.log" >&2
        say "the Rust bench failed; its output is in $out/rust-$1.log" >&2
        exit 1
    }
    for estimate in "$criterion"/mario_step*/*/new/estimates.json "$criterion"/mario_step*/*/*/new/estimates.json; do
        if [ ! -f "$estimate" ] || [ -z "$(find "$estimate" -newer "$stamp")" ]; then continue; fi
        name=$(dirname "$(dirname "$estimate")")
        name=${name#"$criterion"/}
        n=$(printf '%s' "$name" | sed 's/.*[^0-9]\([0-9][0-9]*\)[^0-9]*$/\1/')
        median_ms "$estimate" >"$out/rust-$n-$1.ms"
        say "round $1: karman, $name: $(cat "$out/rust-$n-$1.ms") ms"
    done
}

# Median of the numbers on standard input
middle() { sort -g | awk '{ v[NR] = $1 } END { if (NR) print (NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2) }'; }

mkdir -p "$out"
rm -f "$out"/torch-* "$out"/rust-*
say "building"
cargo bench --quiet --workspace --bench mario_step --no-run
find_torch
say "$threads threads${pin:+, pinned with \"$pin\"}, $(uname -m), load $(uptime | sed 's/.*load average[s]*: *//')"
round=1
while [ "$round" -le "$rounds" ]; do
    [ -z "$python" ] || torch_turn "$round"
    rust_turn "$round"
    round=$((round + 1))
done

printf '\nOne MARIO training step (width 256, depth 6, 2 scales, 4 cases), %s threads, ms:\n\n' "$threads"
printf '%8s %10s %10s %14s\n' points karman torch karman/torch
separator=
{
    printf '{"threads": %s, "steps": [' "$threads"
    for n in $points; do
        ours=$(cat "$out"/rust-"$n"-*.ms 2>/dev/null | middle)
        theirs=$(for f in "$out"/torch-"$n"-*.json; do [ ! -f "$f" ] || torch_ms "$f"; done | middle)
        ratio=$(awk -v a="${ours:-0}" -v b="${theirs:-0}" 'BEGIN { if (a > 0 && b > 0) printf "%.3f", a / b }')
        printf '%8s %10s %10s %14s\n' "$n" "${ours:--}" "${theirs:--}" "${ratio:--}" >&3
        printf '%s\n  {"points": %s, "karman_ms": %s, "torch_ms": %s, "ratio": %s}' \
            "$separator" "$n" "${ours:-null}" "${theirs:-null}" "${ratio:-null}"
        separator=,
    done
    printf '\n]}\n'
} 3>&1 >"$out/mario.json"
printf '\nBelow 1 Karman is faster. Kept in %s.\n' "$out/mario.json"
