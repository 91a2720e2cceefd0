//! The networks to which this machine is connected, as Linux lists them in text files. On other systems there are none.

use super::range::Range;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

/// More networks than this are not listed.
const NETWORKS: usize = 16;

/// A network without a router in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// The name of the interface that leads there.
    pub interface: String,
    /// Its addresses, possibly more than a scan may have.
    pub range: Range,
}

/// Returns the IPv4 networks of this machine, without those of containers and virtual machines on it. (`/proc/net` itself
/// is hidden from a service with systemd's `ProcSubset=pid`.)
#[must_use]
pub fn networks() -> Vec<Network> {
    parse_routes(&fs::read_to_string("/proc/self/net/route").unwrap_or_default())
}

/// Returns the numbers of the interfaces on which multicast may arrive.
#[must_use]
pub fn indices() -> Vec<u32> {
    let index = |name: &String| -> Option<u32> {
        fs::read_to_string(Path::new("/sys/class/net").join(name).join("ifindex")).ok()?.trim().parse().ok()
    };
    names().iter().filter(|name| !is_virtual(name)).filter_map(index).take(NETWORKS).collect()
}

/// Whether this program runs in a container that does not use the host's network, as far as can be seen. There, no
/// broadcast arrives. A container with a network of its own sees `lo` and `eth0`, `eth1` …; one on the host's network
/// sees the host's interfaces, among them usually the container engine's bridge.
#[must_use]
pub fn seem_a_containers() -> bool {
    let marks = ["/.dockerenv", "/run/.containerenv"];
    let is_contained = marks.iter().any(|mark| Path::new(mark).exists());
    is_contained && names().iter().all(|name| name == "lo" || name.starts_with("eth"))
}

fn names() -> Vec<String> {
    let entries = fs::read_dir("/sys/class/net").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// Whether an interface leads to containers or virtual machines on this machine. Docker calls a bridge `br-` and twelve
/// hex digits; OpenWrt's `br-lan` leads to a LAN.
fn is_virtual(name: &str) -> bool {
    let of_docker =
        name.strip_prefix("br-").is_some_and(|id| id.len() == 12 && id.bytes().all(|b| b.is_ascii_hexdigit()));
    of_docker || ["lo", "docker", "podman", "cni", "veth", "virbr"].iter().any(|start| name.starts_with(start))
}

/// Reads the kernel's table of routes. A network is a route without a gateway.
fn parse_routes(table: &str) -> Vec<Network> {
    const UP: u32 = 1;
    const REJECT: u32 = 0x200;
    let mut networks: Vec<Network> = Vec::new();
    for line in table.lines().skip(1) {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [interface, destination, gateway, flags, _, _, _, mask, ..] = columns.as_slice() else { continue };
        let hex = |text: &str| u32::from_str_radix(text, 16).ok();
        let (Some(destination), Some(gateway), Some(flags), Some(mask)) =
            (hex(destination), hex(gateway), hex(flags), hex(mask))
        else {
            continue;
        };
        let is_network = gateway == 0 && mask != 0 && flags & (UP | REJECT) == UP && !is_virtual(interface);
        // The numbers are as they lie in memory. A mask of ones and then zeros is the only kind there is.
        let prefix = u8::try_from(mask.count_ones()).unwrap_or(32);
        let Some(range) = Range::around(Ipv4Addr::from(destination.to_ne_bytes()), prefix) else { continue };
        if is_network && networks.len() < NETWORKS && networks.iter().all(|known| known.range != range) {
            networks.push(Network { interface: (*interface).to_owned(), range });
        }
    }
    networks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn networks_are_routes_without_a_gateway_and_no_bridges_of_containers() {
        let table = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n\
            eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n\
            eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n\
            wlan0\t0001A8C0\t00000000\t0001\t0\t0\t600\t00FFFFFF\t0\t0\t0\n\
            docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n\
            br-0123456789ab\t000012AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n\
            br-lan\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n\
            eth1\t0002A8C0\t00000000\t0201\t0\t0\t0\t00FFFFFF\t0\t0\t0\n\
            eth2\tnonsense\n";
        let found: Vec<String> =
            parse_routes(table).iter().map(|network| format!("{} {}", network.interface, network.range)).collect();
        assert_eq!(found, ["eth0 192.168.1.0/24", "br-lan 10.0.0.0/8"]);
        assert_eq!(parse_routes(""), []);
    }
}
