//! Writes one key frame as a fragmented MP4 of one frame (ISO/IEC 14496-12 and -15). A browser shows it as a still, so
//! the service never has to decode it.
//!
//! ```text
//! ftyp │ moov: mvhd, trak (tkhd, mdia: mdhd, hdlr, minf: vmhd, dinf, stbl: stsd with avc1 and avcC …), mvex
//!      │ moof: mfhd, traf: tfhd, tfdt, trun │ mdat: the slices, each behind its length in four bytes
//! ```
//!
//! Not supported: several frames, edit lists, sample groups. The frame is shown from time zero, whatever its place in
//! the output order was.

use super::h264::{Nal, Sps};
use super::{AccessUnit, TICKS_PER_SECOND};

/// How long the frame is shown: after a thirtieth of a second it would be over before some players have shown it.
const DURATION: u32 = TICKS_PER_SECOND as u32;

/// Ticks of the movie's clock per second, the same as the track's.
const TIMESCALE: u32 = TICKS_PER_SECOND as u32;

/// The only track.
const TRACK: u32 = 1;

/// The matrix without rotation or scaling (14496-12 §6.2.2).
const UNITY: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

/// The flags of a frame that depends on no other, for `trun` (14496-12 §8.8.3.1).
const SYNC_SAMPLE: u32 = 0x0200_0000;

/// Returns a file with the frame of `unit`, or `None` if that is not an IDR picture with its parameter sets.
#[must_use]
pub fn still(unit: &AccessUnit) -> Option<Vec<u8>> {
    let of_kind = |wanted: Nal| unit.nals().filter(move |nal| Nal::of(nal) == Some(wanted));
    let sps = of_kind(Nal::Sps).next()?;
    let picture = Picture { sps, said: Sps::parse(sps)?, pps: of_kind(Nal::Pps).collect() };
    // With `avc1`, the parameter sets are in avcC and nowhere else (14496-15 §5.4.2). A frame needs only its slices.
    let slices: Vec<&[u8]> = unit.nals().filter(|nal| matches!(Nal::of(nal), Some(Nal::Slice(_)))).collect();
    if !unit.idr || picture.pps.is_empty() || slices.is_empty() {
        return None;
    }
    let sample_bytes: usize = slices.iter().map(|slice| 4 + slice.len()).sum();
    let mut file = Boxes(Vec::with_capacity(sample_bytes + 1024));
    file.put(b"ftyp", |ftyp| {
        ftyp.bytes(b"iso5").u32(0).bytes(b"iso5").bytes(b"avc1").bytes(b"mp41");
    });
    file.put(b"moov", |moov| picture.movie(moov));
    let moof_at = file.0.len();
    let offset_at = file.fragment(u32::try_from(sample_bytes).ok()?);
    // The data begins after the header of mdat; the offset counts from the beginning of moof.
    let data_offset = u32::try_from(file.0.len() - moof_at + 8).ok()?;
    file.0.get_mut(offset_at..offset_at + 4)?.copy_from_slice(&data_offset.to_be_bytes());
    file.put(b"mdat", |mdat| {
        for slice in slices {
            mdat.u32(slice.len() as u32).bytes(slice);
        }
    });
    Some(file.0)
}

/// The input for the movie's header.
struct Picture<'a> {
    sps: &'a [u8],
    said: Sps,
    pps: Vec<&'a [u8]>,
}

