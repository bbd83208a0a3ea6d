//! Bodies as they were before they were packed for the way: gzip, deflate, br, zstd. Only where somebody looks inside:
//! a load counts bytes as they come over the wire. What comes out is bounded whatever goes in.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read};

use crate::record::Class;

/// What requests say they take, best known first (RFC 9110, 12.5.3).
pub const ACCEPTED: &str = "gzip, br, deflate, zstd";

/// Codings on top of each other that are undone; nobody means more.
const MOST_CODINGS: usize = 3;
/// The largest window of a zstd frame (RFC 9659).
const ZSTD_WINDOW: u64 = 8 << 20;
/// Bytes that the brotli decoder reads at once.
const BROTLI_BUFFER: usize = 4 << 10;

/// Why a body stays packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodeError {
    /// A coding that was not asked for; its name without control characters, cut.
    Unknown(String),
    /// More comes out than is taken.
    TooLarge(usize),
    /// The bytes are not what the coding says.
    Broken(String),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::Unknown(name) => write!(formatter, "unpack the body: `{name}` was not asked for"),
            DecodeError::TooLarge(most) => {
                write!(formatter, "unpack the body: more than {most} bytes come out")
            }
            DecodeError::Broken(why) => write!(formatter, "unpack the body: {why}"),
        }
    }
}

impl std::error::Error for DecodeError {}

impl DecodeError {
    /// The class of an answer with such a body.
    pub const fn class(&self) -> Class {
        match self {
            DecodeError::TooLarge(_) => Class::TooLarge,
            DecodeError::Unknown(_) | DecodeError::Broken(_) => Class::BadAnswer,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// The text of `body`, which came with `encoding` (the values of `Content-Encoding`, with commas between); at most `most`
/// bytes of it. What is no UTF-8 is replaced.
///
/// # Errors
/// The coding is not known, the body is broken, or more than `most` bytes come out, at whichever of several codings.
pub fn text<'a>(encoding: &str, body: &'a [u8], most: usize) -> Result<Cow<'a, str>, DecodeError> {
    Ok(match bytes(encoding, body, most)? {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    })
}

/// As [`text`], but the bytes.
///
/// # Errors
/// As [`text`].
pub fn bytes<'a>(encoding: &str, body: &'a [u8], most: usize) -> Result<Cow<'a, [u8]>, DecodeError> {
    let mut body = Cow::Borrowed(body);
    for coding in codings(encoding)?.into_iter().rev() {
        let (unpacked, ended) = unpacked(coding, &body, most);
        if let Err(error) = ended {
            return Err(DecodeError::Broken(error.to_string()));
        }
        if unpacked.len() > most {
            return Err(DecodeError::TooLarge(most));
        }
        body = Cow::Owned(unpacked);
    }
    if body.len() > most {
        return Err(DecodeError::TooLarge(most));
    }
    Ok(body)
}

/// What the beginning of a body, cut anywhere, unpacks to: at most `most` bytes, nothing where it cannot be told.
pub(super) fn beginning(encoding: &str, cut: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut body = Cow::Borrowed(cut);
    let codings = codings(encoding).ok().filter(|codings| !codings.is_empty())?;
    for coding in codings.into_iter().rev() {
        let (mut unpacked, _) = unpacked(coding, &body, most);
        unpacked.truncate(most);
        body = Cow::Owned(unpacked);
    }
    Some(body.into_owned()).filter(|body| !body.is_empty())
}

/// The codings in the order in which they were applied.
fn codings(encoding: &str) -> Result<Vec<Coding>, DecodeError> {
    let mut all = Vec::new();
    for name in encoding.split(',').map(str::trim) {
        all.push(match name.to_ascii_lowercase().as_str() {
            "" | "identity" => continue,
            "gzip" | "x-gzip" => Coding::Gzip,
            "deflate" => Coding::Deflate,
            "br" => Coding::Brotli,
            "zstd" => Coding::Zstd,
            other => {
                let shown = other.chars().filter(|letter| !letter.is_control()).take(40);
                return Err(DecodeError::Unknown(shown.collect()));
            }
        });
        if all.len() > MOST_CODINGS {
            return Err(DecodeError::Broken(format!("more than {MOST_CODINGS} codings")));
        }
    }
    Ok(all)
}

