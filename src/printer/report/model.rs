//! The model of a printer, and its properties.

use crate::printer::Serial;
use crate::printer::report::Module;

/// The models known today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Model {
    /// X1
    X1,
    /// X1 Carbon
    X1C,
    /// X1E
    X1E,
    /// X2D
    X2D,
    /// P1P
    P1P,
    /// P1S
    P1S,
    /// P2S
    P2S,
    /// A1
    A1,
    /// A1 mini
    A1Mini,
    /// A2L
    A2L,
    /// H2D
    H2D,
    /// H2D Pro
    H2DPro,
    /// H2S
    H2S,
    /// H2C
    H2C,
}

use Model::*;

/// The display name, the `project_name` of old firmware, and the first three characters of the serial number.
const TABLE: &[(Model, &str, &str, &str)] = &[
    (X1, "X1", "BL-P002", "00W"),
    (X1C, "X1 Carbon", "BL-P001", "00M"),
    (X1E, "X1E", "C13", "03W"),
    (X2D, "X2D", "N6", "20P"),
    (P1P, "P1P", "C11", "01S"),
    (P1S, "P1S", "C12", "01P"),
    (P2S, "P2S", "N7", "22E"),
    (A1, "A1", "N2S", "039"),
    (A1Mini, "A1 mini", "N1", "030"),
    (A2L, "A2L", "N9", "26A"),
    (H2D, "H2D", "O1D", "094"),
    (H2DPro, "H2D Pro", "O1E", "239"),
    (H2S, "H2S", "O1S", "093"),
    (H2C, "H2C", "O1C", "31B"),
];

/// The kind of camera that a model serves on the LAN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CameraKind {
    /// RTSPS on port 322.
    Rtsp,
    /// Single JPEG pictures on port 6000.
    Jpeg,
}

impl Model {
    /// Determines the model from the modules, or else from the serial number. The modules take precedence, because a
    /// new mainboard brings a new serial number.
    #[must_use]
    pub fn of(modules: &[Module], serial: &str) -> Option<Self> {
        // Only these two name the printer; an AMS names itself.
        let own = modules.iter().filter(|module| matches!(module.name.as_str(), "ota" | "esp32"));
        own.filter_map(|module| Self::from_product(&module.product))
            .next()
            .or_else(|| modules.iter().find_map(Self::from_hardware).filter(|_| Self::from_serial(serial) != Some(X1)))
            .or_else(|| Self::from_serial(serial))
    }

    /// Determines the model from the code that a printer announces, or else from the serial number. An A2L was seen to
    /// announce an empty code.
    #[must_use]
    pub fn of_announcement(code: &str, serial: &str) -> Option<Self> {
        Self::from_product(code).or_else(|| Self::from_serial(serial))
    }

    /// Determines the model from the serial number alone.
    #[must_use]
    pub fn of_serial(serial: &Serial) -> Option<Self> {
        Self::from_serial(serial.as_str())
    }

    /// Tells X1C and X1E of old firmware apart by their processor's hardware, since they name no product. An X1 has the
    /// processor of an X1C, so only its serial number identifies it.
    fn from_hardware(module: &Module) -> Option<Self> {
        match (module.name.as_str(), module.hardware.as_str()) {
            ("rv1126", "AP05") => Some(X1C),
            ("rv1126" | "ap", "AP02") => Some(X1E),
            _ => None,
        }
    }

    fn from_product(product: &str) -> Option<Self> {
        let short = product.trim().strip_prefix("Bambu Lab ").unwrap_or(product.trim());
        let short = short.strip_prefix("3DPrinter-").unwrap_or(short);
        let short = short.strip_suffix("-V2").unwrap_or(short).replace("X1-Carbon", "X1 Carbon");
        TABLE.iter().find(|(_, name, code, _)| short.eq_ignore_ascii_case(name) || short == *code).map(|row| row.0)
    }

    fn from_serial(serial: &str) -> Option<Self> {
        TABLE.iter().find(|(_, _, _, prefix)| serial.starts_with(prefix)).map(|row| row.0)
    }

    /// Returns the product name without the maker's.
    #[must_use]
    pub fn name(self) -> &'static str {
        TABLE.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// Whether the model has a chamber sensor. P1 and A printers have none and report a constant 5 °C.
    #[must_use]
    pub fn has_chamber_sensor(self) -> bool {
        !matches!(self, P1P | P1S | A1 | A1Mini | A2L)
    }

