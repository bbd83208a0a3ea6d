//! The lines of one log file, plain or gzipped, in bounded memory, whatever its bytes are.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;

/// A line longer than this is dropped, in bytes.
const LONGEST: usize = 64 << 10;
/// Bytes read at once.
const BUFFER: usize = 128 << 10;

/// Counts the bytes that pass.
struct Counted<R> {
    inner: R,
    passed: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.passed.set(self.passed.get() + read as u64);
        Ok(read)
    }
}

/// The lines of a file.
pub(super) struct Lines {
    reader: Box<dyn BufRead>,
    /// The line that is read.
    pub(super) line: Vec<u8>,
    /// Whether the file ended within its last gzip member.
    pub(super) is_torn: bool,
}

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// A line.
    Line,
    /// A line too long to be one.
    TooLong,
    /// Nothing more.
    End,
}

impl Lines {
    /// Opens `path`, or stdin for `-`; gives how many bytes it holds, where that is known. What it reads is counted in
    /// `passed`.
    pub(super) fn open(path: &Path, passed: &Rc<Cell<u64>>) -> io::Result<(Self, u64)> {
        let (raw, length): (Box<dyn Read>, u64) = if path == Path::new("-") {
            (Box::new(io::stdin().lock()), 0)
        } else {
            let file = File::open(path)?;
            let about = file.metadata()?;
            if about.is_dir() {
                return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
            }
            (Box::new(file), about.len())
        };
        Ok((Self::new(raw, passed)?, length))
    }

    fn new(raw: Box<dyn Read>, passed: &Rc<Cell<u64>>) -> io::Result<Self> {
        let counted = Counted {
            inner: raw,
            passed: Rc::clone(passed),
        };
        let mut plain = BufReader::with_capacity(BUFFER, counted);
        let is_gzip = plain.fill_buf()?.starts_with(&[0x1f, 0x8b]);
        let reader: Box<dyn BufRead> = if is_gzip {
            Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(plain)))
        } else {
            Box::new(plain)
        };
        Ok(Self {
            reader,
            line: Vec::new(),
            is_torn: false,
        })
    }

    /// Reads the next line into `line`, without its end. A gzip file that was cut off ends where it was cut.
    pub(super) fn advance(&mut self) -> io::Result<Next> {
        self.line.clear();
        let (mut is_long, mut is_any) = (false, false);
        loop {
            let buffer = match self.reader.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    self.is_torn = true;
                    &[]
                }
                other => other?,
            };
            if buffer.is_empty() {
                break;
            }
            is_any = true;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let part = &buffer[..end.unwrap_or(buffer.len())];
            if self.line.len() + part.len() > LONGEST {
                is_long = true;
                self.line.clear();
            } else if !is_long {
                self.line.extend_from_slice(part);
            }
            let used = part.len() + usize::from(end.is_some());
            self.reader.consume(used);
            if end.is_some() {
                break;
            }
        }
        Ok(match (is_long, is_any) {
            (true, _) => Next::TooLong,
            (false, true) => Next::Line,
            (false, false) => Next::End,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn all(bytes: &[u8]) -> (Vec<Vec<u8>>, usize, bool) {
        let mut lines = Lines::new(Box::new(io::Cursor::new(bytes.to_vec())), &Rc::default()).unwrap();
        let (mut read, mut too_long) = (Vec::new(), 0);
        loop {
            match lines.advance().unwrap() {
                Next::Line => read.push(lines.line.clone()),
                Next::TooLong => too_long += 1,
                Next::End => return (read, too_long, lines.is_torn),
            }
        }
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn plain_and_gzipped_files_of_several_members_have_the_same_lines() {
        let plain = all(b"a\nb\n\nc");
        assert_eq!(
            plain,
            (
                vec![b"a".to_vec(), b"b".to_vec(), Vec::new(), b"c".to_vec()],
                0,
                false
            )
        );
        assert_eq!(all(&[gzip(b"a\nb\n"), gzip(b"\nc")].concat()), plain);
        assert_eq!(all(b""), (Vec::new(), 0, false));
    }

    #[test]
    fn a_gzip_file_that_was_cut_off_gives_what_it_has() {
        let text: Vec<u8> = (0..20_000_u32)
            .flat_map(|number| format!("{}\n", number.wrapping_mul(2_654_435_761)).into_bytes())
            .collect();
        let whole = gzip(&text);
        let (lines, _, is_torn) = all(&whole[..whole.len() / 2]);
        assert!(
            is_torn && lines.len() > 1_000 && lines.len() < 20_000,
            "{}",
            lines.len()
        );
    }

    #[test]
    fn a_line_without_end_takes_no_memory() {
        let mut text = vec![b'x'; 3 << 20];
        text.extend_from_slice(b"\nshort\n");
        assert_eq!(all(&text), (vec![b"short".to_vec()], 1, false));
    }
}
