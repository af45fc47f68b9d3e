//! The head of an HTTP request, and the response to it.

use std::collections::HashMap;
use std::fmt::Write;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::hint::black_box;

use http::header::{ACCEPT_LANGUAGE, COOKIE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::digest;
use crate::workloads::Workload;

/// Parses the head of a request with its 25 headers, query and cookies, and builds a response from them.
pub(crate) struct Headers {
    head: String,
}

/// With the standard library's hash function, but always the same seed.
type Parameters = HashMap<String, Vec<String>, BuildHasherDefault<DefaultHasher>>;

/// A few of the names are known to every server, the others need memory; one comes twice.
const HEAD: &str = "\
GET /api/v1/orders/4711?page=2&sort=price%20desc&tag=new&tag=on%20hold&fields=id,name,total HTTP/1.1
Host: shop.example.org
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0
Accept: text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8
Accept-Language: de-AT,de;q=0.8,en-GB;q=0.5,en;q=0.3
Accept-Encoding: gzip, deflate, br, zstd
Referer: https://shop.example.org/orders?page=1
Origin: https://shop.example.org
Connection: keep-alive
Cookie: session=5f2c9a1be07d4c83; theme=dark; consent=necessary,statistics; cart=9f3a77; lang=de
Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0NzExIn0.X2s8v1qzq0mYw3o4n5p6
Cache-Control: no-cache
Pragma: no-cache
If-None-Match: \"33a64df551425fcc55e4d42a148795d9f25f89d4\"
If-Modified-Since: Wed, 21 Oct 2015 07:28:00 GMT
Sec-Fetch-Dest: document
Sec-Fetch-Mode: navigate
Sec-Fetch-Site: same-origin
Upgrade-Insecure-Requests: 1
DNT: 1
X-Request-Id: 0e6cf3d2-8a31-4b7c-9d0a-5a0c1f6b2e44
X-Forwarded-For: 203.0.113.195
X-Forwarded-For: 198.51.100.17
X-Forwarded-Proto: https
X-Real-Ip: 203.0.113.195
Traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
";

struct Request<'a> {
    method: &'a str,
    path: &'a str,
    query: Parameters,
    headers: HeaderMap,
    cookies: Parameters,
}

impl<'a> Request<'a> {
    /// Answers `None` if it is not the head of a request.
    fn parse(head: &'a str) -> Option<Self> {
        let mut lines = head.lines();
        let mut first = lines.next()?.split(' ');
        let (method, target) = (first.next()?, first.next()?);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));

        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(':')?;
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            headers.append(name, HeaderValue::from_str(value.trim()).ok()?);
        }
        let cookies = headers.get(COOKIE).and_then(|value| value.to_str().ok());
        let cookies = parameters(cookies.unwrap_or_default(), ';');
        Some(Self {
            method,
            path,
            query: parameters(query, '&'),
            headers,
            cookies,
        })
    }
}

fn parameters(text: &str, separator: char) -> Parameters {
    let mut parameters = Parameters::default();
    for pair in text.split(separator) {
        let (name, value) = pair.trim().split_once('=').unwrap_or((pair, ""));
        (parameters.entry(name.to_ascii_lowercase()).or_default()).push(decoded(value));
    }
    parameters
}

/// Makes characters of the `%20`s of an address, of which the request has only right ones.
fn decoded(value: &str) -> String {
    let mut parts = value.split('%');
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_at(2);
        decoded.extend(u8::from_str_radix(code, 16).map(char::from));
        decoded.push_str(rest);
    }
    decoded
}

fn response(request: &Request) -> Result<String, std::fmt::Error> {
    let header = |name| {
        let value = request.headers.get::<HeaderName>(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("?")
    };
    let mut body = format!("{} {}{}\n", request.method, header(HOST), request.path);
    let mut names: Vec<String> = request.query.keys().cloned().collect();
    names.sort();
    for name in &names {
        writeln!(body, "{name}: {}", request.query[name].join(", "))?;
    }
    for name in request.headers.keys() {
        let values: Vec<&[u8]> = (request.headers.get_all(name).iter())
            .map(HeaderValue::as_bytes)
            .collect();
        writeln!(body, "{name}: {} bytes", values.join(&b"; "[..]).len())?;
    }

    let mut response = String::from("HTTP/1.1 200 OK\r\n");
    let session = request.cookies.get("session").map(|values| values.concat());
    let answers = [
        ("content-type", "text/plain; charset=utf-8".to_owned()),
        ("content-length", body.len().to_string()),
        ("content-language", header(ACCEPT_LANGUAGE)[..2].to_owned()),
        (
            "set-cookie",
            format!("session={}; Path=/", session.unwrap_or_default()),
        ),
        ("vary", ["accept-encoding", "cookie"].join(", ")),
    ];
    for (name, value) in &answers {
        write!(response, "{name}: {value}\r\n")?;
    }
    response.push_str("\r\n");
    response.push_str(&body);
    Ok(response)
}

impl Workload for Headers {
    const NAME: &'static str = "headers";

    fn new() -> Self {
        Self {
            head: HEAD.replace('\n', "\r\n"),
        }
    }

    fn answer(&self) -> u64 {
        let request = black_box(Request::parse(&self.head).expect("the head of a request"));
        let response = response(&request).expect("a string takes everything");
        digest::of_bytes(black_box(response).as_bytes())
    }
}
