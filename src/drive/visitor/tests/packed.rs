//! A page that comes packed is looked into as if it had come plain.

use std::io::Write;

use super::site::{page, walk, with};

const TEXT: &str = "<h1>Kasse \u{f6}ffnet gleich</h1><h1>Kasse \u{f6}ffnet gleich</h1>";

#[test]
fn a_packed_page_is_looked_into_whatever_it_is_packed_in() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(TEXT.as_bytes()).unwrap();
    let mut deflate = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    deflate.write_all(TEXT.as_bytes()).unwrap();
    let zstd =
        ruzstd::encoding::compress_to_vec(TEXT.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest);
    let brotli = include_bytes!("../../../transport/decode/sample.br").to_vec();
    for (coding, packed) in [
        ("gzip", gzip.finish().unwrap()),
        ("deflate", deflate.finish().unwrap()),
        ("zstd", zstd),
        ("br", brotli),
    ] {
        let journey = "journey: [ { get: /, expect: { body_contains: \u{f6}ffnet gleich }, capture: { word: { css: h1 } } }, { get: \"/{{word}}\" }, { get: /, expect: { body_contains: geschlossen } } ]";
        let wire = packed.len() as u64;
        let seen = walk(journey, 1, move |heard| {
            assert!(heard.header("accept-encoding").contains(coding));
            with(page(packed.clone()), 200, &[("content-encoding", coding)])
        });
        assert_eq!(seen.classes(), [("200", 2), ("failed_check", 1)], "{coding}");
        assert_eq!(seen.paths()[1], "GET /Kasse%20%C3%B6ffnet%20gleich");
        assert_eq!(seen.why, ["the body does not contain what is expected"]);
        assert!(
            seen.bytes < 3 * (wire + 200),
            "bytes are counted as they came: {}",
            seen.bytes
        );
    }
}
