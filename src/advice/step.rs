//! Says which step a camera or a link has reached, while there is no failure to explain.

use super::Advice;
use super::code::words;
use crate::camera::Step;
use crate::mqtt::state::LinkStep;

words! {
    CAMERA_STARTING "camera.step.starting" "The camera is being started."
    CAMERA_CONNECTING "camera.step.connecting" "Connecting to the camera."
    CAMERA_SIGNING_IN "camera.step.signing-in" "Connected; signing in to the camera."
    CAMERA_SETTING_UP "camera.step.setting-up" "Signed in; asking the camera for its video."
    CAMERA_WAITING_FOR_VIDEO "camera.step.waiting-for-video" "The camera has accepted; waiting for its first picture."
    CAMERA_WAITING_FOR_KEY_FRAME "camera.step.waiting-for-key-frame" "Video arrives; waiting for a key frame to begin \
        with."
    CAMERA_WAITING_FOR_PICTURE "camera.step.waiting-for-picture" "The camera is connected and has sent no picture yet. If \
        this lasts, restart the printer."
    CAMERA_LIVE "camera.step.live" "The camera is live."
    CAMERA_STALLED "camera.step.stalled" "The camera has stopped sending; if that lasts, it is connected anew."
    CAMERA_RETRYING "camera.step.retrying" "The camera is away; trying again."
    CAMERA_REFUSED "camera.step.refused" "The camera refuses; trying again in a few minutes, or at once when the printer \
        is saved."
    CAMERA_SWITCHED_OFF "camera.step.switched-off" "Live view is switched off on the printer; on its screen, turn on \
        Settings > LAN Only Liveview."
    CAMERA_NO_CAMERA "camera.step.no-camera" "The printer finds no camera of its own. If it has one, check the camera's \
        cable and restart the printer."
    CAMERA_UPDATING "camera.step.updating" "The printer is updating its firmware; its camera comes back when that is done."
    LINK_STARTING "mqtt.step.starting" "The link to the printer is being started."
    LINK_CONNECTING "mqtt.step.connecting" "Connecting to the printer."
    LINK_SIGNING_IN "mqtt.step.signing-in" "Connected; signing in to the printer with the access code."
    LINK_WAITING_FOR_REPORT "mqtt.step.waiting-for-report" "Signed in; waiting for the printer's first report."
    LINK_LIVE "mqtt.step.live" "The printer is connected."
    LINK_QUIET "mqtt.step.quiet" "The printer answers, but has reported nothing for a while. A printer that unpacks a \
        large print does so for minutes."
    LINK_SILENT "mqtt.step.silent" "The printer takes the access code but reports nothing; check the serial number, or \
        restart the printer."
    LINK_RETRYING "mqtt.step.retrying" "The printer is away; trying again."
    LINK_REFUSED "mqtt.step.refused" "The printer refuses; trying again in a few minutes, or at once when it is saved."
}

/// Returns the words for a person who looks at an empty tile.
#[must_use]
pub fn of_camera_step(step: Step) -> Advice {
    let code = match step {
        Step::Starting => CAMERA_STARTING,
        Step::Connecting => CAMERA_CONNECTING,
        Step::SigningIn => CAMERA_SIGNING_IN,
        Step::SettingUp => CAMERA_SETTING_UP,
        Step::WaitingForVideo => CAMERA_WAITING_FOR_VIDEO,
        Step::WaitingForKeyFrame => CAMERA_WAITING_FOR_KEY_FRAME,
        Step::WaitingForPicture => CAMERA_WAITING_FOR_PICTURE,
        Step::Live => CAMERA_LIVE,
        Step::Stalled => CAMERA_STALLED,
        Step::Retrying => CAMERA_RETRYING,
        Step::Refused => CAMERA_REFUSED,
        Step::SwitchedOff => CAMERA_SWITCHED_OFF,
        Step::NoCamera => CAMERA_NO_CAMERA,
        Step::Updating => CAMERA_UPDATING,
    };
    code.plain()
}

/// Returns the words for a step of the link.
#[must_use]
pub fn of_link_step(step: LinkStep) -> Advice {
    let code = match step {
        LinkStep::Starting => LINK_STARTING,
        LinkStep::Connecting => LINK_CONNECTING,
        LinkStep::SigningIn => LINK_SIGNING_IN,
        LinkStep::WaitingForReport => LINK_WAITING_FOR_REPORT,
        LinkStep::Live => LINK_LIVE,
        LinkStep::Quiet => LINK_QUIET,
        LinkStep::Silent => LINK_SILENT,
        LinkStep::Retrying => LINK_RETRYING,
        LinkStep::Refused => LINK_REFUSED,
    };
    code.plain()
}
