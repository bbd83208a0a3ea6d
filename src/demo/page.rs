//! What the demo site shows: one page that works, and the gateway's own pages for what does not.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue, SERVER};
use hyper::{Response, StatusCode};

/// The name that the gateway gives itself.
const SERVER_NAME: &str = "tipover-demo";

const GOOD: &str = "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Sale</title></head>\n\
<body>\n<h1>Sale</h1>\n<p>This page was served by tipover's demo site.</p>\n</body>\n</html>\n";

/// The page that works, as the backend makes it.
pub(super) fn good() -> Response<Full<Bytes>> {
    of(StatusCode::OK, Bytes::from_static(GOOD.as_bytes()))
}

/// The gateway's own page for `status`, in the form that gateways use.
pub(super) fn failure(status: StatusCode) -> Response<Full<Bytes>> {
    let text = format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n\
         <hr><center>{SERVER_NAME}</center>\r\n</body>\r\n</html>\r\n"
    );
    signed(of(status, Bytes::from(text)))
}

/// The same answer with the gateway's name on it.
pub(super) fn signed(mut answer: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    answer
        .headers_mut()
        .insert(SERVER, HeaderValue::from_static(SERVER_NAME));
    answer
}

fn of(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    answer.headers_mut().insert(CONTENT_TYPE, html);
    answer
}
