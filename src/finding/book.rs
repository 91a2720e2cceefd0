//! The printers that were heard or greeted lately, by serial number and address.
//!
//! Anybody can announce anything, so an announcement is a hint. It cannot push out what was there before: beyond the
//! bounds, a newcomer is not entered. A greeting is proof, and takes the place of the hint that was heard longest ago.

use crate::net::link::Greeting;
use crate::printer::model::Model;
use crate::printer::{Announcement, Serial};
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

/// The most entries; printers that are registered here do not count.
const ENTRIES: usize = 128;
/// The most addresses of one serial number.
const ADDRESSES: usize = 4;

/// Printers announce themselves every 5 to 30 s.
const HEARD_FOR: Duration = Duration::from_secs(180);
/// A greeting is made once, so it is shown for longer.
const GREETED_FOR: Duration = Duration::from_secs(900);
/// An address that is announced keeps its place before another one of the same serial number for this long.
const HOLDS_ITS_PLACE: Duration = Duration::from_secs(40);

/// A time on both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    pub at: Instant,
    pub unix_ms: i64,
}

#[derive(Debug)]
struct Entry {
    serial: Serial,
    host: Ipv4Addr,
    model: Option<Model>,
    name: Option<String>,
    firmware: Option<String>,
    heard: Option<Seen>,
    greeted: Option<Seen>,
    /// The certificate that was expected there was not.
    is_refuted: bool,
}

/// A printer as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundPrinter {
    /// Its serial number.
    pub serial: Serial,
    /// Its model, if known.
    pub model: Option<Model>,
    /// The name that its owner gave it, if it was heard.
    pub name: Option<String>,
    /// Its address.
    pub host: Ipv4Addr,
    /// The version of its firmware, if it was heard.
    pub firmware: Option<String>,
    /// Whether it has announced itself from there.
    pub heard: bool,
    /// Whether its certificate was seen there.
    pub greeted: bool,
    /// When that was last. Unix milliseconds.
    pub last_seen_unix_ms: i64,
}

impl Entry {
    fn is_current(&self, now: Instant) -> bool {
        let within = |seen: Option<Seen>, span| seen.is_some_and(|seen| now.saturating_duration_since(seen.at) < span);
        within(self.heard, HEARD_FOR) || within(self.greeted, GREETED_FOR)
    }

    fn last_seen(&self) -> Option<Seen> {
        self.heard.into_iter().chain(self.greeted).max_by_key(|seen| seen.at)
    }