/// What comes out, one byte more than `most` at the most, and how it ended.
fn unpacked(coding: Coding, packed: &[u8], most: usize) -> (Vec<u8>, io::Result<()>) {
    match coding {
        Coding::Gzip => drained(flate2::read::MultiGzDecoder::new(packed), most),
        // Meant is zlib (RFC 9110, 8.4.1.2); some send bare deflate.
        Coding::Deflate if is_zlib(packed) => drained(flate2::read::ZlibDecoder::new(packed), most),
        Coding::Deflate => drained(flate2::read::DeflateDecoder::new(packed), most),
        Coding::Brotli => drained(
            brotli_decompressor::Decompressor::new(packed, BROTLI_BUFFER),
            most,
        ),
        Coding::Zstd => zstd(packed, most),
    }
}

fn drained(reader: impl Read, most: usize) -> (Vec<u8>, io::Result<()>) {
    let mut out = Vec::new();
    let ended = reader.take(most as u64 + 1).read_to_end(&mut out);
    (out, ended.map(drop))
}

/// The two bytes at the head of zlib (RFC 1950, 2.2).
fn is_zlib(packed: &[u8]) -> bool {
    match packed {
        [method, flags, ..] => method & 0x0f == 8 && (u16::from(*method) << 8 | u16::from(*flags)) % 31 == 0,
        _ => false,
    }
}

/// Frame after frame.
fn zstd(packed: &[u8], most: usize) -> (Vec<u8>, io::Result<()>) {
    let mut out = Vec::new();
    let mut rest = packed;
    let mut decoder = ruzstd::decoding::FrameDecoder::new();
    while !rest.is_empty() && out.len() <= most {
        if zstd_window(rest).is_none_or(|window| window > ZSTD_WINDOW) {
            return (
                out,
                Err(io::Error::other("no zstd frame of a window that the web uses")),
            );
        }
        let reader = ruzstd::decoding::StreamingDecoder::new_with_decoder(&mut rest, &mut decoder);
        let reader = match reader {
            Ok(reader) => reader,
            Err(error) => return (out, Err(io::Error::other(error.to_string()))),
        };
        let (more, ended) = drained(reader, most - out.len());
        out.extend_from_slice(&more);
        if ended.is_err() {
            return (out, ended);
        }
    }
    (out, Ok(()))
}

