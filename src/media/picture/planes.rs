//! A picture as three planes, and a smaller one of it.

use super::NARROWEST;
use std::iter;

/// A progressive picture with 4:2:0 chroma, 8 bits each. The rows follow each other without a gap. Both chroma planes have
/// half of the width and height, rounded up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planes {
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
    /// Luma.
    pub y: Vec<u8>,
    /// Blue without luma.
    pub cb: Vec<u8>,
    /// Red without luma.
    pub cr: Vec<u8>,
}

impl Planes {
    /// Returns the width and height of the chroma planes.
    #[must_use]
    pub fn chroma_size(&self) -> (usize, usize) {
        (usize::from(self.width).div_ceil(2), usize::from(self.height).div_ceil(2))
    }

    /// Whether each plane has as many samples as its size says.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let (width, height) = self.chroma_size();
        let chroma = width * height;
        self.width > 0
            && self.height > 0
            && self.y.len() == usize::from(self.width) * usize::from(self.height)
            && self.cb.len() == chroma
            && self.cr.len() == chroma
    }

    /// Returns the picture with this width and the same shape, each sample the mean of the area that it covers. It is
    /// never made larger, and not narrower than [`NARROWEST`].
    #[must_use]
    pub fn shrink(self, width: u16) -> Self {
        let width = width.max(NARROWEST);
        if width >= self.width {
            return self;
        }
        let scaled = (u32::from(self.height) * u32::from(width) + u32::from(self.width) / 2) / u32::from(self.width);
        // Not above the height that it has, since the width shrinks.
        let height = u16::try_from(scaled.max(1)).unwrap_or(self.height);
        let (from_width, from_height) = self.chroma_size();
        let (to_width, to_height) = (usize::from(width).div_ceil(2), usize::from(height).div_ceil(2));
        let chroma = |plane: &[u8]| average(plane, Axis::new(from_width, to_width), Axis::new(from_height, to_height));
        let across = Axis::new(self.width.into(), width.into());
        let down = Axis::new(self.height.into(), height.into());
        Self { width, height, y: average(&self.y, across, down), cb: chroma(&self.cb), cr: chroma(&self.cr) }
    }
}

/// One direction of a picture that shrinks from `from` samples to `to`. Lengths are counted in units of which a new
/// sample has `from` and an old one `to`, so that all weights are whole numbers.
#[derive(Debug, Clone, Copy)]
struct Axis {
    from: usize,
    to: usize,
}

impl Axis {
    fn new(from: usize, to: usize) -> Self {
        Self { from, to }
    }

    /// Returns the old samples that the new sample `at` covers, each with the length that is covered. The lengths add up
    /// to `from`.
    fn covered(self, at: usize) -> impl Iterator<Item = (usize, u64)> {
        let (begin, end) = (at * self.from, (at + 1) * self.from);
        (begin / self.to..end.div_ceil(self.to)).map(move |old| {
            let length = end.min((old + 1) * self.to) - begin.max(old * self.to);
            (old, length as u64)
        })
    }
}

/// Shrinks one plane. The sums stay exact until the one division of each new sample: 255 × 4096 × 2304 fits.
fn average(plane: &[u8], across: Axis, down: Axis) -> Vec<u8> {
    let spans: Vec<Vec<(usize, u64)>> = (0..across.to).map(|x| across.covered(x).collect()).collect();
    let area = (across.from * down.from) as u64;
    let mut shrunk = Vec::with_capacity(across.to * down.to);
    let mut sums = vec![0_u64; across.to];
    // An old row on the border of two new ones is needed twice.
    let mut kept: Option<(usize, Vec<u64>)> = None;
    for y in 0..down.to {
        sums.fill(0);
        for (old, height) in down.covered(y) {
            let row = match kept.take().filter(|(at, _)| *at == old) {
                Some((_, row)) => row,
                None => {
                    let samples = plane.get(old * across.from..(old + 1) * across.from).unwrap_or_default();
                    let sum = |span: &Vec<(usize, u64)>| {
                        span.iter().map(|(x, length)| length * samples.get(*x).copied().map_or(0, u64::from)).sum()
                    };
                    spans.iter().map(sum).collect()
                }
            };
            iter::zip(&mut sums, &row).for_each(|(sum, part)| *sum += height * part);
            kept = Some((old, row));
        }
        shrunk.extend(sums.iter().map(|sum| ((sum + area / 2) / area) as u8));
    }
    shrunk
}
