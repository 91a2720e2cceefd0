//! Says why there is no MQTT session with a printer.

use super::code::words;
use super::{Advice, Tries, link, step};
use crate::mqtt::state::Condition;
use crate::mqtt::{Deafness, MqttError};
use crate::net::dial::DialError;
use crate::net::link::{Failure, LinkError};

words! {
    PORT_CLOSED "mqtt.port-closed" "The printer at {peer} has its status port closed; on its screen, turn on LAN Only \
        Mode, or check that the address is the printer's."
    ACCESS_CODE_REFUSED "mqtt.access-code-refused" "The printer refuses the access code; it changes when LAN mode is \
        switched. Read it off the printer's screen and save it here."
    FULL "mqtt.full" "The printer takes no further connection; it serves only a few programs at once. Close others that \
        are connected to it, or restart it."
    NO_ANSWER "mqtt.no-answer" "The printer at {peer} accepts the connection and says nothing{retry?; it is tried again}. \
        If this stays, restart the printer."
    NOT_A_PRINTER "mqtt.not-a-printer" "What answers at {peer} does not speak as a printer does; check the address, or \
        update the printer's firmware."
    SILENT "mqtt.silent" "The printer has stopped answering{retry?; reconnecting}. If this stays, check its Wi-Fi."
    ANSWERS_NO_COMMAND "mqtt.answers-no-command" "The printer has answered no command; connecting to it anew."
    REPORTS_NOTHING "mqtt.reports-nothing" "The printer takes the access code but reports nothing; check the serial \
        number, or restart the printer."
    NO_ROOM "mqtt.no-room" "This machine has no room for another connection; close something, or restart it."
    PANICKED "mqtt.panicked" "The printer's program failed here; it starts again by itself. Please report it with the log."
}

/// Returns the words for a link as it is now.
#[must_use]
pub fn of_link(condition: Condition<'_>) -> Advice {
    match condition {
        Condition::Step(step) => step::of_link_step(step),
        Condition::Failed(error) => of_mqtt_error(error, Tries::Repeated),
    }
}

/// Returns the words for an attempt that failed, or a session that ended.
#[must_use]
pub fn of_mqtt_error(error: &MqttError, tries: Tries) -> Advice {
    let retry = ("retry", tries.retry());
    match error {
        MqttError::Link(LinkError { at, failure: Failure::Dial(DialError::Refused(_)) }) => {
            PORT_CLOSED.with([("peer", at.as_str().into())])
        }
        MqttError::Link(error) => link::of_link_error(error, tries),
        MqttError::CodeRefused { .. } => ACCESS_CODE_REFUSED.plain(),
        MqttError::TurnedAway { .. } | MqttError::HungUpAtSignIn { .. } => FULL.plain(),
        MqttError::NoAnswer { at } => NO_ANSWER.with([("peer", at.as_str().into()), retry]),
        MqttError::Protocol { at, .. } => NOT_A_PRINTER.with([("peer", at.as_str().into())]),
        MqttError::Silent { .. } => SILENT.with([retry]),
        MqttError::Deaf { what: Deafness::NoAnswers | Deafness::NoAcknowledgements, .. } => ANSWERS_NO_COMMAND.plain(),
        MqttError::Deaf { what: Deafness::NoReports, .. } => REPORTS_NOTHING.plain(),
        MqttError::System(_) => NO_ROOM.plain(),
        MqttError::Panic(_) => PANICKED.plain(),
    }
}
