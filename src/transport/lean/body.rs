//! The body of an answer: where it ends, and which of its bytes are content. RFC 9112, 6 and 7. Nothing is copied but
//! trailers, which are bounded.

/// Bytes that the extensions of all chunks of a body may take, and its trailers: as hyper has them.
const MOST_EXTENSIONS: u32 = 16 << 10;
const MOST_TRAILERS: usize = 16 << 10;

/// A body that is under way.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// So many bytes are to come.
    Length(u64),
    Chunked(Chunked),
    UntilClosed,
}

/// Between the bytes of a chunked body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chunked {
    place: Place,
    /// Bytes of the chunk that are to come; while its size is read, the size so far.
    left: u64,
    extensions: u32,
    trailers: Vec<u8>,
}

/// What the next byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The first digit of a size.
    Start,
    Size,
    AfterSize,
    Extension,
    SizeEnd,
    Content,
    ContentReturn,
    ContentEnd,
    /// The first byte of a line after the last chunk.
    Line,
    Trailer,
    TrailerEnd,
    LastEnd,
    Over,
}

/// Why a body is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BodyError<E> {
    /// It is against the rules.
    Nonsense(&'static str),
    /// Whoever took the content has enough.
    Taker(E),
}

impl Body {
    pub(super) const fn chunked() -> Self {
        Body::Chunked(Chunked {
            place: Place::Start,
            left: 0,
            extensions: 0,
            trailers: Vec::new(),
        })
    }

    /// Whether all of it came.
    pub(super) const fn is_whole(&self) -> bool {
        match self {
            Body::Length(left) => *left == 0,
            Body::Chunked(chunked) => matches!(chunked.place, Place::Over),
            Body::UntilClosed => false,
        }
    }

    /// Hands the content in `data` to `take`, and says how many bytes of it belong to the body.
    pub(super) fn read<E>(
        &mut self,
        data: &[u8],
        most_trailers: usize,
        take: &mut dyn FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<usize, BodyError<E>> {
        match self {
            Body::Length(left) => {
                let now = part(data, *left);
                *left -= now.len() as u64;
                if !now.is_empty() {
                    take(now).map_err(BodyError::Taker)?;
                }
                Ok(now.len())
            }
            Body::Chunked(chunked) => chunked.read(data, most_trailers, take),
            Body::UntilClosed => {
                take(data).map_err(BodyError::Taker)?;
                Ok(data.len())
            }
        }
    }
}

/// The first `most` bytes of `data`, or all of it.
fn part(data: &[u8], most: u64) -> &[u8] {
    &data[..usize::try_from(most).map_or(data.len(), |most| most.min(data.len()))]
}

impl Chunked {
    fn read<E>(
        &mut self,
        data: &[u8],
        most_trailers: usize,
        take: &mut dyn FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<usize, BodyError<E>> {
        let mut at = 0;
        while at < data.len() && self.place != Place::Over {
            if self.place == Place::Content {
                let now = part(&data[at..], self.left);
                take(now).map_err(BodyError::Taker)?;
                at += now.len();
                self.left -= now.len() as u64;
                if self.left == 0 {
                    self.place = Place::ContentReturn;
                }
                continue;
            }
            self.step(data[at]).map_err(BodyError::Nonsense)?;
            at += 1;
        }
        if self.place == Place::Over && !self.trailers.is_empty() {
            self.check_trailers(most_trailers).map_err(BodyError::Nonsense)?;
        }
        Ok(at)
    }

    /// One byte that is no content.
    fn step(&mut self, byte: u8) -> Result<(), &'static str> {
        self.place = match (self.place, byte) {
            (Place::Start | Place::Size, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                let digit = char::from(byte).to_digit(16).unwrap_or_default();
                let size = self.left.checked_mul(16);
                self.left = size
                    .and_then(|size| size.checked_add(digit.into()))
                    .ok_or("the size of a chunk is beyond all numbers")?;
                Place::Size
            }
            (Place::Size | Place::AfterSize, b'\t' | b' ') => Place::AfterSize,
            (Place::Size | Place::AfterSize, b';') => Place::Extension,
            (Place::Size | Place::AfterSize | Place::Extension, b'\r') => Place::SizeEnd,
            (Place::Extension, b'\n') => return Err("a line break in the extension of a chunk"),
            (Place::Extension, _) => {
                self.extensions += 1;
                if self.extensions >= MOST_EXTENSIONS {
                    return Err("extensions of chunks without end");
                }
                Place::Extension
            }
            (Place::SizeEnd, b'\n') if self.left == 0 => Place::Line,
            (Place::SizeEnd, b'\n') => Place::Content,
            (Place::ContentReturn, b'\r') => Place::ContentEnd,
            (Place::ContentEnd, b'\n') => Place::Start,
            (Place::Line, b'\r') => Place::LastEnd,
            (Place::LastEnd, b'\n') => Place::Over,
            (Place::TrailerEnd, b'\n') => Place::Line,
            (Place::Trailer, b'\r') => Place::TrailerEnd,
            (Place::Line | Place::Trailer, _) => Place::Trailer,
            _ => return Err("a chunk that is none"),
        };
        let in_trailers = matches!(self.place, Place::Trailer | Place::TrailerEnd)
            || (matches!(self.place, Place::Line | Place::LastEnd | Place::Over)
                && !self.trailers.is_empty());
        if in_trailers {
            self.trailers.push(byte);
            if self.trailers.len() >= MOST_TRAILERS {
                return Err("trailers without end");
            }
        }
        Ok(())
    }

