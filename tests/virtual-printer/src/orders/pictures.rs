//! Orders for a camera that sends JPEG pictures.

use super::seconds;
use virtual_printer::{Camera, Dirt, Rhythm};

pub(super) fn give(camera: &Camera, order: &[&str]) -> Option<()> {
    match order {
        ["rhythm", rhythm] => {
            let rhythm = match *rhythm {
                "burst" => Rhythm::default(),
                "farm" => Rhythm::of_a_farm(),
                "once" => Rhythm::Once,
                "never" => Rhythm::Never,
                span => Rhythm::Steady(seconds(span)?),
            };
            camera.change(|behaviour| behaviour.jpeg.rhythm = rhythm);
        }
        ["body", span] => {
            let body = seconds(span)?;
            camera.change(|behaviour| behaviour.jpeg.body = body);
        }
        ["slots", count] => {
            let slots = count.parse().ok()?;
            camera.change(|behaviour| behaviour.jpeg.slots = slots);
        }
        ["orphan"] => camera.orphan(),
        ["dirt", kind] => camera.soil(dirt(kind)?, 1),
        ["dirt", kind, count] => camera.soil(dirt(kind)?, count.parse().ok()?),
        _ => return None,
    }
    Some(())
}

fn dirt(kind: &str) -> Option<Dirt> {
    Some(match kind {
        "stray" => Dirt::StrayBytes,
        "noend" => Dirt::NoEnd,
        "garbage" => Dirt::Garbage,
        "cutheader" => Dirt::CutHeader,
        "tail" => Dirt::Tail([1, 3, 0]),
        "reset" => Dirt::ResetInside,
        "hangup" => Dirt::HangUpInside,
        length => Dirt::Length(length.parse().ok()?),
    })
}
