//! The `karman` program. What it does is in `commands`, one file for each subcommand.

mod commands;
// Parts of the report are there for commands that do not use them yet.
#[allow(dead_code, unused_imports)]
mod report;

/// Training allocates and frees large buffers all the time; mimalloc is quicker at that than the
/// allocators of most systems.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    commands::main()
}
