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

/// Name and used processor time, in seconds, of each thread of this process.
#[must_use]
pub fn threads_cpu_seconds() -> Vec<(String, f64)> {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    // A thread may end meanwhile.
    let stats = tasks.filter_map(|task| fs::read_to_string(task.path().join("stat")).ok());
    stats.filter_map(|stat| Some((name_of(&stat)?.to_owned(), cpu_seconds_of(&stat)?))).collect()
}

/// Linux's number of the calling thread.
#[must_use]
pub fn thread_number() -> Option<u32> {
    fs::read_link("/proc/thread-self").ok()?.file_name()?.to_str()?.parse().ok()
}

/// What the system says of a thread of this process.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Task {
    /// proc_pid_stat(5): `S` sleeps, `R` runs, `D` waits for a disk and cannot be interrupted.
    pub state: char,
    /// Processor time used.
    pub cpu_seconds: f64,
}

/// The thread of this number; `None` once it has ended.
#[must_use]
pub fn task(number: u32) -> Option<Task> {
    let stat = fs::read_to_string(format!("/proc/self/task/{number}/stat")).ok()?;
    let state = stat.rsplit_once(')')?.1.trim_start().chars().next()?;
    Some(Task { state, cpu_seconds: cpu_seconds_of(&stat)? })
}

/// What this process may use of the memory before it should end in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryBound {
    /// Three quarters of the limit.
    pub kib: u64,
    /// What sets the limit: a file of the control group, or the machine.
    pub of: String,
}

/// Three quarters of the machine's memory, or of what the control group of this process or one around it allows, where
/// that is less. `None` where nothing is to be found.
#[must_use]
pub fn memory_bound() -> Option<MemoryBound> {
    memory_bound_in(&|path| fs::read_to_string(path).ok())
}

/// The same in KiB; no bound where none is to be found.
#[must_use]
pub fn memory_bound_kib() -> u64 {
    memory_bound().map_or(u64::MAX, |bound| bound.kib)
}

/// `read` gives a file's text.
fn memory_bound_in(read: &dyn Fn(&str) -> Option<String>) -> Option<MemoryBound> {
    let groups = read("/proc/self/cgroup").unwrap_or_default();
    let of_groups = groups.lines().flat_map(group_files).filter_map(|path| {
        // `max` is no limit. Version 1 writes that as the largest number of whole pages.
        let bytes: u64 = read(&path)?.trim().parse().ok().filter(|bytes| *bytes < 1 << 60)?;
        Some((bytes / 1024, path))
    });
    let machine = machine_kib(read).map(|kib| (kib, "the machine's memory".to_owned()));
    of_groups.chain(machine).min().map(|(kib, of)| MemoryBound { kib: kib / 4 * 3, of })
}

/// The files with limits that hold for a line of `/proc/self/cgroup` (cgroups(7)): those of the group and of all around
/// it. In a container the path may be one that only the host sees; the container's own group is then the root.
fn group_files(line: &str) -> Vec<String> {
    let mut parts = line.splitn(3, ':').skip(1);
    let (controllers, path) = (parts.next().unwrap_or_default(), parts.next().unwrap_or("/"));
    let (mount, names): (_, &[&str]) = if controllers.is_empty() {
        ("/sys/fs/cgroup", &["memory.max", "memory.high"])
    } else if controllers.split(',').any(|controller| controller == "memory") {
        ("/sys/fs/cgroup/memory", &["memory.limit_in_bytes"])
    } else {
        return Vec::new();
    };
    let path = if path.split('/').any(|element| element == "..") { "" } else { path.trim_end_matches('/') };
    let places = path.match_indices('/').map(|(end, _)| &path[..end]).chain([path]);
    places.flat_map(|place| names.iter().map(move |name| format!("{mount}{place}/{name}"))).collect()
}

/// systemd's `ProcSubset=pid` hides `/proc/meminfo`; the memory nodes are still there.
fn machine_kib(read: &dyn Fn(&str) -> Option<String>) -> Option<u64> {
    let of_node = |node: u32| {
        let text = read(&format!("/sys/devices/system/node/node{node}/meminfo"))?;
        text.lines().find_map(|line| number_after(line.split_once("MemTotal:").map(|(_, rest)| rest)?, ""))
    };
    let meminfo = read("/proc/meminfo").and_then(|text| number_after(&text, "MemTotal:"));
    meminfo.or_else(|| (0..64).map_while(of_node).reduce(|sum, kib| sum + kib))
}

