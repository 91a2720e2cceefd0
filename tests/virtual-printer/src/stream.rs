//! The pictures of one session: which one is due when, with which timestamp, and what is done to its packets.

use crate::Clip;
use crate::behaviour::{Entry, Timestamps, VideoManners};
use crate::camera::{Damage, Injection, State};
use crate::clock;
use crate::noise::Noise;
use crate::rtp::{Packet, Rtp};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// As live555's: about every five seconds.
const REPORT_INTERVAL: Duration = Duration::from_secs(5);

/// A camera does not send old pictures: later than this, it goes on with the one that is due.
const LATEST: Duration = Duration::from_secs(1);

pub(crate) struct Stream {
    rtp: Rtp,
    clip: Arc<Clip>,
    /// The next picture, when it is due, and how much later than that it leaves.
    next: usize,
    due: Instant,
    jitter: Duration,
    /// The RTP clock: where it began, and how far it is at `due`.
    origin_90k: u32,
    elapsed_90k: f64,
    /// Where on that clock the last IDR picture was.
    key_90k: Option<f64>,
    report_due: Instant,
    held: Option<Packet>,
    noise: Noise,
}

/// A picture, ready to leave.
pub(crate) struct Picture {
    pub(crate) index: usize,
    pub(crate) key: bool,
    pub(crate) packets: Vec<Packet>,
}

impl Stream {
    /// A stream that begins `now`, of a camera that has been running for `age`.
    pub(crate) fn new(channel: u8, video: &VideoManners, age: Duration, seed: u64, now: Instant) -> Self {
        let mut noise = Noise::new(seed);
        let random = (noise.next() as u16, noise.next() as u32);
        let (sequence, origin_90k) = video.first_packet.unwrap_or(random);
        let ssrc = noise.next() as u32;
        let clip = Arc::clone(&video.clip);
        let live = (age.as_secs_f64() * fps(video)) as usize % clip.frame_count();
        Self {
            rtp: Rtp { channel, sequence, timestamp: origin_90k, ssrc, packets: 0, payload_bytes: 0 },
            next: match video.entry {
                Entry::KeyFrame => clip.gop_start(live),
                Entry::Anywhere => live,
            },
            clip,
            due: now,
            jitter: Duration::ZERO,
            origin_90k,
            elapsed_90k: 0.0,
            key_90k: None,
            report_due: now,
            held: None,
            noise,
        }
    }

    /// For `RTP-Info`: the next packet's sequence number and timestamp.
    pub(crate) fn start(&self) -> (u16, u32) {
        (self.rtp.sequence, self.rtp.timestamp)
    }

    pub(crate) fn due(&self) -> Instant {
        self.due + self.jitter
    }

    /// The sender report, where one is due.
    pub(crate) fn report(&mut self, video: &VideoManners, now: Instant) -> Option<Packet> {
        if now < self.report_due {
            return None;
        }
        self.report_due = now + REPORT_INTERVAL;
        let mut rtp = self.rtp.clone();
        if video.timestamps == Timestamps::Running {
            let ahead_90k = self.due.saturating_duration_since(now).as_secs_f64() * 90_000.0;
            rtp.timestamp = self.timestamp(self.elapsed_90k - ahead_90k);
        }
        Some(rtp.sender_report(clock::unix()))
    }

    /// The picture that is due, if one is.
    pub(crate) fn picture(&mut self, video: &VideoManners, now: Instant) -> Option<Picture> {
        if now < self.due() {
            return None;
        }
        if !Arc::ptr_eq(&self.clip, &video.clip) {
            self.clip = Arc::clone(&video.clip);
            self.next = 0;
        }
        let late = now.saturating_duration_since(self.due());
        if late > LATEST {
            let missed = (late.as_secs_f64() * fps(video)) as usize;
            self.next = self.clip.gop_start(self.next + missed);
            self.pass(missed, video);
        }
        let last = || self.next.checked_sub(1).unwrap_or(self.clip.frame_count() - 1);
        match self.wants_key(video) {
            Some(false) if self.clip.is_idr(self.next) => self.next = self.clip.after_without_idr(last()),
            Some(true) => self.next = self.clip.next_idr(last()),
            Some(false) | None => {}
        }
        if self.clip.is_idr(self.next) {
            self.key_90k = Some(self.elapsed_90k);
        }
        match video.timestamps {
            Timestamps::Running => self.rtp.timestamp = self.timestamp(self.elapsed_90k),
            Timestamps::Apart(ticks) => self.rtp.timestamp = self.rtp.timestamp.wrapping_add(ticks),
            Timestamps::Frozen => {}
        }
        let index = self.next;
        let packets = self.rtp.picture(&self.clip, index, video);
        self.next = self.clip.after(index);
        self.pass(1, video);
        self.jitter = video.jitter.mul_f64(self.noise.unit());
        Some(Picture { index, key: self.clip.is_idr(index), packets })
    }

