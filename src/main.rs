//! The `karman` program. What it does is in `commands`, one file for each subcommand.

mod commands;
mod report;

/// Training allocates and frees large buffers all the time; mimalloc is quicker at that than the
/// allocators of most systems.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    commands::main()
}
