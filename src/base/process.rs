//! What the system says of this process and of the memory it may use: the only reader of these files. Where they are not
//! as Linux has them, nothing is said.

use std::fs;

/// Resident memory in KiB.
#[must_use]
pub fn resident_kib() -> Option<u64> {
    number_after(&status()?, "VmRSS:")
}

/// Threads of this process.
#[must_use]
pub fn threads() -> Option<u64> {
    number_after(&status()?, "Threads:")
}

/// Open files, sockets among them.
#[must_use]
pub fn open_files() -> Option<usize> {
    // Without the one that is open for this look.
    Some(fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1))
}

/// Processor time used, in seconds.
#[must_use]
pub fn cpu_seconds() -> Option<f64> {
    cpu_seconds_of(&fs::read_to_string("/proc/self/stat").ok()?)
}

/// Three quarters of the machine's memory, or of the container's when that is less, in KiB.
#[must_use]
pub fn memory_bound_kib() -> u64 {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| number_after(&text, "MemTotal:"));
    let container = fs::read_to_string("/sys/fs/cgroup/memory.max")
        .ok()
        .and_then(|text| text.trim().parse::<u64>().ok())
        .map(|bytes| bytes / 1024);
    [machine, container].into_iter().flatten().min().map_or(u64::MAX, |kib| kib / 4 * 3)
}

fn status() -> Option<String> {
    fs::read_to_string("/proc/self/status").ok()
}

/// The number after `label` in a file like `/proc/self/status`.
fn number_after(text: &str, label: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(label))?.split_whitespace().next()?.parse().ok()
}

/// User and system time, the 14th and 15th field. The second one is the program's name, which may hold anything.
fn cpu_seconds_of(stat: &str) -> Option<f64> {
    /// USER_HZ, the same on every architecture that Linux runs on today.
    const TICKS_PER_SECOND: f64 = 100.0;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) as f64 / TICKS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_behind_their_labels() {
        assert_eq!(number_after("Name:\tx\nVmRSS:\t    7712 kB\nThreads: 3\n", "VmRSS:"), Some(7712));
        assert_eq!(number_after("Name:\tx\n", "VmRSS:"), None);
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 1 2 3 4 250 50 0 0 20 0 9 0 33 1 2";
        assert_eq!(cpu_seconds_of(stat), Some(3.0));
        assert_eq!(cpu_seconds_of("7 (a"), None);
    }

    #[test]
    fn this_process_is_there() {
        assert!(resident_kib().unwrap() > 1000 && resident_kib().unwrap() < memory_bound_kib());
        assert!(threads().unwrap() >= 1 && open_files().unwrap() >= 3 && cpu_seconds().is_some());
    }
}
