//! What a firmware adds to its model, as captures and field reports have it: one row for each model. The machine asks
//! this table; nothing else in it knows a version.

use super::job::{Step, Until};
use super::{Hms, Model};

/// One model's firmware.
#[derive(Debug)]
pub(crate) struct Firmware {
    pub(crate) version: &'static str,
    pub(crate) tells: Tells,
    /// Fields that not every firmware with `device` has.
    pub(crate) more: &'static [&'static str],
    /// HMS entries that are in every report, whatever the printer does.
    pub(crate) standing: &'static [Hms],
    /// HMS entries say when they came.
    pub(crate) dates_hms: bool,
    pub(crate) tray_now: TrayNow,
    /// From the job's name to RUNNING: the file is fetched and unpacked.
    pub(crate) unpacks_s: f64,
    /// It reports nothing while it unpacks, and answers pings.
    pub(crate) unpacks_silently: bool,
    /// A job that has a name and nothing else yet is IDLE; else the state of the job before stays.
    pub(crate) idles_before_a_job: bool,
    /// RUNNING begins with the layer of the job before and without a time, for so long.
    pub(crate) catches_up_s: f64,
    /// What it does before the first layer.
    pub(crate) start: &'static [Step],
    /// A filament change in the middle of a print is stage 4; else `ams_status` alone tells it.
    pub(crate) stages_change: bool,
    /// RUNNING goes on for so long after the last layer, as stage 255.
    pub(crate) unloads_s: f64,
    /// Near the end it counts one layer more than there are.
    pub(crate) counts_one_more: bool,
    /// A stopped print has no `print_error` for so long.
    pub(crate) stop_is_told_after_s: f64,
    /// A light order without command and node switches the chamber light.
    pub(crate) lights_without_node: bool,
}

/// What a report that nobody asked for has in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tells {
    /// Everything, every time.
    Everything,
    /// What has changed, also when that is nothing.
    Changes,
    /// What has changed; when that is nothing, there is no report: the small boards.
    ChangesOrNothing,
}

/// How `tray_now` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TrayNow {
    /// Four to a unit; an AMS HT by its id, the spool beside the printer as 254.
    OverAllUnits,
    /// Within the unit: the low half of `snow`. One rule explains what was seen: 0 for the first slot of the second unit
    /// (P2S, BBY#420), for the external spool (H2S 01.02, BBY#1822) and for the AMS HT (H2D 01.01), and 255 for nothing.
    WithinUnit,
}

/// The X1 family: everything at once, no checks of the bed. Stage 2 goes on while the filament is loaded, as an X1C
/// was seen to do.
const X1: Firmware = Firmware {
    version: "01.06.01.02",
    tells: Tells::Everything,
    more: &[],
    standing: &[],
    dates_hms: false,
    tray_now: TrayNow::OverAllUnits,
    unpacks_s: 5.0,
    unpacks_silently: false,
    idles_before_a_job: false,
    catches_up_s: 0.0,
    start: &[
        Step { stage: 2, until: Until::BedWarm, loads: true },
        Step { stage: 13, until: Until::Seconds(8.0), loads: false },
        Step { stage: 7, until: Until::NozzleWarm, loads: false },
        Step { stage: 14, until: Until::Seconds(12.0), loads: false },
        Step { stage: 1, until: Until::Seconds(40.0), loads: false },
    ],
    stages_change: false,
    unloads_s: 0.0,
    counts_one_more: false,
    stop_is_told_after_s: 0.0,
    // bambu-cli, pull request 4: X1C and P1S take it, P2S and X2D do not.
    lights_without_node: true,
};

const P1: Firmware =
    Firmware { version: "01.08.02.00", tells: Tells::ChangesOrNothing, idles_before_a_job: true, ..X1 };

/// An A1 with firmware 01.07, through a whole job of April 2026.
const A1: Firmware = Firmware {
    version: "01.07.00.00",
    start: &[
        Step { stage: 2, until: Until::Seconds(8.0), loads: false },
        Step { stage: 13, until: Until::Seconds(22.0), loads: false },
        Step { stage: 4, until: Until::Seconds(0.0), loads: true },
        Step { stage: 3, until: Until::BedWarm, loads: false },
        Step { stage: 14, until: Until::NozzleWarm, loads: false },
        Step { stage: 1, until: Until::Seconds(60.0), loads: false },
    ],
    stages_change: true,
    unloads_s: 32.0,
    ..P1
};