    /// Whether the model heats its chamber: X1E, X2D and the H2 series do.
    #[must_use]
    pub fn heats_chamber(self) -> bool {
        matches!(self, X1E | X2D | H2D | H2DPro | H2S | H2C)
    }

    /// Whether the model has chamber fans. The A series has no chamber, so only part and hotend have fans.
    #[must_use]
    pub fn has_chamber_fans(self) -> bool {
        !matches!(self, A1 | A1Mini | A2L)
    }

    /// Whether the model has a door sensor. P1 and A printers have none, although their reports contain the bits.
    #[must_use]
    pub fn has_door_sensor(self) -> bool {
        !matches!(self, P1P | P1S | A1 | A1Mini | A2L)
    }

    /// Returns the first firmware that requires Bambu's signature or Developer Mode for commands, if known. Newer
    /// models never had an older firmware.
    #[must_use]
    pub fn first_guarded_firmware(self) -> Option<&'static str> {
        match self {
            X1 | X1C => Some("01.08.50.32"),
            P1P | P1S => Some("01.08.02.00"),
            A1 | A1Mini => Some("01.05.00.00"),
            H2D | H2DPro => Some("01.01.00.00"),
            X1E | X2D | P2S | A2L | H2S | H2C => None,
        }
    }

    /// Returns the kind of its camera.
    #[must_use]
    pub fn camera(self) -> CameraKind {
        if matches!(self, P1P | P1S | A1 | A1Mini | A2L) { CameraKind::Jpeg } else { CameraKind::Rtsp }
    }

    /// Returns the folder of the maker's wiki, for series known to have one.
    #[must_use]
    pub fn wiki_series(self) -> Option<&'static str> {
        match self {
            X1 | X1C | X1E => Some("x1"),
            X2D => Some("x2d"),
            P2S => Some("p2s"),
            H2D | H2DPro | H2S | H2C => Some("h2"),
            P1P | P1S | A1 | A1Mini | A2L => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, hardware: &str, product: &str, serial: &str, expected: Option<Model>) {
        let module =
            Module { name: name.into(), hardware: hardware.into(), product: product.into(), software: String::new() };
        assert_eq!(Model::of(&[module], serial), expected, "{name} {hardware} {product} {serial}");
    }

    #[test]
    fn a_model_is_recognized_by_product_name_hardware_or_serial() {
        check("ota", "OTA", "Bambu Lab X1-Carbon", "", Some(X1C));
        check("ota", "OTA", "Bambu Lab A1 mini", "00M123", Some(A1Mini));
        check("ota", "OTA", "Bambu Lab H2D Pro", "094", Some(H2DPro));
        check("ota", "OTA", "N7-V2", "", Some(P2S));
        check("esp32", "AP04", "C12", "", Some(P1S));
        check("rv1126", "AP05", "", "", Some(X1C));
        check("rv1126", "AP05", "", "00M00A000000000", Some(X1C));
        check("rv1126", "AP05", "", "00W00A000000000", Some(X1));
        check("ota", "OTA", "Bambu Lab X1", "00M00A000000000", Some(X1));
        check("ota", "OTA", "BL-P002", "", Some(X1));
        check("ota", "OTA", "3DPrinter-X1", "", Some(X1));
        check("ota", "OTA", "3DPrinter-X1-Carbon", "", Some(X1C));
        check("ap", "AP02", "", "00M", Some(X1E));
        check("mc", "", "", "01S00A000000000", Some(P1P));
    }

    #[test]
    fn module_names_do_not_decide_the_model() {
        // An AMS also names its product, and an H2D's application processor is the X1C's.
        check("ams/0", "AMS08", "A1", "777", None);
        check("ap", "AP05", "", "09400A000000000", Some(H2D));
        check("ap", "AP05", "", "777", None);
    }

    #[test]
    fn every_serial_prefix_names_one_model() {
        for (model, name, _, prefix) in TABLE {
            assert_eq!(Model::of(&[], &format!("{prefix}00A000000000")), Some(*model));
            assert_eq!(model.name(), *name);
        }
    }
}
