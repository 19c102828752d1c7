//! What all benchmarks tell of the machine, and how they rank what they measured.

/// The value below which `share` of the values lie, by nearest rank; none of none.
pub(crate) fn rank<T: Copy + PartialOrd>(values: &[T], share: f64) -> Option<T> {
    let mut values = values.to_vec();
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    values.get(((values.len() as f64 * share).ceil() as usize).saturating_sub(1)).copied()
}

/// Processor and cores.
pub(crate) fn machine() -> String {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("an unknown processor");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{} with {cores} cores", model.trim_start_matches([' ', '\t', ':']))
}

/// Memory of a process (`self`, or its id) in MiB: `VmRSS` for now, `VmHWM` for the most so far.
pub(crate) fn resident_mib(process: &str, field: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(0.0) / 1_024.0
}

/// The load average of the last minute.
pub(crate) fn load_average() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or("unknown").to_owned()
}
