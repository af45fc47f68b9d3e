//! What a line says, before anything of it is kept.
//!
//! ```text
//! 192.0.2.17 1767225600 "GET /shop/tea%20cup?size=large&colour=dark+red" 200 5123 "Lynx/2.9"
//! ```

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Delete,
}

impl Method {
    const NAMES: [(&'static str, Method); 5] = [
        ("GET", Method::Get),
        ("HEAD", Method::Head),
        ("POST", Method::Post),
        ("PUT", Method::Put),
        ("DELETE", Method::Delete),
    ];
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Method::NAMES.iter().find(|(_, method)| method == self);
        f.write_str(name.map_or("", |(name, _)| name))
    }
}

/// The parts of a line, as they stand there.
pub struct Line<'t> {
    pub address: &'t str,
    /// Seconds since 1970.
    pub time: u64,
    pub method: Method,
    /// These are [encoded](decode).
    pub path: &'t str,
    pub query: Option<&'t str>,
    pub status: u16,
    pub bytes: u64,
    pub agent: &'t str,
}

impl<'t> Line<'t> {
    pub fn read(line: &'t str) -> Result<Self, String> {
        let mut rest = line;
        let mut until = |end: u8, what: &str| {
            // The parts are short: a search that has to be prepared takes longer.
            let length = rest.bytes().position(|byte| byte == end);
            let length = length.ok_or_else(|| no(char::from(end), "behind", what))?;
            let part = &rest[..length];
            rest = &rest[length + 1..];
            Ok::<_, String>(part)
        };
        let address = until(b' ', "address")?;
        let time = until(b' ', "time")?;
        let method = unquoted(until(b' ', "method")?, "method")?;
        let target = until(b'"', "path")?;
        let space = until(b' ', "path")?;
        let status = until(b' ', "status")?;
        let bytes = until(b' ', "number of bytes")?;
        let opening = until(b'"', "number of bytes")?;
        let agent = until(b'"', "agent")?;
        if let Some(more) = [space, opening, rest].iter().find(|more| !more.is_empty()) {
            return Err(format!("{more:?} is more than the line should have"));
        }
        let known = Method::NAMES.iter().find(|(name, _)| *name == method);
        let (_, method) = *known.ok_or_else(|| format!("{method:?} is no method that is known"))?;
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        if !path.starts_with('/') {
            return Err(format!("a path begins with a slash, and not as {path:?}"));
        }
        Ok(Line {
            address,
            time: number("time", time, 0..=u64::MAX)?,
            method,
            path,
            query,
            status: number("status", status, 100..=599)?,
            bytes: number("number of bytes", bytes, 0..=u64::MAX)?,
            agent,
        })
    }
}

fn no(mark: char, place: &str, what: &str) -> String {
    format!("there is no {mark:?} {place} the {what}")
}

fn unquoted<'t>(part: &'t str, what: &str) -> Result<&'t str, String> {
    part.strip_prefix('"')
        .ok_or_else(|| no('"', "before", what))
}

fn number<N>(what: &str, word: &str, range: RangeInclusive<N>) -> Result<N, String>
where
    N: FromStr + PartialOrd + fmt::Display,
{
    let number = word.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| {
        let (least, most) = (range.start(), range.end());
        format!("the {what} is a number from {least} to {most}, and not {word:?}")
    })
}

/// The name and the value of a part of a query.
pub fn pair(part: &str) -> (&str, &str) {
    part.split_once('=').unwrap_or((part, ""))
}

/// Whether a text stands for itself.
pub fn is_plain(text: &str) -> bool {
    !text.bytes().any(|byte| matches!(byte, b'%' | b'+'))
}

/// Hands on what a text stands for, piece by piece: `+` for a space, and `%41` for an `A`.
pub fn decode(text: &str, mut put: impl FnMut(&[u8])) -> Result<(), String> {
    let mut rest = text.as_bytes();
    loop {
        let is_coded = |byte: &u8| matches!(byte, b'%' | b'+');
        let plain = rest.iter().position(is_coded).unwrap_or(rest.len());
        put(&rest[..plain]);
        rest = match &rest[plain..] {
            [] => return Ok(()),
            [b'+', rest @ ..] => {
                put(b" ");
                rest
            }
            coded => {
                let digit = |at| char::from(*coded.get(at)?).to_digit(16);
                let (high, low) = (digit(1).zip(digit(2)))
                    .ok_or_else(|| format!("a % needs two digits behind it in {text:?}"))?;
                put(&[(high * 16 + low) as u8]);
                &coded[3..]
            }
        };
    }
}

/// What is wrong where a text stands for bytes that are none.
pub fn not_utf8(encoded: &str) -> String {
    format!("{encoded:?} stands for what is not UTF-8")
}
