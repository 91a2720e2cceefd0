//! Baseline JPEG (ITU-T T.81) in JFIF, 4:2:0, with the tables of T.81, annex K. Written here, so that what the service
//! reads and writes JPEG with has no part in what it is tested with.

use std::f32::consts::{FRAC_1_SQRT_2, PI};
use std::sync::LazyLock;

/// Y, Cb and Cr; rows are a multiple of 16 long, and so are columns. Chroma has half of both.
#[derive(Debug, Clone)]
pub(super) struct Planes {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Length of a row of Y.
    pub(super) stride: usize,
    pub(super) planes: [Vec<u8>; 3],
}

impl Planes {
    pub(super) fn new(width: usize, height: usize) -> Self {
        let (stride, rows) = (width.next_multiple_of(16), height.next_multiple_of(16));
        let chroma = vec![128; stride * rows / 4];
        Self { width, height, stride, planes: [vec![0; stride * rows], chroma.clone(), chroma] }
    }
}

/// The quantisers in zigzag order of T.81, tables K.1 and K.2, for quality 50.
const LUMA: [u8; 64] = [
    16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61,
    60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103, 104, 103, 62, 77, 113,
    121, 112, 100, 120, 92, 101, 103, 99,
];
const CHROMA: [u8; 64] = [
    17, 18, 18, 24, 21, 24, 47, 26, 26, 47, 99, 66, 56, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99,
];

const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
    28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
    47, 55, 62, 63,
];