impl Picture<'_> {
    fn movie(&self, moov: &mut Boxes) {
        moov.full(b"mvhd", 0, 0, |mvhd| {
            // The creation and modification times are unused. The duration is that of moov's own samples, which is
            // none.
            mvhd.u32(0).u32(0).u32(TIMESCALE).u32(0).u32(0x1_0000).u16(0x100).zeros(10);
            mvhd.u32s(&UNITY).zeros(24).u32(TRACK + 1);
        });
        moov.put(b"trak", |trak| self.track(trak));
        moov.put(b"mvex", |mvex| {
            mvex.full(b"mehd", 0, 0, |mehd| {
                mehd.u32(DURATION);
            });
            mvex.full(b"trex", 0, 0, |trex| {
                trex.u32(TRACK).u32(1).zeros(12);
            });
        });
    }

    fn track(&self, trak: &mut Boxes) {
        const ENABLED_IN_MOVIE: u32 = 3;
        trak.full(b"tkhd", 0, ENABLED_IN_MOVIE, |tkhd| {
            tkhd.u32(0).u32(0).u32(TRACK).u32(0).u32(0).zeros(8).zeros(8);
            // The shown size in pixels, as 16.16.
            tkhd.u32s(&UNITY).u32(self.said.width << 16).u32(self.said.height << 16);
        });
        trak.put(b"mdia", |mdia| {
            mdia.full(b"mdhd", 0, 0, |mdhd| {
                const UNDETERMINED: u16 = 0x55C4; // `und`, five bits a letter
                mdhd.u32(0).u32(0).u32(TIMESCALE).u32(0).u16(UNDETERMINED).u16(0);
            });
            mdia.full(b"hdlr", 0, 0, |hdlr| {
                hdlr.u32(0).bytes(b"vide").zeros(12).bytes(b"\0");
            });
            mdia.put(b"minf", |minf| {
                minf.full(b"vmhd", 0, 1, |vmhd| {
                    vmhd.zeros(8);
                });
                minf.put(b"dinf", |dinf| {
                    dinf.full(b"dref", 0, 0, |dref| {
                        const SAME_FILE: u32 = 1;
                        dref.u32(1).full(b"url ", 0, SAME_FILE, |_| {});
                    });
                });
                minf.put(b"stbl", |stbl| self.sample_table(stbl));
            });
        });
    }

    /// Describes the samples, none of which are in moov.
    fn sample_table(&self, stbl: &mut Boxes) {
        stbl.full(b"stsd", 0, 0, |stsd| {
            stsd.u32(1).put(b"avc1", |avc1| {
                const INCHES_72: u32 = 0x48_0000;
                avc1.zeros(6).u16(1).zeros(16).u16(self.said.width as u16).u16(self.said.height as u16);
                avc1.u32(INCHES_72).u32(INCHES_72).zeros(4).u16(1).zeros(32).u16(0x18).u16(0xFFFF);
                avc1.put(b"avcC", |avcc| self.decoder_configuration(avcc));
            });
        });
        stbl.full(b"stts", 0, 0, |stts| {
            stts.u32(0);
        });
        stbl.full(b"stsc", 0, 0, |stsc| {
            stsc.u32(0);
        });
        stbl.full(b"stsz", 0, 0, |stsz| {
            stsz.u32(0).u32(0);
        });
        stbl.full(b"stco", 0, 0, |stco| {
            stco.u32(0);
        });
    }

    /// AVCDecoderConfigurationRecord (14496-15 §5.3.3.1).
    fn decoder_configuration(&self, avcc: &mut Boxes) {
        let Sps { profile_idc, constraints, level_idc, chroma_format_idc, bit_depths, .. } = self.said;
        avcc.bytes(&[1, profile_idc, constraints, level_idc, 0xFC | 3]);
        avcc.bytes(&[0xE0 | 1]).set(self.sps);
        avcc.bytes(&[self.pps.len() as u8]);
        for pps in &self.pps {
            avcc.set(pps);
        }
        if !matches!(profile_idc, 66 | 77 | 88) {
            let [luma, chroma] = bit_depths.map(|depth| 0xF8 | (depth - 8));
            avcc.bytes(&[0xFC | chroma_format_idc, luma, chroma, 0]);
        }
    }
}

/// Boxes as bytes, written from left to right.
struct Boxes(Vec<u8>);

impl Boxes {
    /// Writes a box with what `content` writes into it. Its size is filled in afterwards.
    fn put(&mut self, name: &[u8; 4], content: impl FnOnce(&mut Self)) -> &mut Self {
        let start = self.0.len();
        self.u32(0).bytes(name);
        content(self);
        let size = (self.0.len() - start) as u32;
        if let Some(place) = self.0.get_mut(start..start + 4) {
            place.copy_from_slice(&size.to_be_bytes());
        }
        self
    }

    /// Writes a box with version and flags.
    fn full(&mut self, name: &[u8; 4], version: u8, flags: u32, content: impl FnOnce(&mut Self)) -> &mut Self {
        self.put(name, |inner| content(inner.u32(u32::from(version) << 24 | flags)))
    }

    /// Writes `moof` for one sample of `sample_bytes`. Returns where the offset of its data is to be written.
    fn fragment(&mut self, sample_bytes: u32) -> usize {
        const BASE_IS_MOOF: u32 = 0x02_0000;
        const OFFSET_DURATION_SIZE_FLAGS: u32 = 0x0701;
        let mut offset_at = 0;
        self.put(b"moof", |moof| {
            moof.full(b"mfhd", 0, 0, |mfhd| {
                mfhd.u32(1);
            });
            moof.put(b"traf", |traf| {
                traf.full(b"tfhd", 0, BASE_IS_MOOF, |tfhd| {
                    tfhd.u32(TRACK);
                });
                traf.full(b"tfdt", 1, 0, |tfdt| {
                    tfdt.zeros(8);
                });
                traf.full(b"trun", 0, OFFSET_DURATION_SIZE_FLAGS, |trun| {
                    trun.u32(1);
                    offset_at = trun.0.len();
                    trun.u32(0).u32(DURATION).u32(sample_bytes).u32(SYNC_SAMPLE);
                });
            });
        });
        offset_at
    }

    /// Writes a parameter set after its length; none is longer than 4 KiB.
    fn set(&mut self, nal: &[u8]) -> &mut Self {
        self.u16(nal.len() as u16).bytes(nal)
    }

    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn zeros(&mut self, count: usize) -> &mut Self {
        self.0.resize(self.0.len() + count, 0);
        self
    }

    fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    fn u32s(&mut self, values: &[u32]) -> &mut Self {
        values.iter().fold(self, |boxes, value| boxes.u32(*value))
    }
}

#[cfg(test)]
mod tests;
