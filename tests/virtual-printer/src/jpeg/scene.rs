//! What the pictures show: the clips' dark chamber, where the object grows and the nozzle moves from one picture to the
//! next. Each one says which one it is, twice, as the clips do (`clips/make`): in digits at the bottom left, and as a
//! strip of 18 cells at the top left, which a program reads.

use super::writer::Planes;
use crate::noise::Noise;

/// Pictures from an empty plate to a whole object.
const PICTURES_OF_A_PRINT: u64 = 120;

/// Y, Cb and Cr.
type Colour = [u8; 3];
const BLACK: Colour = [0, 128, 128];
const WHITE: Colour = [235, 128, 128];
const PLATE: Colour = [52, 130, 126];
const OBJECT: Colour = [120, 90, 175];
const METAL: Colour = [150, 126, 130];
const BRASS: Colour = [165, 85, 145];

/// Five rows of three dots for each digit, from the top left on.
const DIGITS: [u16; 10] = [
    0b111_101_101_101_111,
    0b010_110_010_010_111,
    0b111_001_111_100_111,
    0b111_001_111_001_111,
    0b101_101_111_001_001,
    0b111_100_111_001_111,
    0b111_100_111_101_111,
    0b111_001_010_010_010,
    0b111_101_111_101_111,
    0b111_101_111_001_111,
];

/// The empty chamber: a lamp from above, a darker floor, two rails, and the grain of a cheap sensor, which gives the
/// file the size that a printer's has.
pub(super) fn chamber(width: usize, height: usize) -> Planes {
    let mut planes = Planes::new(width, height);
    let mut noise = Noise::new(6000);
    let [w, h] = [width, height].map(|side| side as f32);
    for y in 0..height {
        for x in 0..width {
            let [px, py] = [x as f32 / w - 0.5, y as f32 / h];
            let lamp = 20.0 + 70.0 * (-(px / 0.42).powi(2) - ((py - 0.18) / 0.55).powi(2)).exp();
            let floor = if py > 0.86 + px.abs() * 0.05 { 0.55 } else { 1.0 };
            let rail = if (px.abs() - 0.4).abs() < 0.011 { 1.7 } else { 1.0 };
            let grain = (noise.next() >> 56) as f32 * GRAIN / 128.0 - GRAIN;
            planes.planes[0][y * planes.stride + x] = (lamp * floor * rail + grain).clamp(0.0, 255.0) as u8;
        }
    }
    planes.planes[1].fill(133);
    planes.planes[2].fill(124);
    planes
}

/// Half of the grain's width.
const GRAIN: f32 = 5.0;

/// Adds what this picture has and others have not.
pub(super) fn draw(planes: &mut Planes, number: u64) {
    let (width, height) = (planes.width, planes.height);
    let percent = |of: usize, percent: usize| of * percent / 100;
    let done = (number % PICTURES_OF_A_PRINT) as usize;
    let (plate, middle) = (percent(height, 80), width / 2);
    fill(planes, [middle - percent(width, 29), plate, percent(width, 58), percent(height, 10)], PLATE);
    let tall = percent(height, 36) * done / PICTURES_OF_A_PRINT as usize;
    fill(planes, [middle - percent(width, 10), plate - tall, percent(width, 20), tall], OBJECT);
    // To and fro over the object.
    let step = (number * 7 % 40) as usize;
    let x = middle - percent(width, 10) + percent(width, 20) * step.min(40 - step) / 20;
    let (tip, half) = (plate - tall, percent(width, 3));
    fill(planes, [x - half, percent(height, 18), 2 * half, tip - percent(height, 22)], METAL);
    fill(planes, [x - half / 3, tip - percent(height, 4), 2 * (half / 3), percent(height, 4)], BRASS);
    strip(planes, number);
    digits(planes, number);
}

/// Cell `k` has its centre at ((k + 1.5) · width / 64, 1.5 · width / 64). Number 0 is always white, 1 to 16 are the
/// number's bits from the lowest on, and 17 makes the white ones among those an odd number.
fn strip(planes: &mut Planes, number: u64) {
    let cell = planes.width / 64;
    fill(planes, [cell / 2, cell / 2, 19 * cell, 2 * cell], BLACK);
    let bits = number & 0xFFFF;
    let cells = 1 | bits << 1 | u64::from(bits.count_ones().is_multiple_of(2)) << 17;
    for k in (0..18).filter(|k| cells >> k & 1 == 1) {
        fill(planes, [(k + 1) * cell + 1, cell + 1, cell - 2, cell - 2], WHITE);
    }
}

fn digits(planes: &mut Planes, number: u64) {
    let (dot, text) = (planes.width / 160, format!("{number:05}"));
    let (left, top) = (2 * dot, planes.height - 9 * dot);
    fill(planes, [left, top, (4 * text.len() + 1) * dot, 7 * dot], BLACK);
    for (nth, digit) in text.bytes().map(|digit| DIGITS[usize::from(digit - b'0')]).enumerate() {
        for at in (0..15).filter(|at| digit >> (14 - at) & 1 == 1) {
            let (column, row) = (at % 3, at / 3);
            fill(planes, [left + (1 + 4 * nth + column) * dot, top + (1 + row) * dot, dot, dot], WHITE);
        }
    }
}

/// A rectangle: left, top, width, height.
fn fill(planes: &mut Planes, [left, top, width, height]: [usize; 4], colour: Colour) {
    for ((plane, &value), scale) in planes.planes.iter_mut().zip(&colour).zip([1, 2, 2]) {
        let stride = planes.stride / scale;
        for row in plane.chunks_mut(stride).take((top + height) / scale).skip(top / scale) {
            row[left / scale..(left + width) / scale].fill(value);
        }
    }
}
