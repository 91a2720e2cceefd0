//! Writes planes as a baseline JPEG file (ITU-T T.81, JFIF 1.02).

use super::{Planes, Undecodable};
use jpeg_encoder::{Encoder, ImageBuffer, JpegColorType, SamplingFactor};
use std::iter;

/// The quality of the files: 183 KB for a chamber of 1920 × 1080, and 38 dB or more from what the camera sent.
pub const QUALITY: u8 = 82;

/// Returns a file with these planes, whose colours must be JFIF's.
///
/// # Errors
/// If the planes are not those of a picture.
pub fn encode(planes: &Planes, quality: u8) -> Result<Vec<u8>, Undecodable> {
    if !planes.is_whole() {
        return Err(Undecodable::Damaged);
    }
    // About a tenth of a byte for each pixel.
    let mut file = Vec::with_capacity(planes.y.len() / 8);
    let mut encoder = Encoder::new(&mut file, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.encode_image(Rows(planes)).map_err(|_| Undecodable::TooLarge)?;
    file.shrink_to_fit();
    Ok(file)
}

/// Hands out rows. The encoder wants each chroma sample for each pixel and takes one of four (`Nearest`), so chroma passes
/// untouched.
struct Rows<'a>(&'a Planes);

impl ImageBuffer for Rows<'_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        JpegColorType::Ycbcr
    }

    fn width(&self) -> u16 {
        self.0.width
    }

    fn height(&self) -> u16 {
        self.0.height
    }

    fn fill_buffers(&self, y: u16, [luma, cb, cr, _]: &mut [Vec<u8>; 4]) {
        let (width, chroma_width) = (usize::from(self.0.width), self.0.chroma_size().0);
        let row = usize::from(y);
        luma.extend_from_slice(self.0.y.get(row * width..(row + 1) * width).unwrap_or_default());
        let start = row / 2 * chroma_width;
        for (plane, into) in iter::zip([&self.0.cb, &self.0.cr], [cb, cr]) {
            let samples = plane.get(start..start + chroma_width).unwrap_or_default();
            into.extend(samples.iter().flat_map(|sample| [*sample; 2]).take(width));
        }
    }
}