/// P2S, X2D and the H2 series. Their start code checks the bed from above (74) and from below (75) before every print.
const H2: Firmware = Firmware {
    version: "01.01.02.07",
    tells: Tells::Changes,
    more: &["2D", "3D", "lan_task_id", "maintain"],
    tray_now: TrayNow::WithinUnit,
    catches_up_s: 4.0,
    start: &[
        Step { stage: 74, until: Until::Seconds(8.0), loads: false },
        Step { stage: 75, until: Until::Seconds(8.0), loads: false },
        Step { stage: 2, until: Until::BedWarm, loads: false },
        Step { stage: 13, until: Until::Seconds(8.0), loads: false },
        Step { stage: 4, until: Until::NozzleWarm, loads: true },
        Step { stage: 14, until: Until::Seconds(12.0), loads: false },
        Step { stage: 1, until: Until::Seconds(40.0), loads: false },
    ],
    stages_change: true,
    lights_without_node: false,
    ..X1
};

/// P2S and X2D as of 2026.
const Y2026: Firmware =
    Firmware { version: "01.02.00.00", more: &["3D", "err2", "fun2", "lan_task_id", "stg_cd"], dates_hms: true, ..H2 };

const H2S_MORE: &[&str] = &["2D", "3D", "lan_task_id", "t_utc"];

/// Seen in H2S and H2C reports (HAB#1983, BBY#1830). No official text has a word for them.
const H2S_STANDS: &[Hms] = &[Hms::of(0x0500_0600_0002_0005), Hms::of(0x0500_0600_0002_0006)];

/// One without a text, and one about maintenance: FINISH of September 2026.
const P2S_STANDS: &[Hms] = &[Hms::of(0x0500_0600_0002_0070), Hms::of(0x0501_0400_0003_0002)];

/// In RUNNING, PAUSE and FAILED alike, April 2026. The second and the fourth have no text; the last is a dirty lens.
const H2D_STANDS: &[Hms] = &[
    Hms::of(0x0501_0400_0003_0004),
    Hms::of(0x0500_0600_0002_00A0),
    Hms::of(0x0501_0400_0003_0002),
    Hms::of(0x0500_0200_0003_000A),
    Hms::of(0x0C00_0100_0002_0017),
];

/// BambuHelper#164. The first one is in nobody's table.
const X2D_STANDS: &[Hms] = &[Hms::of(0x0500_0100_0002_000B), Hms::of(0x0503_0000_0003_0027)];

impl Model {
    /// The firmware it has here.
    pub(crate) fn firmware(self) -> Firmware {
        match self {
            Self::X1 => X1,
            // A layer more than there are was reported without a model.
            Self::X1C => Firmware {
                version: "01.09.00.01",
                tells: Tells::Changes,
                more: &["t_utc"],
                counts_one_more: true,
                ..X1
            },
            // 135 s from the job to its start, without a report: BBY#1150.
            Self::P1P => Firmware { unpacks_s: 135.0, unpacks_silently: true, ..P1 },
            Self::P1S => P1,
            Self::A1 => A1,
            Self::A1Mini => Firmware { version: "01.07.02.00", unloads_s: 0.0, ..A1 },
            // An A1 with the fields of an H2, and its slots counted within its one unit (BBY#2697).
            Self::A2L => Firmware {
                version: "01.00.02.00",
                more: &["3D", "lan_task_id"],
                tray_now: TrayNow::WithinUnit,
                unloads_s: 0.0,
                lights_without_node: false,
                ..A1
            },
            Self::P2S => Firmware { standing: P2S_STANDS, ..Y2026 },
            Self::H2S => Firmware { version: "01.02.00.00", more: H2S_MORE, standing: H2S_STANDS, ..H2 },
            Self::H2D => Firmware {
                version: "01.03.00.00",
                tells: Tells::Everything,
                more: &["2D", "3D", "err2", "fun2", "lan_task_id", "stg_cd"],
                standing: H2D_STANDS,
                stop_is_told_after_s: 4.0,
                ..H2
            },
            Self::H2DPro => H2,
            Self::H2C => Firmware { version: "01.01.05.00", more: H2S_MORE, standing: H2S_STANDS, ..H2 },
            Self::X2D => Firmware { standing: X2D_STANDS, ..Y2026 },
        }
    }
}