fn status() -> Option<String> {
    fs::read_to_string("/proc/self/status").ok()
}

/// The number after `label` in a file like `/proc/self/status`.
fn number_after(text: &str, label: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(label))?.split_whitespace().next()?.parse().ok()
}

fn name_of(stat: &str) -> Option<&str> {
    Some(stat.split_once('(')?.1.rsplit_once(')')?.0)
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
        assert_eq!((cpu_seconds_of(stat), name_of(stat)), (Some(3.0), Some("a) b")));
        assert_eq!(cpu_seconds_of("7 (a"), None);
    }

    /// The bound in MiB among these files, and what sets it.
    fn bound(files: &[(&str, &str)]) -> Option<(u64, String)> {
        let read = |path: &str| files.iter().find(|(name, _)| *name == path).map(|(_, text)| (*text).to_owned());
        memory_bound_in(&read).map(|MemoryBound { kib, of }| (kib / 1024, of))
    }

    #[test]
    fn the_smallest_memory_limit_counts() {
        const MACHINE: (&str, &str) = ("/proc/meminfo", "MemTotal:       8388608 kB\nMemFree: 1 kB\n");
        const GIB: &str = "1073741824\n";
        let check = |files: &[(&str, &str)], mib: u64, of: &str| {
            assert_eq!(bound(files), Some((mib, of.to_owned())), "{files:?}");
        };
        check(&[MACHINE], 6144, "the machine's memory");
        // A container with cgroup v2 sees its own group as the root.
        let docker = [MACHINE, ("/proc/self/cgroup", "0::/\n"), ("/sys/fs/cgroup/memory.max", GIB)];
        check(&docker, 768, "/sys/fs/cgroup/memory.max");
        // A unit of systemd with ProcSubset=pid.
        let unit = "/sys/fs/cgroup/system.slice/platecast.service/memory.max";
        let cgroup = ("/proc/self/cgroup", "0::/system.slice/platecast.service\n");
        check(&[cgroup, (unit, GIB)], 768, unit);
        let slice = "/sys/fs/cgroup/system.slice/memory.high";
        check(&[cgroup, (unit, "max\n"), (slice, "536870912\n"), MACHINE], 384, slice);
        let node =
            ("/sys/devices/system/node/node0/meminfo", "Node 0 MemTotal:       2097152 kB\nNode 0 MemFree: 1 kB\n");
        let second = ("/sys/devices/system/node/node1/meminfo", "Node 1 MemTotal:       2097152 kB\n");
        check(&[cgroup, (unit, "max\n"), node, second], 3072, "the machine's memory");
        // Version 1, on a host and in a container whose path only the host knows.
        let lines =
            ("/proc/self/cgroup", "12:pids:/x\n4:cpu,cpuacct:/x\n3:memory:/docker/abc\n1:name=systemd:/x\n0::/x\n");
        let none = "9223372036854771712\n";
        let on_host = "/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes";
        check(&[MACHINE, lines, (on_host, GIB), ("/sys/fs/cgroup/memory/memory.limit_in_bytes", none)], 768, on_host);
        let inside = "/sys/fs/cgroup/memory/memory.limit_in_bytes";
        check(&[MACHINE, lines, (inside, GIB)], 768, inside);
        check(&[("/proc/self/cgroup", "0::/../../other\n"), docker[2]], 768, "/sys/fs/cgroup/memory.max");
        assert_eq!(bound(&[cgroup, (unit, "max\n")]), None);
    }

    #[test]
    fn this_process_has_figures() {
        assert!(resident_kib().unwrap() > 1000 && resident_kib().unwrap() < memory_bound_kib());
        assert!(threads().unwrap() >= 1 && open_files().unwrap() >= 3 && cpu_seconds().is_some());
        assert!(threads_cpu_seconds().len() >= 2, "{:?}", threads_cpu_seconds());
    }
}