    fn found(&self) -> Option<FoundPrinter> {
        Some(FoundPrinter {
            serial: self.serial.clone(),
            model: self.model,
            name: self.name.clone(),
            host: self.host,
            firmware: self.firmware.clone(),
            heard: self.heard.is_some(),
            greeted: self.greeted.is_some(),
            last_seen_unix_ms: self.last_seen()?.unix_ms,
        })
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Book {
    entries: Vec<Entry>,
}

impl Book {
    /// Enters an announcement. `is_registered` says whether a printer with this serial number is registered here: such
    /// a printer always finds a place, because it may have to be followed.
    pub fn hear(&mut self, announcement: Announcement, is_registered: bool, seen: Seen) {
        self.expire(seen.at);
        let Announcement { serial, host, model, name, firmware } = announcement;
        self.make_room(&serial, host);
        let Some(entry) = self.place(&serial, host, |book| book.has_room(&serial, is_registered)) else { return };
        entry.heard = Some(seen);
        entry.model = model;
        entry.name = name;
        entry.firmware = firmware;
    }

    /// Enters a greeting. Nobody else is at that address.
    pub fn greet(&mut self, greeting: &Greeting, host: Ipv4Addr, seen: Seen) {
        self.expire(seen.at);
        let serial = &greeting.serial;
        self.entries.retain(|entry| entry.host != host || entry.serial == *serial);
        let of_serial = self.entries.iter().filter(|entry| entry.serial == *serial).count();
        if of_serial >= ADDRESSES || self.entries.len() >= ENTRIES {
            let is_candidate = |entry: &&Entry| of_serial < ADDRESSES || entry.serial == *serial;
            let hints = self.entries.iter().filter(is_candidate).filter(|entry| entry.greeted.is_none());
            let oldest = hints.min_by_key(|entry| entry.last_seen().map(|seen| seen.at));
            let oldest = oldest.map(|entry| (entry.serial.clone(), entry.host));
            self.entries.retain(|entry| oldest.as_ref() != Some(&(entry.serial.clone(), entry.host)));
        }
        let of_serial = |book: &Self| book.entries.iter().filter(|entry| entry.serial == *serial).count();
        let has_room = |book: &Self| of_serial(book) < ADDRESSES && book.entries.len() < 2 * ENTRIES;
        let Some(entry) = self.place(serial, host, has_room) else { return };
        entry.greeted = Some(seen);
        entry.is_refuted = false;
        entry.model = entry.model.or_else(|| Model::of_serial(serial));
    }

    /// Notes that an expected certificate was not at an address. The address loses its place to the next one of its
    /// serial number, so that forged ones cannot keep the true one out.
    pub fn refute(&mut self, serial: &Serial, host: Ipv4Addr) {
        let mut entries = self.entries.iter_mut();
        if let Some(entry) = entries.find(|entry| entry.host == host && entry.serial == *serial) {
            entry.is_refuted = true;
        }
    }

    /// Returns the printers, each once, by serial number. Of several addresses the proven one counts, or else the one
    /// that was announced first and still is.
    pub fn printers(&mut self, now: Instant) -> Vec<FoundPrinter> {
        self.expire(now);
        let mut chosen: Vec<&Entry> = Vec::new();
        for entry in &self.entries {
            match chosen.iter_mut().find(|other| other.serial == entry.serial) {
                None => chosen.push(entry),
                Some(other) if is_better(entry, other, now) => *other = entry,
                Some(_) => {}
            }
        }
        let mut printers: Vec<FoundPrinter> = chosen.into_iter().filter_map(Entry::found).collect();
        printers.sort_by(|one, other| one.serial.cmp(&other.serial));
        printers
    }

    /// Returns the addresses at which a serial number was heard or greeted, the latest first.
    pub fn addresses(&self, serial: &Serial) -> Vec<Ipv4Addr> {
        let mut of_serial: Vec<&Entry> = self.entries.iter().filter(|entry| entry.serial == *serial).collect();
        of_serial.sort_by_key(|entry| std::cmp::Reverse(entry.last_seen().map(|seen| seen.at)));
        of_serial.into_iter().map(|entry| entry.host).collect()
    }

    /// Removes a refuted address of a serial number that has no place left for another one.
    fn make_room(&mut self, serial: &Serial, host: Ipv4Addr) {
        let of_serial = || self.entries.iter().enumerate().filter(|(_, entry)| entry.serial == *serial);
        if of_serial().count() < ADDRESSES || of_serial().any(|(_, entry)| entry.host == host) {
            return;
        }
        let refuted = of_serial().find(|(_, entry)| entry.is_refuted).map(|(place, _)| place);
        refuted.map(|place| self.entries.remove(place));
    }

    /// Removes what has not been seen for long.
    fn expire(&mut self, now: Instant) {
        self.entries.retain(|entry| entry.is_current(now));
    }

    fn has_room(&self, serial: &Serial, is_registered: bool) -> bool {
        let of_serial = self.entries.iter().filter(|entry| entry.serial == *serial).count();
        of_serial < ADDRESSES && (is_registered || self.entries.len() < ENTRIES)
    }

    /// Returns the entry of a serial number at an address, and makes it if there is room.
    fn place(&mut self, serial: &Serial, host: Ipv4Addr, has_room: impl FnOnce(&Self) -> bool) -> Option<&mut Entry> {
        let known = self.entries.iter().position(|entry| entry.host == host && entry.serial == *serial);
        let place = match known {
            Some(place) => place,
            None if has_room(self) => {
                self.entries.push(Entry {
                    serial: serial.clone(),
                    host,
                    model: None,
                    name: None,
                    firmware: None,
                    heard: None,
                    greeted: None,
                    is_refuted: false,
                });
                self.entries.len() - 1
            }
            None => return None,
        };
        self.entries.get_mut(place)
    }
}

/// Whether an address counts before another one of the same serial number, which was entered before it.
fn is_better(entry: &Entry, before: &Entry, now: Instant) -> bool {
    let at = |seen: Option<Seen>| seen.map(|seen| seen.at);
    match (entry.greeted, before.greeted) {
        (None, None) => {
            let still_heard = at(before.heard).is_some_and(|at| now.saturating_duration_since(at) < HOLDS_ITS_PLACE);
            !still_heard && at(entry.heard) > at(before.heard)
        }
        (greeted, of_other) => at(greeted) > at(of_other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock;
    use crate::printer::Fingerprint;

    struct Bench {
        book: Book,
        start: Instant,
    }

    impl Bench {
        fn new() -> Self {
            Self { book: Book::default(), start: clock::now() }
        }

        fn seen(&self, seconds: u64) -> Seen {
            Seen { at: self.start + Duration::from_secs(seconds), unix_ms: i64::try_from(seconds).unwrap() }
        }

        fn hear(&mut self, seconds: u64, serial: u32, host: u8, is_registered: bool) {
            let announcement = Announcement {
                serial: number(serial),
                host: Ipv4Addr::new(10, 0, 0, host),
                model: None,
                name: Some("heard".into()),
                firmware: None,
            };
            self.book.hear(announcement, is_registered, self.seen(seconds));
        }

        fn greet(&mut self, seconds: u64, serial: u32, host: u8) {
            let greeting = Greeting { serial: number(serial), fingerprint: Fingerprint([7; 32]) };
            self.book.greet(&greeting, Ipv4Addr::new(10, 0, 0, host), self.seen(seconds));
        }

        /// The last digit of the address at which each is shown.
        fn shown(&mut self, seconds: u64) -> Vec<u8> {
            let now = self.seen(seconds).at;
            self.book.printers(now).iter().map(|printer| printer.host.octets()[3]).collect()
        }
    }

    fn number(serial: u32) -> Serial {
        Serial::parse(&format!("01P00A{serial:09}")).unwrap()
    }

    #[test]
    fn what_is_heard_and_greeted_at_one_address_is_one_printer() {
        let mut bench = Bench::new();
        bench.hear(0, 1, 5, false);
        bench.greet(1, 1, 5);
        let now = bench.seen(1).at;
        let printers = bench.book.printers(now);
        assert_eq!(printers.len(), 1);
        assert!(printers[0].heard && printers[0].greeted && printers[0].name.as_deref() == Some("heard"));
        // The announcement does not name a model; the serial number does.
        assert_eq!((printers[0].model, printers[0].last_seen_unix_ms), (Some(Model::P1S), 1));
    }

    #[test]
    fn an_announcement_ages_out_before_a_greeting_does() {
        let mut bench = Bench::new();
        bench.hear(0, 1, 1, false);
        bench.greet(0, 2, 2);
        assert_eq!(bench.shown(179), [1, 2]);
        assert_eq!(bench.shown(180), [2]);
        assert_eq!(bench.shown(900), [] as [u8; 0]);
    }

    #[test]
    fn a_forged_address_hides_neither_a_proven_nor_an_earlier_one() {
        let mut bench = Bench::new();
        bench.hear(0, 1, 1, false);
        bench.hear(1, 1, 66, false);
        assert_eq!(bench.shown(2), [1], "who was there first");
        bench.hear(50, 1, 66, false);
        assert_eq!(bench.shown(50), [66], "the first one is no longer heard");
        bench.greet(51, 1, 1);
        bench.hear(52, 1, 66, false);
        assert_eq!(bench.shown(52), [1], "what is proven");
        assert_eq!(bench.book.addresses(&number(1)).len(), 2);
        bench.greet(60, 1, 2);
        assert_eq!(bench.shown(60), [2], "it has moved");
    }

    #[test]
    fn nobody_else_is_at_an_address_that_was_greeted() {
        let mut bench = Bench::new();
        bench.hear(0, 1, 5, false);
        bench.greet(1, 2, 5);
        assert_eq!(bench.book.addresses(&number(1)), [] as [Ipv4Addr; 0]);
    }

    #[test]
    fn refuted_addresses_make_room_for_the_true_one() {
        let mut bench = Bench::new();
        for host in 60..64 {
            bench.hear(0, 1, host, true);
        }
        bench.hear(1, 1, 5, true);
        assert!(!bench.book.addresses(&number(1)).contains(&Ipv4Addr::new(10, 0, 0, 5)));
        bench.book.refute(&number(1), Ipv4Addr::new(10, 0, 0, 61));
        bench.hear(2, 1, 62, true);
        assert_eq!(bench.book.addresses(&number(1)).len(), ADDRESSES, "it has its place already");
        bench.hear(3, 1, 5, true);
        assert_eq!(bench.book.addresses(&number(1))[0], Ipv4Addr::new(10, 0, 0, 5));
        assert!(!bench.book.addresses(&number(1)).contains(&Ipv4Addr::new(10, 0, 0, 61)));
    }

    #[test]
    fn forged_announcements_fill_a_bounded_space_and_push_nobody_out() {
        let mut bench = Bench::new();
        bench.hear(0, 0, 1, false);
        for serial in 1..1000 {
            bench.hear(1, serial, 66, false);
        }
        assert_eq!(bench.book.entries.len(), ENTRIES);
        assert!(!bench.book.addresses(&number(0)).is_empty());
        // A registered printer is heard all the same, and so is one that was greeted.
        bench.hear(2, 2000, 7, true);
        bench.greet(3, 2001, 8);
        assert!(!bench.book.addresses(&number(2000)).is_empty() && !bench.book.addresses(&number(2001)).is_empty());
        for host in 0..200 {
            bench.hear(4, 2000, host, true);
        }
        assert_eq!(bench.book.addresses(&number(2000)).len(), ADDRESSES);
        bench.greet(5, 2000, 250);
        assert_eq!(bench.book.addresses(&number(2000))[0], Ipv4Addr::new(10, 0, 0, 250));
        for serial in 3000..4000 {
            bench.greet(6, serial, u8::try_from(serial % 250).unwrap());
        }
        assert!(bench.book.entries.len() <= 2 * ENTRIES);
    }
}
