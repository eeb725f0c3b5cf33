//! What the operating system tells of the machine.

/// An entry of the first processor in `/proc/cpuinfo`, such as `model name`.
pub(super) fn processor(entry: &str) -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with(entry))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The model of the processor, or its architecture.
pub(super) fn processor_name() -> String {
    processor("model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

/// An entry of `/proc/meminfo`, such as `MemAvailable`, in bytes.
pub(super) fn memory(entry: &str) -> Option<u64> {
    kibibytes("/proc/meminfo", entry)
}

/// An entry of `/proc/self/status`, such as `VmHWM` (the most memory that this process held), in bytes.
pub(super) fn own_memory(entry: &str) -> Option<u64> {
    kibibytes("/proc/self/status", entry)
}

fn kibibytes(file: &str, entry: &str) -> Option<u64> {
    let text = std::fs::read_to_string(file).ok()?;
    let rest = text
        .lines()
        .find_map(|line| line.strip_prefix(entry)?.strip_prefix(':'))?;
    let kib: u64 = rest.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn memory_is_found_by_its_whole_name() {
        let total = memory("MemTotal").expect("Linux has it");
        let available = memory("MemAvailable").expect("Linux has it");
        assert!(
            total >= available && available > 1 << 20,
            "{total} {available}"
        );
        assert_eq!(memory("Mem"), None);
    }
}
