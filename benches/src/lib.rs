//! Criterion benches and comparisons with peers
