#!/bin/sh
# Memory and time of a data set of AirfRANS's size: 1000 made-up cases of 180 k points (800 to train on,
# 200 to test on), cached, then trained on for a few hundred steps, streamed from the cache; beside it the
# same step with a fifth of the cases held in memory.
#
#   scripts/airfrans_size.sh [FOLDER]
#
# FOLDER (default: target/airfrans-size) takes 25 GB; what is there already is used again; delete it afterwards.
#
# Environment:
#   KARMAN_SIZE_TRAIN, KARMAN_SIZE_TEST    how many cases (800, 200)
#   KARMAN_SIZE_EPOCHS                     passes over the train cases (2: 360 steps)
#   KARMAN                                 the program, where it is built already
set -eu

here=$(cd "$(dirname -- "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$here/target}
folder=${1:-$target/airfrans-size}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd) # the configuration takes paths from its own place
cd "$here"
train=${KARMAN_SIZE_TRAIN:-800}
test=${KARMAN_SIZE_TEST:-200}
epochs=${KARMAN_SIZE_EPOCHS:-2}

say() { printf '\nairfrans_size: %s\n' "$*"; }

# GNU time tells the largest resident memory of a program, in KiB.
measured() {
    if [ -x /usr/bin/time ]; then
        /usr/bin/time -f '%e s, at most %M KiB of memory' "$@"
    else
        say "no /usr/bin/time here: memory of this step is not measured"
        "$@"
    fi
}

# The seconds of the first epoch of a run, which is not validated, over its steps.
step_seconds() {
    sed -n '1s/.*"step":\([0-9]*\).*"seconds":\([0-9.]*\).*/\1 \2/p' "$1/member-1/metrics.jsonl" |
        awk '{ printf "%d steps, %.1f ms each\n", $1, 1000 * $2 / $1 }'
}

karman=${KARMAN:-}
if [ -z "$karman" ]; then
    cargo build --release --workspace --example made_cases
    cargo build --release --workspace
    karman=$target/release/karman
fi

if [ ! -f "$folder/data/manifest.json" ]; then
    say "making $train + $test cases"
    "$target/release/examples/made_cases" "$folder/data" "$train" "$test"
fi

say "karman dataset cache"
measured "$karman" dataset cache "$folder/data" --cache "$folder/cache"

# The features of examples/mini-airfrans/full.toml, and its network.
run() {
    name=$1
    shift
    rm -rf "${folder:?}/$name"
    measured "$karman" train examples/mini-airfrans/full.toml --output "$folder/$name" \
        --set "data.path=$folder/data" --set "data.cache=$folder/cache" \
        --set training.max_minutes=0 "$@"
    step_seconds "$folder/$name"
}

say "karman train, streamed from the cache"
run streamed --set "training.epochs=$epochs" --set "training.evaluate_every=$epochs"

say "karman train, in memory (the quarter of the cases that is the task scarce)"
run memory --set data.task=scarce --set training.epochs=4 --set training.evaluate_every=4

du -sh "$folder/data" "$folder/cache"
