//! What a benchmark ran on.

use super::report::Machine;

/// The machine, and its load now as that before the work.
pub(super) fn machine() -> Machine {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let processor = cpus.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("an unknown processor");
    let load = load();
    Machine {
        processor: processor.trim_start_matches([' ', '\t', ':']).to_owned(),
        cores: std::thread::available_parallelism().map_or(0, usize::from),
        memory_mib: kibibytes("/proc/meminfo", "MemTotal") / 1_024,
        load: [load, load],
    }
}

/// The load average of the last minute; 0 where the system doesn't tell.
pub(super) fn load() -> f64 {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(0.0)
}

/// The memory of this process now, in MiB.
#[must_use]
pub fn resident_mib() -> f64 {
    kibibytes("/proc/self/status", "VmRSS") as f64 / 1_024.0
}

fn kibibytes(file: &str, field: &str) -> u64 {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
