//! Decides which characters of a text are visible. Names come from people and printers, and appear on a page and in the
//! log.

/// Whether a character disturbs the text around it. Controls and line separators would begin a new line of the log, and
/// direction marks would reorder its words.
#[must_use]
pub fn is_disruptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character is invisible. It may still be useful within a text: a joiner makes one emoji out of several.
///
/// These are the spaces, the controls and Unicode's `Default_Ignorable_Code_Point`. Four more have no ink, although
/// Unicode counts them among the letters, signs and notes.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || matches!(c,
            '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
        // The Braille cell without a dot, interlinear annotation, the note without a head, the Khitan filler.
        || matches!(c, '\u{2800}' | '\u{fff9}'..='\u{fffb}' | '\u{1d159}' | '\u{16fe4}')
}

/// Whether a character may be part of a text from a printer. It must be visible, be a space, or join or modify the
/// character before it, as emoji and Persian words need.
#[must_use]
pub fn is_printable(c: char) -> bool {
    let joins = matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}');
    !is_disruptive(c) && (joins || c.is_whitespace() || !is_invisible(c))
}

/// Whether a text has any visible character.
#[must_use]
pub fn is_visible(text: &str) -> bool {
    !text.chars().all(is_invisible)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_characters_without_ink_is_not_visible() {
        let invisible = [
            "",
            " \t",
            "\u{200b}",
            "\u{feff}",
            "\u{2060}",
            "\u{ad}",
            "\u{3164}",
            "\u{ffa0}",
            "\u{2800}",
            "\u{a0}",
            "\u{3000}",
            "\u{180e}",
            "\u{34f}",
            "\u{115f}\u{1160}",
            "\u{fe0f}",
            "\u{e0061}",
            "\u{200d}\u{200b} \u{2063}",
        ];
        for text in invisible {
            assert!(!is_visible(text), "{text:?}");
        }
        for text in ["a", "ß", "\u{200b}a", "👩\u{200d}🔧", "المكتب", "プリンター", "ㅤX", ".", "_", "\u{301}"]
        {
            assert!(is_visible(text), "{text:?}");
        }
    }

    #[test]
    fn line_breaks_and_direction_marks_are_disruptive_and_joiners_are_not() {
        for c in ['\n', '\r', '\u{7f}', '\u{85}', '\u{2028}', '\u{202e}', '\u{2066}', '\u{200f}', '\u{61c}'] {
            assert!(is_disruptive(c), "{c:?}");
        }
        for c in ['a', ' ', '\u{200d}', '\u{fe0f}', '\u{ad}', 'ع'] {
            assert!(!is_disruptive(c), "{c:?}");
        }
    }
}