    /// Whether the next picture has to be an IDR picture, or must not be; `None`: as the clip has it.
    fn wants_key(&self, video: &VideoManners) -> Option<bool> {
        let ticks = |span: Duration| span.as_secs_f64() * 90_000.0;
        let half_a_picture_90k = 45_000.0 / fps(video);
        if video.idr_withheld || self.elapsed_90k + half_a_picture_90k < ticks(video.first_key_frame) {
            return Some(false);
        }
        let interval_90k = ticks(video.key_frame_interval?);
        let since = self.key_90k.map(|at_90k| self.elapsed_90k - at_90k);
        Some(since.is_none_or(|since| since + half_a_picture_90k >= interval_90k))
    }

    /// Moves the RTP clock, not the pictures.
    pub(crate) fn jump(&mut self, ticks_90k: i64) {
        self.origin_90k = self.origin_90k.wrapping_add(ticks_90k as u32);
    }

    /// The bytes of an injection.
    pub(crate) fn injection(&mut self, injection: Injection) -> Vec<Packet> {
        match injection {
            Injection::Bytes(bytes) => vec![bytes],
            Injection::Garbage(count) => {
                let mut garbage = self.noise.bytes(count);
                if let Some(first) = garbage.first_mut() {
                    // Neither `$` nor text.
                    *first |= 0x80;
                }
                vec![garbage]
            }
            Injection::HugeNal(count) => {
                let mut nal = vec![0x55; count];
                if let Some(header) = nal.first_mut() {
                    *header = 0x41;
                }
                let mut packets = Vec::new();
                self.rtp.nal(&nal, false, &mut packets);
                packets
            }
        }
    }

    /// Does to `packets` what is owed, and what chance brings.
    pub(crate) fn spoil(&mut self, packets: Vec<Packet>, state: &mut State) -> Vec<Packet> {
        let mut sent = Vec::with_capacity(packets.len());
        state.seen.packets += packets.len() as u64;
        for packet in packets {
            match state.fate(&mut self.noise) {
                Some(Damage::Lose) => continue,
                Some(Damage::Swap) if self.held.is_none() => {
                    self.held = Some(packet);
                    continue;
                }
                Some(Damage::Repeat) => sent.push(packet.clone()),
                Some(Damage::Swap) | None => {}
            }
            sent.push(packet);
            sent.extend(self.held.take());
        }
        sent
    }

    fn timestamp(&self, elapsed_90k: f64) -> u32 {
        self.origin_90k.wrapping_add(elapsed_90k.round() as i64 as u32)
    }

    fn pass(&mut self, pictures: usize, video: &VideoManners) {
        let span = pictures as f64 / fps(video);
        self.due += Duration::from_secs_f64(span);
        self.elapsed_90k += span * 90_000.0;
    }
}

impl State {
    fn fate(&mut self, noise: &mut Noise) -> Option<Damage> {
        let video = &self.behaviour.video;
        let damage = [
            (&mut self.owed.lose, video.lost_percent, Damage::Lose, &mut self.seen.packets_lost),
            (&mut self.owed.swap, video.swapped_percent, Damage::Swap, &mut self.seen.packets_swapped),
            (&mut self.owed.repeat, video.repeated_percent, Damage::Repeat, &mut self.seen.packets_repeated),
        ];
        for (owed, percent, damage, count) in damage {
            let due = *owed > 0;
            if due || (percent > 0.0 && noise.unit() * 100.0 < percent) {
                *owed -= u32::from(due);
                *count += 1;
                return Some(damage);
            }
        }
        None
    }
}

