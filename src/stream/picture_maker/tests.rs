use super::*;
use crate::base::stop::stop;
use crate::media::AccessUnit;
use crate::media::h264::{Nal, split_annex_b};
use std::thread::scope;

/// The first key frame of 178 × 146, in four slices.
fn key_frame() -> AccessUnit {
    let mut unit = AccessUnit { idr: true, captured_unix_ms: 1_764_560_000_123, ..AccessUnit::default() };
    for nal in split_annex_b(include_bytes!("../../media/picture/tests/four-slices.h264")) {
        assert!(Nal::of(nal).is_some());
        let start = unit.bytes.len() as u32;
        unit.bytes.extend_from_slice(nal);
        unit.nal_units.push(start..start + nal.len() as u32);
    }
    unit
}

fn still(unit: AccessUnit) -> Still {
    Still::of_key_frame(Arc::new(unit))
}

#[test]
fn a_key_frame_is_decoded_once_for_all_who_ask() {
    let (maker, still, (_stopper, stop)) = (PictureMaker::default(), still(key_frame()), stop());
    let ask = || maker.picture(&still, None, &stop).unwrap();
    let files: Vec<Arc<[u8]>> = scope(|scope| {
        let askers: Vec<_> = (0..16).map(|_| scope.spawn(ask)).collect();
        askers.into_iter().map(|asker| asker.join().unwrap()).collect()
    });
    assert!(files.iter().all(|file| Arc::ptr_eq(file, &files[0])));
    assert_eq!((maker.decodes().made, maker.decodes().refused), (1, 0));
    assert!(still.picture(None).is_some() && still.picture(Some(64)).is_none());
}

#[test]
fn one_picture_is_decoded_at_a_time_and_others_wait_for_a_while() {
    let (maker, one, other, (stopper, stop)) =
        (PictureMaker::default(), still(key_frame()), still(key_frame()), stop());
    let turn = maker.turn(&one, None, &stop).expect("nobody is before us");
    scope(|scope| {
        let waits = scope.spawn(|| maker.picture(&other, None, &stop));
        let ends = scope.spawn(|| maker.picture(&one, Some(64), &stop));
        assert!(!waits.is_finished() && !ends.is_finished());
        // Who waits for a picture that is made meanwhile gets it without a turn.
        one.make_jpeg(Some(64), &|| true).unwrap();
        assert!(ends.join().unwrap().is_ok());
        drop(stopper);
        assert_eq!(waits.join().unwrap(), Err(NoPicture::Busy));
    });
    drop(turn);
    assert_eq!(maker.decodes().made, 0);
}

#[test]
fn that_a_key_frame_cannot_be_decoded_is_remembered_and_its_mp4_stays() {
    let (maker, (_stopper, stop)) = (PictureMaker::default(), stop());
    let mut unit = key_frame();
    unit.nal_units.remove(3);
    let still = still(unit);
    let found = |width| maker.picture(&still, width, &stop).unwrap_err();
    assert_eq!(found(None), NoPicture::FoundUndecodable(Undecodable::Damaged));
    assert_eq!(found(None), NoPicture::Undecodable(Undecodable::Damaged));
    assert_eq!(found(Some(64)), NoPicture::Undecodable(Undecodable::Damaged));
    assert_eq!((maker.decodes().made, maker.decodes().refused), (0, 1));
    assert!(still.mp4().is_some_and(|file| !file.is_empty()));
}

#[test]
fn a_still_holds_its_frame_and_a_few_pictures() {
    let (maker, still, (_stopper, stop)) = (PictureMaker::default(), still(key_frame()), stop());
    let frame = still.held_bytes();
    let mp4 = still.mp4().unwrap();
    assert!(Arc::ptr_eq(&mp4, &still.mp4().unwrap()), "all who read at the same time share one");
    assert_eq!(still.held_bytes(), frame + mp4.len());
    drop(mp4);
    assert_eq!(still.held_bytes(), frame, "nobody reads it any more");
    let widths = [None, Some(160), Some(128), Some(96), Some(64), Some(32)];
    let files: Vec<_> = widths.iter().map(|width| maker.picture(&still, *width, &stop).unwrap()).collect();
    let kept = widths.len() - super::super::still::WIDTHS;
    assert_eq!(still.held_bytes(), frame + files[kept..].iter().map(|file| file.len()).sum::<usize>());
    assert_eq!(widths.map(|width| still.picture(width).is_some()), [false, false, true, true, true, true]);
}

#[test]
fn a_cameras_own_picture_needs_no_decode_and_has_no_mp4() {
    let (maker, (_stopper, stop)) = (PictureMaker::default(), stop());
    let file: Arc<[u8]> = (*b"\xFF\xD8\xFF\xD9").into();
    let still = Still::of_jpeg(Arc::clone(&file), 7);
    assert!(Arc::ptr_eq(&maker.picture(&still, Some(64), &stop).unwrap(), &file));
    assert_eq!((still.mp4(), maker.decodes().made, still.held_bytes()), (None, 0, 4));
    assert_eq!(still.tag(), "7-4");
}