/// How many codes there are of each length, and what they mean (T.81, tables K.3 to K.6).
struct Codes(u8, [u8; 16], &'static [u8]);

const DC: &[u8] = &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const LUMA_DC: Codes = Codes(0x00, [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], DC);
const CHROMA_DC: Codes = Codes(0x01, [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0], DC);
const LUMA_AC: Codes = Codes(
    0x10,
    [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125],
    &[
        0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07, 0x22, 0x71,
        0x14, 0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1, 0x15, 0x52, 0xD1, 0xF0, 0x24, 0x33, 0x62, 0x72,
        0x82, 0x09, 0x0A, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x34, 0x35, 0x36, 0x37,
        0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59,
        0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0x83,
        0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0xA2, 0xA3,
        0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3,
        0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE1, 0xE2,
        0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA,
    ],
);
const CHROMA_AC: Codes = Codes(
    0x11,
    [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119],
    &[
        0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71, 0x13, 0x22,
        0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xA1, 0xB1, 0xC1, 0x09, 0x23, 0x33, 0x52, 0xF0, 0x15, 0x62, 0x72, 0xD1,
        0x0A, 0x16, 0x24, 0x34, 0xE1, 0x25, 0xF1, 0x17, 0x18, 0x19, 0x1A, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x35, 0x36,
        0x37, 0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58,
        0x59, 0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A,
        0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A,
        0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA,
        0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA,
        0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA,
    ],
);

/// Code and length of each symbol.
type Book = [(u16, u8); 256];

/// For Y and for chroma: codes of DC and of AC coefficients.
static BOOKS: LazyLock<[(Book, Book); 2]> =
    LazyLock::new(|| [(LUMA_DC.book(), LUMA_AC.book()), (CHROMA_DC.book(), CHROMA_AC.book())]);

/// The cosines of T.81, A.3.3, by frequency and sample, and by sample and frequency.
static COSINES: LazyLock<[[[f32; 8]; 8]; 2]> = LazyLock::new(|| {
    let cosine = |frequency: usize, sample: usize| {
        let scale = if frequency == 0 { FRAC_1_SQRT_2 / 2.0 } else { 0.5 };
        scale * ((2 * sample + 1) as f32 * frequency as f32 * PI / 16.0).cos()
    };
    [
        std::array::from_fn(|frequency| std::array::from_fn(|sample| cosine(frequency, sample))),
        std::array::from_fn(|sample| std::array::from_fn(|frequency| cosine(frequency, sample))),
    ]
});

impl Codes {
    fn book(&self) -> Book {
        let mut book = [(0, 0); 256];
        let (mut code, mut values) = (0u16, self.2.iter());
        for (length, &count) in (1..).zip(&self.1) {
            for &value in values.by_ref().take(count.into()) {
                book[usize::from(value)] = (code, length);
                code += 1;
            }
            code <<= 1;
        }
        book
    }
}

/// The file of these planes; `quality` is libjpeg's, 1 to 100.
pub(super) fn write(planes: &Planes, quality: u8, comment: &str) -> Vec<u8> {
    let tables = [&LUMA, &CHROMA].map(|table| table.map(|step| scaled(step, quality)));
    let mut file = vec![0xFF, 0xD8];
    segment(&mut file, 0xE0, &[b"JFIF\0\x01\x01\0", &[0, 1, 0, 1, 0, 0]]);
    segment(&mut file, 0xFE, &[comment.as_bytes()]);
    segment(&mut file, 0xDB, &[&[0], &tables[0], &[1], &tables[1]]);
    let [height, width] = [planes.height, planes.width].map(|side| (side as u16).to_be_bytes());
    segment(&mut file, 0xC0, &[&[8], &height, &width, &[3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]]);
    for Codes(class, lengths, values) in [LUMA_DC, LUMA_AC, CHROMA_DC, CHROMA_AC] {
        segment(&mut file, 0xC4, &[&[class], &lengths, values]);
    }
    segment(&mut file, 0xDA, &[&[3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0]]);
    scan(planes, &tables, &mut file);
    file.extend([0xFF, 0xD9]);
    file
}

fn scaled(step: u8, quality: u8) -> u8 {
    let quality = u32::from(quality.clamp(1, 100));
    let percent = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
    ((u32::from(step) * percent + 50) / 100).clamp(1, 255) as u8
}

fn segment(file: &mut Vec<u8>, marker: u8, parts: &[&[u8]]) {
    let length = 2 + parts.iter().map(|part| part.len()).sum::<usize>();
    file.extend([0xFF, marker]);
    file.extend((length as u16).to_be_bytes());
    parts.iter().for_each(|part| file.extend_from_slice(part));
}

/// Four blocks of Y and one of each chroma, again and again.
fn scan(planes: &Planes, tables: &[[u8; 64]; 2], file: &mut Vec<u8>) {
    // In the order of the samples, as factors.
    let factors = tables.map(|table| {
        let mut factors = [0.0; 64];
        ZIGZAG.iter().zip(table).for_each(|(&at, step)| factors[usize::from(at)] = 1.0 / f32::from(step));
        factors
    });
    let mut bits = Bits { file, buffer: 0, count: 0 };
    let mut before = [0; 3];
    for top in (0..planes.height).step_by(16) {
        for left in (0..planes.width).step_by(16) {
            for (x, y) in [(0, 0), (8, 0), (0, 8), (8, 8)] {
                let samples = &planes.planes[0][(top + y) * planes.stride + left + x..];
                block(&mut bits, samples, planes.stride, &factors[0], &mut before[0], &BOOKS[0]);
            }
            for chroma in [1, 2] {
                let samples = &planes.planes[chroma][top / 2 * (planes.stride / 2) + left / 2..];
                block(&mut bits, samples, planes.stride / 2, &factors[1], &mut before[chroma], &BOOKS[1]);
            }
        }
    }
    bits.finish();
}

fn block(
    bits: &mut Bits<'_>,
    samples: &[u8],
    stride: usize,
    factors: &[f32; 64],
    before: &mut i32,
    books: &(Book, Book),
) {
    let frequencies = transform(samples, stride);
    let mut levels = [0i32; 64];
    for ((level, frequency), factor) in levels.iter_mut().zip(frequencies).zip(factors) {
        *level = (frequency * factor).round() as i32;
    }
    let difference = levels[0] - std::mem::replace(before, levels[0]);
    bits.put_number(&books.0, 0, difference);
    let mut zeros = 0;
    for &at in &ZIGZAG[1..] {
        let level = levels[usize::from(at)];
        if level == 0 {
            zeros += 1;
            continue;
        }
        while zeros > 15 {
            bits.put(books.1[0xF0]);
            zeros -= 16;
        }
        bits.put_number(&books.1, std::mem::take(&mut zeros) << 4, level);
    }
    if zeros > 0 {
        bits.put(books.1[0]);
    }
}

/// The forward DCT of eight rows of eight samples, 128 below what they are.
fn transform(samples: &[u8], stride: usize) -> [f32; 64] {
    let [by_frequency, by_sample] = &*COSINES;
    let mut rows = [[0.0; 8]; 8];
    for (row, samples) in rows.iter_mut().zip(samples.chunks(stride)) {
        for (&sample, cosines) in samples.iter().zip(by_sample) {
            add(row, f32::from(sample) - 128.0, cosines);
        }
    }
    let mut frequencies = [0.0; 64];
    for (of_row, cosines) in frequencies.as_chunks_mut().0.iter_mut().zip(by_frequency) {
        for (row, &cosine) in rows.iter().zip(cosines) {
            add(of_row, cosine, row);
        }
    }
    frequencies
}

fn add(sum: &mut [f32; 8], factor: f32, row: &[f32; 8]) {
    sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += factor * value);
}

/// Bits from the highest one down, with a zero byte behind each 0xFF (T.81, B.1.1.5).
struct Bits<'a> {
    file: &'a mut Vec<u8>,
    buffer: u32,
    count: u32,
}

impl Bits<'_> {
    fn put(&mut self, (code, length): (u16, u8)) {
        self.buffer = self.buffer << length | u32::from(code);
        self.count += u32::from(length);
        while self.count >= 8 {
            self.count -= 8;
            let byte = (self.buffer >> self.count) as u8;
            self.file.push(byte);
            if byte == 0xFF {
                self.file.push(0);
            }
        }
    }

    /// The code of its size, with `run` in the upper half, and the number itself in that many bits (T.81, F.1.2.1).
    fn put_number(&mut self, book: &Book, run: usize, number: i32) {
        let size = (32 - number.unsigned_abs().leading_zeros()) as u8;
        self.put(book[run | usize::from(size)]);
        let low = if number < 0 { number - 1 } else { number };
        self.put(((low & ((1 << size) - 1)) as u16, size));
    }

    /// Ones fill the last byte.
    fn finish(mut self) {
        let rest = (8 - self.count % 8) % 8;
        self.put(((1 << rest) - 1, rest as u8));
    }
}
