//! A printer may say anything, one message a line: what is kept and shown of it is bounded, and what is sent back is
//! JSON with our numbers.

use platecast::advice;
use platecast::mqtt::command::CommandResult;
use platecast::mqtt::state::{Condition, LinkStep};
use platecast::printer::command::{Answer, Command, Sequence};
use platecast::printer::display::{Link, display};
use platecast::printer::merged::MergedReport;
use platecast::printer::report::{Message, parse};
use platecast::printer::state::State;

const SERIALS: [&str; 6] = ["00M", "01P", "030", "094", "20P", "777"];
const LONGEST_TEXT_BYTES: usize = 4 * 256;
/// Of one input: thousands of empty ones tell nothing new.
const LINES: usize = 64;

/// See the file's head.
pub fn check(data: &[u8]) {
    let Some((first, messages)) = data.split_first() else { return };
    let serial = SERIALS[usize::from(*first) % SERIALS.len()];
    let (mut known, mut sequence, mut now_ms) = (MergedReport::default(), Sequence::new(u32::from(*first)), 0);
    for line in messages.split(|byte| *byte == b'\n').take(LINES) {
        now_ms += 1_000;
        match parse(line) {
            Ok(Message::Reply(reply)) => {
                let state = State::read(&known, serial);
                for command in [Command::Pause, Command::Resume, Command::Stop, Command::Light { on: true }] {
                    if let Answer::Refused(refusal) = command.answered(&reply, &state) {
                        let said = advice::of_command(&CommandResult::Refused(refusal)).expect("words").sentence;
                        assert!(said.ends_with('.') && said.len() < 2 * LONGEST_TEXT_BYTES);
                        known.learn(false);
                    }
                }
            }
            Ok(message) => known.hear(message, now_ms),
            Err(_) => known.begin_session(),
        }
        check_state(&State::read(&known, serial), &mut sequence);
    }
}

fn check_state(state: &State, sequence: &mut Sequence) {
    assert!(state.unread_fields.len() <= 32 && state.problems.len() <= 65);
    assert!(state.lights.len() <= 16 && state.heat.nozzles.len() <= 16);
    assert!(state.filaments.units.len() <= 16 && state.filaments.units.iter().all(|unit| unit.slots.len() <= 8));
    let texts = [&state.job.word, &state.job.name, &state.job.id, &state.firmware, &state.camera.resolution];
    assert!(texts.into_iter().flatten().all(|text| text.len() <= LONGEST_TEXT_BYTES));
    assert!(state.job.percent.is_none_or(|percent| percent <= 100));
    let shown = display(state, &Link::default());
    assert!(!advice::of_display(&shown, Condition::Step(LinkStep::Starting)).sentence.is_empty());
    for request in (Command::Light { on: true }).requests(state, sequence) {
        let json: serde_json::Value = serde_json::from_str(&request.payload).expect("JSON");
        assert_eq!(json["system"]["sequence_id"], request.sequence_id.as_str());
    }
}
