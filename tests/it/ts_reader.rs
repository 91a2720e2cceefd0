//! A reader of transport streams for the tests: strict, and written without a look at the muxer.

/// One access unit as it was carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// The packet it begins in.
    pub packet: usize,
    /// The times run on where their 33 bits wrap.
    pub pts: i64,
    pub dts: i64,
    pub random_access: bool,
    /// The elementary stream's bytes.
    pub bytes: Vec<u8>,
}

/// What runs on from segment to segment.
#[derive(Debug, Default, Clone)]
pub struct Reader {
    counters: std::collections::HashMap<u16, u8>,
    pcr: Option<i64>,
    dts: Option<i64>,
    /// The packets read since the last discontinuity of the clock, for the distance of its references.
    fresh: bool,
}

impl Reader {
    /// Counters and clock may begin anew.
    pub fn discontinuity(&mut self) {
        *self = Self { fresh: true, ..Self::default() };
    }

    /// Reads a whole segment: PAT and PMT, then one video stream.
    pub fn segment(&mut self, bytes: &[u8]) -> Result<Vec<Carried>, String> {
        let pids: Vec<u16> = bytes.chunks(188).take(2).map(|packet| pid(packet).unwrap_or(0xffff)).collect();
        if pids != [0, 0x1000] {
            return Err(format!("begins with {pids:x?} instead of PAT and PMT"));
        }
        self.packets(bytes)
    }

    /// Reads whole packets.
    pub fn packets(&mut self, bytes: &[u8]) -> Result<Vec<Carried>, String> {
        if !bytes.len().is_multiple_of(188) {
            return Err(format!("{} bytes are not whole packets", bytes.len()));
        }
        let mut units: Vec<(Carried, Vec<u8>)> = Vec::new();
        for (index, packet) in bytes.chunks(188).enumerate() {
            self.packet(index, packet, &mut units).map_err(|wrong| format!("packet {index}: {wrong}"))?;
        }
        let mut units = units.into_iter().map(|(unit, pes)| unpack(unit, &pes)).collect::<Result<Vec<_>, _>>()?;
        for unit in &mut units {
            let ahead = shortest(unit.pts - unit.dts);
            unit.dts = self.dts.map_or(unit.dts, |before| before + shortest(unit.dts - before));
            unit.pts = unit.dts + ahead;
            self.dts = Some(unit.dts);
        }
        Ok(units)
    }

    fn packet(&mut self, index: usize, packet: &[u8], units: &mut Vec<(Carried, Vec<u8>)>) -> Result<(), String> {
        let pid = pid(packet).ok_or("no sync byte")?;
        let starts = packet[1] & 0x40 != 0;
        if packet[1] & 0xa0 != 0 || packet[3] & 0xc0 != 0 {
            return Err("error, priority or scrambling bits".into());
        }
        let (has_field, has_payload, counter) = (packet[3] & 0x20 != 0, packet[3] & 0x10 != 0, packet[3] & 15);
        let mut at = 4;
        let (mut random_access, mut discontinuity) = (false, false);
        if has_field {
            let len = usize::from(packet[4]);
            at += 1 + len;
            if at > 188 || (has_payload && at == 188) || (!has_payload && len != 183) {
                return Err(format!("adaptation field of {len}"));
            }
            if len > 0 {
                let flags = packet[5];
                (discontinuity, random_access) = (flags & 0x80 != 0, flags & 0x40 != 0);
                let mut said = 6;
                if flags & 0x10 != 0 {
                    let base = packet[6..10].iter().fold(0_i64, |base, byte| base << 8 | i64::from(*byte));
                    self.clock(base << 1 | i64::from(packet[10] >> 7), discontinuity)?;
                    said = 12;
                }
                if flags & 0x2f != 0 || packet[said..at].iter().any(|byte| *byte != 0xff) {
                    return Err("unknown flags, or stuffing that is not 0xFF".into());
                }
            }
        }
        let expected = self.counters.get(&pid).map(|last| (last + u8::from(has_payload)) & 15);
        if expected.is_some_and(|expected| expected != counter) && !discontinuity {
            return Err(format!("counter {counter} of PID {pid:#x}, expected {expected:?}"));
        }
        self.counters.insert(pid, counter);
        match pid {
            0 | 0x1000 => section(&packet[at..], pid),
            0x100 if starts => {
                let unit = Carried { packet: index, pts: 0, dts: 0, random_access, bytes: Vec::new() };
                units.push((unit, packet[at..].to_vec()));
                Ok(())
            }
            0x100 if !has_payload => Ok(()),
            0x100 => {
                let (_, pes) = units.last_mut().ok_or("payload before an access unit")?;
                pes.extend_from_slice(&packet[at..]);
                Ok(())
            }
            other => Err(format!("PID {other:#x}")),
        }
    }

