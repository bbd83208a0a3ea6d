//! Foreign text made harmless for the eye: nothing that moves a cursor or turns the direction of writing.

/// `text` without control characters, and without those that change the direction of writing or are not seen
/// (U+200B–U+200F, U+202A–U+202E, U+2060–U+206F, U+FEFF; Unicode TR 36); line ends and tabs become spaces.
pub fn printable(text: &str) -> String {
    let is_hidden = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{061c}');
    text.chars()
        .filter_map(|c| match c {
            '\n' | '\r' | '\t' => Some(' '),
            c if c.is_control() || is_hidden(c) => None,
            c => Some(c),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_unseen_stays_in_a_text() {
        assert_eq!(printable("a\u{1b}[31mb\u{202e}c\nd\u{0}\u{7f}"), "a[31mbc d");
        assert_eq!(printable("Größe – 10 € · 漢字"), "Größe – 10 € · 漢字");
    }
}