/// The bytes that a frame wants to look back on, read from its head (RFC 8878, 3.1.1.1); nothing where it is no frame.
/// The decoder sets that much memory aside before it reads on.
fn zstd_window(frame: &[u8]) -> Option<u64> {
    let head = frame.strip_prefix(&[0x28, 0xb5, 0x2f, 0xfd])?;
    let (descriptor, head) = head.split_first()?;
    let is_single = descriptor & 0x20 != 0;
    if !is_single {
        let window = head.first()?;
        let base = 1_u64 << (10 + (window >> 3));
        return Some(base + base / 8 * u64::from(window & 7));
    }
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let length = [1, 2, 4, 8][usize::from(descriptor >> 6)];
    let size = head.get(dictionary..dictionary + length)?;
    let mut bytes = [0; 8];
    bytes[..length].copy_from_slice(size);
    let size = u64::from_le_bytes(bytes);
    Some(if length == 2 { size + 256 } else { size })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    const PLAIN: &[u8] = b"<h1>Kasse \xc3\xb6ffnet gleich</h1><h1>Kasse \xc3\xb6ffnet gleich</h1>";
    /// `PLAIN`, packed by another implementation: no crate of the tree packs brotli.
    const BROTLI: &[u8] = include_bytes!("decode/sample.br");

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(plain).unwrap();
        packer.finish().unwrap()
    }

    fn zlib(plain: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(plain).unwrap();
        packer.finish().unwrap()
    }

    fn raw(plain: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(plain).unwrap();
        packer.finish().unwrap()
    }

    fn zstd(plain: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(plain, ruzstd::encoding::CompressionLevel::Fastest)
    }

    #[test]
    fn every_coding_that_is_asked_for_is_undone() {
        let plain = std::str::from_utf8(PLAIN).unwrap();
        for (encoding, packed) in [
            ("", PLAIN.to_vec()),
            ("identity", PLAIN.to_vec()),
            ("gzip", gzip(PLAIN)),
            ("X-GZIP", gzip(PLAIN)),
            ("deflate", zlib(PLAIN)),
            ("deflate", raw(PLAIN)),
            ("br", BROTLI.to_vec()),
            ("zstd", zstd(PLAIN)),
            ("zstd", [zstd(&PLAIN[..20]), zstd(&PLAIN[20..])].concat()),
            ("gzip", [gzip(&PLAIN[..20]), gzip(&PLAIN[20..])].concat()),
            ("gzip, zstd", zstd(&gzip(PLAIN))),
        ] {
            assert_eq!(text(encoding, &packed, 1_000).as_deref(), Ok(plain), "{encoding}");
            // The bound holds after each coding, and so tiny a page grows by being packed.
            if !encoding.contains(',') {
                let just_fits = text(encoding, &packed, PLAIN.len());
                assert_eq!(just_fits.as_deref(), Ok(plain), "{encoding}");
            }
            assert_eq!(
                text(encoding, &packed, 10),
                Err(DecodeError::TooLarge(10)),
                "{encoding}"
            );
        }
    }

    #[test]
    fn a_bomb_ends_at_the_cap_at_whichever_coding() {
        let zeros = vec![0; 64 << 20];
        for (encoding, bomb) in [
            ("gzip", gzip(&zeros)),
            ("deflate", zlib(&zeros)),
            ("zstd", zstd(&zeros)),
            ("gzip, gzip", gzip(&gzip(&zeros))),
        ] {
            let error = bytes(encoding, &bomb, 1 << 20).unwrap_err();
            assert_eq!(error, DecodeError::TooLarge(1 << 20));
            assert_eq!(error.class(), Class::TooLarge);
        }
        // A frame that wants to look back on 2 GiB, and says so in a byte.
        let greedy = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00];
        assert_eq!(zstd_window(&greedy), Some(1 << 31));
        assert!(matches!(bytes("zstd", &greedy, 100), Err(DecodeError::Broken(_))));
    }

    #[test]
    fn what_is_cut_or_unknown_is_a_bad_answer() {
        for (encoding, packed) in [
            ("gzip", gzip(PLAIN)),
            ("deflate", zlib(PLAIN)),
            ("br", BROTLI.to_vec()),
            ("zstd", zstd(PLAIN)),
        ] {
            let cut = &packed[..packed.len() - 6];
            let error = bytes(encoding, cut, 1_000).unwrap_err();
            assert_eq!(error.class(), Class::BadAnswer, "{encoding}: {error}");
            assert!(bytes(encoding, PLAIN, 1_000).is_err(), "{encoding}");
        }
        let error = bytes("\u{1b}[31mcompress", PLAIN, 1_000).unwrap_err();
        assert_eq!(error, DecodeError::Unknown("[31mcompress".to_owned()));
        assert!(bytes("gzip,gzip,gzip,gzip", PLAIN, 1_000).is_err());
    }

    #[test]
    fn the_beginning_of_a_cut_body_is_shown_as_far_as_it_goes() {
        let plain: Vec<u8> = (0..4_000_u32)
            .flat_map(|number| format!("{number} ").into_bytes())
            .collect();
        let packed = gzip(&plain);
        let shown = beginning("gzip", &packed[..packed.len() / 2], 500).unwrap();
        assert_eq!(shown, plain[..500]);
        assert_eq!(beginning("gzip", b"no gzip", 500), None);
        assert_eq!(beginning("", PLAIN, 500), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_or_exceed_its_cap(body in prop::collection::vec(any::<u8>(), 0..300), encoding in prop::sample::select(vec!["gzip", "deflate", "br", "zstd", "zstd, br"]), framed: bool) {
            let body = if framed { [&[0x28, 0xb5, 0x2f, 0xfd][..], &body].concat() } else { body };
            if let Ok(out) = bytes(encoding, &body, 1_000) {
                prop_assert!(out.len() <= 1_000);
            }
            prop_assert!(beginning(encoding, &body, 1_000).is_none_or(|out| out.len() <= 1_000));
        }

        #[test]
        fn what_was_packed_comes_out_the_same(plain in prop::collection::vec(any::<u8>(), 0..2_000)) {
            for (encoding, packed) in [("gzip", gzip(&plain)), ("deflate", zlib(&plain)), ("zstd", zstd(&plain))] {
                let out = bytes(encoding, &packed, 2_000).unwrap();
                prop_assert_eq!(out.as_ref(), plain.as_slice());
            }
        }
    }
}