/// Never 0: a clip at a standstill would be due never.
fn fps(video: &VideoManners) -> f64 {
    video.fps.unwrap_or(video.clip.fps()).max(0.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGE: Duration = Duration::from_millis(2500);

    fn video() -> VideoManners {
        VideoManners { first_packet: Some((0, 0)), ..VideoManners::default() }
    }

    fn timestamp(picture: &Picture) -> u32 {
        u32::from_be_bytes(picture.packets[0][8..12].try_into().unwrap())
    }

    /// Index and timestamp of the pictures that leave in the first second, looked at once a millisecond.
    fn first_second(video: &VideoManners) -> (Vec<usize>, Vec<u32>, Vec<u128>) {
        let start = clock::now();
        let mut stream = Stream::new(0, video, AGE, 1, start);
        let (mut indices, mut timestamps, mut times) = (Vec::new(), Vec::new(), Vec::new());
        for ms in 0..1000 {
            if let Some(picture) = stream.picture(video, start + Duration::from_millis(ms)) {
                indices.push(picture.index);
                timestamps.push(timestamp(&picture));
                times.push(u128::from(ms));
            }
        }
        (indices, timestamps, times)
    }

    #[test]
    fn frames_leave_at_their_pace_from_the_previous_key_frame() {
        let (indices, timestamps, times) = first_second(&video());
        assert_eq!(indices, (60..90).collect::<Vec<_>>());
        assert_eq!(timestamps, (0..30).map(|i| i * 3000).collect::<Vec<_>>());
        assert_eq!(times, (0..30).map(|i| (i * 100u128).div_ceil(3)).collect::<Vec<_>>());
    }

    /// When IDR pictures leave, in seconds, at `fps` over `seconds`.
    fn key_frames(video: VideoManners, fps: f64, seconds: u64) -> Vec<f64> {
        let (video, start) = (VideoManners { fps: Some(fps), ..video }, clock::now());
        let mut stream = Stream::new(0, &video, AGE, 1, start);
        let pictures = (0..seconds * 100).filter_map(|at| {
            let picture = stream.picture(&video, start + Duration::from_millis(at * 10))?;
            Some((at as f64 / 100.0, picture.key))
        });
        pictures.filter(|(_, key)| *key).map(|(at, _)| (at * 10.0).round() / 10.0).collect()
    }

    #[test]
    fn key_frames_have_the_configured_interval_and_delay() {
        let every = |seconds| VideoManners { key_frame_interval: Some(Duration::from_secs(seconds)), ..video() };
        assert_eq!(key_frames(every(20), 15.0, 70), [0.0, 20.0, 40.0, 60.0]);
        assert_eq!(key_frames(every(2), 0.5, 9), [0.0, 2.0, 4.0, 6.0, 8.0], "each picture");
        assert_eq!(key_frames(every(0), 2.0, 2), [0.0, 0.5, 1.0, 1.5]);
        let late = VideoManners { first_key_frame: Duration::from_secs(22), ..every(5) };
        assert_eq!(key_frames(late, 10.0, 35), [22.0, 27.0, 32.0]);
        let withheld = VideoManners { idr_withheld: true, ..every(1) };
        assert_eq!(key_frames(withheld, 10.0, 20), [0.0; 0]);
    }

    #[test]
    fn a_client_can_come_in_anywhere() {
        let (indices, ..) = first_second(&VideoManners { entry: Entry::Anywhere, ..video() });
        assert_eq!(indices[..2], [75, 76]);
    }

    #[test]
    fn jitter_delays_frames_and_keeps_their_timestamps() {
        let jitter = Duration::from_millis(20);
        let (_, timestamps, times) = first_second(&VideoManners { jitter, ..video() });
        assert_eq!(timestamps, (0..timestamps.len() as u32).map(|i| i * 3000).collect::<Vec<_>>());
        let late: Vec<u128> = times.iter().zip(0..).map(|(time, i)| time - i * 100 / 3).collect();
        assert!(
            late.iter().all(|&ms| ms <= 21) && late.iter().any(|&ms| ms > 10) && late[1..].iter().any(|&ms| ms < 10)
        );
    }

    #[test]
    fn after_a_stall_the_camera_is_live_again_at_a_key_frame() {
        let (video, start) = (video(), clock::now());
        let mut stream = Stream::new(0, &video, AGE, 1, start);
        stream.picture(&video, start).unwrap();
        let back = start + Duration::from_secs(5);
        let picture = stream.picture(&video, back).unwrap();
        assert_eq!((picture.index, timestamp(&picture)), (210, 5 * 90_000));
        assert!(stream.due() > back);
    }
}
