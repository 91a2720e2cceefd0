//! A description may be anything: what is kept of it is bounded, and line ends do not matter.

use platecast::rtsp::sdp;

/// See the file's head.
pub fn check(data: &[u8]) {
    let read = sdp::parse(data);
    if let Ok(description) = &read {
        let sets = &description.video.parameter_sets;
        assert!(sets.len() <= 16 && sets.iter().all(|set| (1..=4096).contains(&set.len())));
        assert!(description.video.payload_type < 128 && description.video.clock_rate > 0);
    }
    let other: Vec<u8> = data
        .iter()
        .flat_map(|byte| if *byte == b'\n' { &b"\r\n"[..] } else { std::slice::from_ref(byte) })
        .copied()
        .collect();
    assert_eq!(sdp::parse(&other), read);
}
