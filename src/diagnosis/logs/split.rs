//! A stream of bytes → lines, each no longer than [`LONGEST_LINE`].

/// Bytes of a line that are kept; the rest of a longer one is passed over.
pub const LONGEST_LINE: usize = 64 << 10;

/// Cuts what it is fed into lines, wherever the pieces end.
#[derive(Debug, Default)]
pub struct LineSplitter {
    /// The beginning of a line whose end has not come.
    begun: Vec<u8>,
}

impl LineSplitter {
    /// Nothing fed yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Hands each line that ends in `piece` to `take`, without its end.
    pub fn feed(&mut self, piece: &[u8], mut take: impl FnMut(&[u8])) {
        let mut from = 0;
        for end in memchr::memchr_iter(b'\n', piece) {
            let line = &piece[from..end];
            from = end + 1;
            if self.begun.is_empty() {
                take(&line[..line.len().min(LONGEST_LINE)]);
            } else {
                self.keep(line);
                take(&self.begun);
                self.begun.clear();
            }
        }
        self.keep(&piece[from..]);
    }

    /// Hands over what has no end.
    pub fn finish(&mut self, mut take: impl FnMut(&[u8])) {
        if !self.begun.is_empty() {
            take(&self.begun);
            self.begun.clear();
        }
    }

    fn keep(&mut self, more: &[u8]) {
        let room = LONGEST_LINE.saturating_sub(self.begun.len());
        self.begun.extend_from_slice(&more[..more.len().min(room)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lines_are_the_same_wherever_the_pieces_end(text in "[ab\n]{0,200}", size in 1_usize..20) {
            let mut splitter = LineSplitter::new();
            let mut lines = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                splitter.feed(piece, |line| lines.push(line.to_vec()));
            }
            splitter.finish(|line| lines.push(line.to_vec()));
            let whole: Vec<Vec<u8>> = text.lines().map(|line| line.as_bytes().to_vec()).collect();
            prop_assert_eq!(lines, whole);
        }
    }

    #[test]
    fn a_line_without_end_takes_no_more_than_its_room() {
        let mut splitter = LineSplitter::new();
        for _ in 0..100 {
            splitter.feed(&[b'x'; 10_000], |_| {});
        }
        assert_eq!(splitter.begun.len(), LONGEST_LINE);
    }
}