    fn check_trailers(&self, most: usize) -> Result<(), &'static str> {
        let mut room = vec![httparse::EMPTY_HEADER; most];
        match httparse::parse_headers(&self.trailers, &mut room) {
            Ok(httparse::Status::Complete(_)) => Ok(()),
            _ => Err("trailers that are no headers"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;

    /// The content, and how many bytes belonged to the body, read in parts that end at `cuts`.
    fn read(mut body: Body, data: &[u8], cuts: &[usize]) -> Result<(Vec<u8>, usize, bool), &'static str> {
        let mut content = Vec::new();
        let mut used = 0;
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut % (data.len() + 1)).collect();
        ends.push(data.len());
        ends.sort_unstable();
        let mut from = 0;
        for end in ends {
            let mut take = |part: &[u8]| {
                content.extend_from_slice(part);
                Ok::<(), Infallible>(())
            };
            match body.read(&data[from..end], 10, &mut take) {
                Ok(now) => used += now,
                Err(BodyError::Nonsense(why)) => return Err(why),
                Err(BodyError::Taker(never)) => match never {},
            }
            from = end;
        }
        Ok((content, used, body.is_whole()))
    }

    #[test]
    fn what_is_no_chunk_is_said() {
        for (data, part) in [
            ("xyz\r\n", "none"),
            ("\r\n", "none"),
            ("5\n12345", "none"),
            ("5\r\n12345\n", "none"),
            ("11111111111111111\r\n", "beyond"),
            ("5;a\nb\r\n", "line break"),
            ("0\r\nno colon\r\n\r\n", "no headers"),
        ] {
            let why = read(Body::chunked(), data.as_bytes(), &[]).unwrap_err();
            assert!(why.contains(part), "{data}: {why}");
        }
        for endless in [
            format!("5;{}", "a".repeat(20_000)),
            format!("0\r\na: {}", "b".repeat(20_000)),
        ] {
            let why = read(Body::chunked(), endless.as_bytes(), &[]).unwrap_err();
            assert!(why.contains("without end"), "{why}");
        }
    }

    proptest! {
        #[test]
        fn content_comes_out_whole_wherever_reads_end(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..6), extension in "(;[a-z=]{0,6})?", trailers in prop::collection::vec("[a-z]{1,4}: [a-z]{0,4}", 0..3), after in prop::collection::vec(any::<u8>(), 0..5), cuts in prop::collection::vec(0_usize..400, 0..8)) {
            let mut data = Vec::new();
            for chunk in &chunks {
                data.extend_from_slice(format!("{:X}{extension}\r\n", chunk.len()).as_bytes());
                data.extend_from_slice(chunk);
                data.extend_from_slice(b"\r\n");
            }
            data.extend_from_slice(b"0\r\n");
            for trailer in &trailers {
                data.extend_from_slice(format!("{trailer}\r\n").as_bytes());
            }
            data.extend_from_slice(b"\r\n");
            let length = data.len();
            data.extend_from_slice(&after);
            let content: Vec<u8> = chunks.concat();
            prop_assert_eq!(read(Body::chunked(), &data, &cuts), Ok((content.clone(), length, true)));
            let plain = [content.as_slice(), &after].concat();
            let announced = Body::Length(content.len() as u64);
            prop_assert_eq!(read(announced, &plain, &cuts), Ok((content.clone(), content.len(), true)));
            prop_assert_eq!(read(Body::UntilClosed, &plain, &cuts), Ok((plain.clone(), plain.len(), false)));
        }

        #[test]
        fn no_bytes_make_it_panic(data in prop::collection::vec(any::<u8>(), 0..100), cuts in prop::collection::vec(0_usize..100, 0..4)) {
            drop(read(Body::chunked(), &data, &cuts));
        }
    }
}