    fn clock(&mut self, pcr: i64, discontinuity: bool) -> Result<(), String> {
        let last = self.pcr.replace(pcr);
        match last {
            Some(last) if !discontinuity => {
                let step = (pcr - last).rem_euclid(1 << 33);
                if step == 0 || step > 9_000 { Err(format!("clock step of {step}")) } else { Ok(()) }
            }
            None if !discontinuity && self.fresh => Err("a new clock without discontinuity indicator".into()),
            _ => Ok(()),
        }
    }
}

/// A distance in 33 bits, either way.
fn shortest(ticks: i64) -> i64 {
    (ticks + (1 << 32)).rem_euclid(1 << 33) - (1 << 32)
}

fn pid(packet: &[u8]) -> Option<u16> {
    (packet.len() == 188 && packet[0] == 0x47).then(|| u16::from(packet[1] & 0x1f) << 8 | u16::from(packet[2]))
}

fn section(body: &[u8], pid: u16) -> Result<(), String> {
    let len = usize::from(body[2] & 15) << 8 | usize::from(body[3]);
    let table = &body[1..4 + len];
    let mut crc = u32::MAX;
    for bit in table.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)) {
        let feed = crc >> 31 ^ u32::from(bit);
        crc = crc << 1 ^ if feed == 1 { 0x04c1_1db7 } else { 0 };
    }
    let names: &[u8] = if pid == 0 { &[0, 1, 0xf0, 0] } else { &[0x1b, 0xe1, 0, 0xf0, 0] };
    let found = &table[table.len() - 4 - names.len()..table.len() - 4];
    if crc != 0 || body[0] != 0 || found != names {
        return Err(format!("table {table:x?}, residue {crc:x}"));
    }
    Ok(())
}

fn unpack(mut unit: Carried, pes: &[u8]) -> Result<Carried, String> {
    let at = unit.packet;
    if pes.len() < 20 || pes[..4] != [0, 0, 1, 0xe0] || pes[6] != 0x84 {
        return Err(format!("packet {at}: PES head {:x?}", &pes[..pes.len().min(20)]));
    }
    let len = usize::from(u16::from_be_bytes([pes[4], pes[5]]));
    if if len == 0 { pes.len() - 6 <= 65_535 } else { len != pes.len() - 6 } {
        return Err(format!("packet {at}: PES length {len} for {}", pes.len() - 6));
    }
    let stamp = |bytes: &[u8]| {
        let marked = bytes[0] & 1 == 1 && bytes[2] & 1 == 1 && bytes[4] & 1 == 1;
        let [a, b, c, d, e] = [bytes[0], bytes[1], bytes[2], bytes[3], bytes[4]].map(i64::from);
        marked.then_some((a >> 1 & 7) << 30 | b << 22 | c >> 1 << 15 | d << 7 | e >> 1).ok_or("marker bits")
    };
    unit.pts = stamp(&pes[9..14])?;
    unit.dts = match (pes[7], pes[8]) {
        (0x80, 5) => unit.pts,
        (0xc0, 10) => stamp(&pes[14..19])?,
        other => return Err(format!("packet {at}: stamps {other:x?}")),
    };
    if pes[7] == 0xc0 && unit.dts == unit.pts {
        return Err(format!("packet {at}: a DTS that says nothing"));
    }
    unit.bytes = pes[9 + usize::from(pes[8])..].to_vec();
    if unit.bytes.get(..6) != Some(&[0, 0, 0, 1, 9, 0xf0]) {
        return Err(format!("packet {at}: no access unit delimiter"));
    }
    Ok(unit)
}
