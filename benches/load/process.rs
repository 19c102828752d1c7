//! Another process: what it uses, and its end.

use std::process::Child;
use std::time::Duration;

/// The kernel's clock ticks a second, as `/proc` counts them.
const TICKS: f64 = 100.0;

/// A process that ends with this value.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) const fn new(child: Child) -> Self {
        Self(child)
    }

    /// CPU time so far, of all its threads.
    pub(crate) fn cpu(&self) -> Duration {
        cpu_of(&self.0.id().to_string())
    }

    /// Memory now, in MiB.
    pub(crate) fn resident_mib(&self) -> f64 {
        crate::common::resident_mib(&self.0.id().to_string(), "VmRSS")
    }
}

/// CPU time so far of a process, of all its threads.
pub(crate) fn cpu_of(id: &str) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // The name, in brackets, may hold spaces.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |n: usize| fields.get(n).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0);
    Duration::from_secs_f64((ticks(11) + ticks(12)) / TICKS)
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ended_already = self.0.kill();
        let _known = self.0.wait();
    }
}
