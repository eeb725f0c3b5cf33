#!/bin/sh
# Runs every fuzz target of the repository for a while: scripts/fuzz.sh [SECONDS of each, default 60]
# A crash, a hang (10 s for one input) or more than 2 GB of memory stops it; the input is kept under
# fuzz/artifacts. Needs cargo-fuzz (cargo install cargo-fuzz) and, best, a nightly toolchain; without one
# the stable compiler is told to accept the sanitizer's flags.
set -eu

cd "$(dirname -- "$0")/.."
seconds=${1:-60}

command -v cargo-fuzz >/dev/null 2>&1 || {
    echo "fuzz: cargo-fuzz is missing: cargo install cargo-fuzz" >&2
    exit 1
}
if command -v rustup >/dev/null 2>&1 && rustup run nightly rustc --version >/dev/null 2>&1; then
    toolchain=+nightly
else
    echo "fuzz: no nightly toolchain, using the default one (RUSTC_BOOTSTRAP=1)"
    toolchain=
    export RUSTC_BOOTSTRAP=1
fi

found=no
for manifest in fuzz/Cargo.toml */fuzz/Cargo.toml; do
    [ -f "$manifest" ] || continue
    dir=$(dirname "$manifest")
    # target names are words; $toolchain may be empty
    # shellcheck disable=SC2086
    for name in $(cargo $toolchain fuzz list --fuzz-dir "$dir"); do
        found=yes
        echo "fuzz: $dir: $name for $seconds s"
        # shellcheck disable=SC2086
        cargo $toolchain fuzz run --fuzz-dir "$dir" "$name" -- \
            -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048
    done
done
[ $found = yes ] || {
    echo "fuzz: no fuzz targets found (fuzz/ or CRATE/fuzz/)" >&2
    exit 1
}
