# Karman. `make` lists the targets. All of them use the release profile: the tensor library behind the
# surrogates takes most of a build (6 to 8 minutes on two cores), so quickstart, test and bench share
# one build of it instead of making a debug one as well. (lint checks without generating code.)

CARGO ?= cargo
CARGO_FLAGS ?=
# With `--features static-hdf5` in CARGO_FLAGS cargo builds HDF5 itself, and set-up asks for cmake instead.
SETUP_FLAGS ?= $(if $(findstring static-hdf5,$(CARGO_FLAGS)),--static-hdf5)
FUZZ_SECONDS ?= 60

.DEFAULT_GOAL := help
.PHONY: help setup quickstart test lint bench docs fuzz install clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F '|' '{ printf "%-20s %s\n", $$1, $$2 }'

setup: ## install what is missing: C compiler, pkg-config, HDF5 (does nothing when all is there)
	@sh scripts/setup.sh $(SETUP_FLAGS)

quickstart: setup ## train on the bundled sample, score, write a report (about 3 minutes after the build)
	$(CARGO) run --release $(CARGO_FLAGS) -- quickstart

test: setup ## all tests, documentation examples included
	$(CARGO) test --release --workspace $(CARGO_FLAGS)

# rustdoc's warnings are errors too, dead links among them.
lint: setup ## formatting, clippy, documentation, shell scripts; warnings are errors
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --release --workspace --all-targets $(CARGO_FLAGS) -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --release --workspace --no-deps $(CARGO_FLAGS)
	sh scripts/test_setup.sh
	sh scripts/test_cuda_scripts.sh
	@if command -v shellcheck >/dev/null; then shellcheck scripts/*.sh .ci/run; \
	else echo "shellcheck is not installed: shell scripts not checked"; fi

bench: setup ## one training step beside PyTorch's on the same cores, and the ratio
	sh scripts/bench_mario.sh

docs: ## the book, into target/book (needs mdbook: cargo install mdbook)
	@command -v mdbook >/dev/null || { echo "mdbook is not installed: cargo install mdbook"; exit 1; }
	mdbook build docs

fuzz: setup ## feed the readers broken bytes, FUZZ_SECONDS for each target (needs nightly and cargo-fuzz)
	sh scripts/fuzz.sh $(FUZZ_SECONDS)

# Only the solvers are built: no tensor library, no HDF5. LIBDIR (lib) and DESTDIR as usual.
PREFIX ?= /usr/local
install: ## the solvers' C library below PREFIX: header, libraries, pkg-config file, Fortran module
	$(CARGO) build --release -p karman-capi
	sh solvers/capi/install.sh "$${CARGO_TARGET_DIR:-target}/release" $(PREFIX)

clean: ## remove everything built
	$(CARGO) clean
