//! What a request gets: a file, a part of it, or a plain refusal.

use jiff::Timestamp;
use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};
use std::fmt::Write as _;
use std::fs::{File, Metadata};
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

/// What a client asks for.
#[derive(Debug)]
pub struct Request {
    /// `GET`, `HEAD`…
    pub method: String,
    target: String,
    is_1_1: bool,
    /// Names in small letters.
    headers: Vec<(String, String)>,
}

impl Request {
    /// From the head's bytes; `None` where they are no request.
    pub fn read(head: &[u8]) -> Option<Request> {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut parsed = httparse::Request::new(&mut headers);
        if !parsed.parse(head).ok()?.is_complete() {
            return None;
        }
        let header = |header: &httparse::Header<'_>| {
            let value = String::from_utf8_lossy(header.value).trim().to_owned();
            (header.name.to_ascii_lowercase(), value)
        };
        Some(Request {
            method: parsed.method?.to_owned(),
            target: parsed.path?.to_owned(),
            is_1_1: parsed.version? == 1,
            headers: parsed.headers.iter().map(header).collect(),
        })
    }

    /// A header by its name in small letters.
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Whether the connection may carry another request: nobody asked to close it, and no body follows.
    pub fn goes_on(&self) -> bool {
        let closes = self.header("connection").is_some_and(|word| word.eq_ignore_ascii_case("close"));
        let bodied = self.header("transfer-encoding").is_some()
            || self.header("content-length").is_some_and(|length| length != "0");
        self.is_1_1 && !closes && !bodied
    }
}

/// What a request gets.
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Box<dyn Read + Send>,
    length: u64,
}

impl Answer {
    fn new(status: u16, body: Box<dyn Read + Send>, length: u64) -> Answer {
        Answer { status, headers: Vec::new(), body, length }
    }

    /// To what is no request.
    pub fn unreadable() -> Answer {
        refusal(400, "this is no request")
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }

    /// Writes it, with its body where that is wanted.
    pub fn send(&mut self, to: &mut impl Write, with_body: bool, goes_on: bool) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            // No value of ours holds a line's end; one that did would be another header.
            let value: String = value.chars().filter(|c| !c.is_control()).collect();
            let _ = write!(head, "{name}: {value}\r\n");
        }
        if self.status != 304 {
            let _ = write!(head, "Content-Length: {}\r\n", self.length);
        }
        let connection = if goes_on { "keep-alive" } else { "close" };
        let _ = write!(head, "Connection: {connection}\r\n\r\n");
        to.write_all(head.as_bytes())?;
        if with_body {
            let sent = io::copy(&mut self.body, to)?;
            if sent != self.length {
                // The file shrank: only an end of the connection says that the rest will not come.
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        to.flush()
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        206 => "Partial Content",
        301 => "Moved Permanently",
        304 => "Not Modified",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        416 => "Range Not Satisfiable",
        _ => "Internal Server Error",
    }
}

/// What a page of ours may do: fetch from this server, run its own scripts. Nothing shown asks the net.
const POLICY: &str = "default-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob: data:; object-src 'none'; base-uri 'self'; form-action 'none'";

/// A folder whose files are given out.
pub struct Folder {
    root: PathBuf,
}

/// What a file is at this moment.
struct Found {
    file: File,
    length: u64,
    tag: String,
    changed: Option<Timestamp>,
    kind: &'static str,
}

/// Why there is no file.
enum Refusal {
    /// The path makes no sense.
    Malformed,
    /// There is none, or none that may be had.
    Absent,
    /// A folder, named without its last slash.
    Elsewhere(String),
}

impl Folder {
    /// The folder, by its true path.
    pub fn open(path: &Path) -> io::Result<Folder> {
        let root = path.canonicalize()?;
        let _ = std::fs::read_dir(&root)?;
        Ok(Folder { root })
    }

    /// What this request gets from the server at `port`.
    pub fn answer(&self, request: &Request, port: u16) -> Answer {
        if !request.header("host").is_some_and(|host| is_ours(host, port)) {
            return refusal(403, "this server answers its own machine only");
        }
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            return refusal(405, "only GET and HEAD").with("Allow", "GET, HEAD");
        }
        match self.find(&request.target) {
            Ok(found) => found.answer(|name| request.header(name)),
            Err(Refusal::Malformed) => refusal(400, "this path makes no sense"),
            Err(Refusal::Absent) => refusal(404, "no such file"),
            Err(Refusal::Elsewhere(path)) => refusal(301, "a folder").with("Location", path),
        }
    }

    /// The file that a request's target names.
    fn find(&self, target: &str) -> Result<Found, Refusal> {
        let path = target.split(['?', '#']).next().unwrap_or("");
        let decoded = decoded(path).ok_or(Refusal::Malformed)?;
        let wanted = decoded.strip_prefix('/').ok_or(Refusal::Malformed)?;
        let relative = Path::new(wanted);
        // No step up, no other root, no name of another system's path.
        let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
        if !relative.components().all(plain) || wanted.contains(['\\', '\0']) {
            return Err(Refusal::Malformed);
        }
        if wanted.split('/').any(|part| part.starts_with('.')) {
            return Err(Refusal::Absent);
        }
        // A link may lead out of the folder: its true path decides.
        let mut real = self.root.join(relative).canonicalize().map_err(|_| Refusal::Absent)?;
        if real.is_dir() {
            if !path.ends_with('/') {
                return Err(Refusal::Elsewhere(format!("/{}/", path.trim_start_matches('/'))));
            }
            real = real.join("index.html").canonicalize().map_err(|_| Refusal::Absent)?;
        } else if path.ends_with('/') {
            return Err(Refusal::Absent);
        }
        if !real.starts_with(&self.root) {
            return Err(Refusal::Absent);
        }
        Found::open(&real).ok_or(Refusal::Absent)
    }
}

/// Whether the host named is this machine at this port: a foreign page cannot reach us under its own name.
fn is_ours(host: &str, port: u16) -> bool {
    ["127.0.0.1", "localhost"].iter().any(|name| {
        host.strip_prefix(name)
            .is_some_and(|rest| rest == format!(":{port}") || (rest.is_empty() && port == 80))
    })
}

/// A path with its `%20` undone; `None` where that is no text.
fn decoded(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

impl Found {
    fn open(path: &Path) -> Option<Found> {
        let file = File::open(path).ok()?;
        let about = file.metadata().ok().filter(Metadata::is_file)?;
        let since = about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let nanoseconds = since.map_or(0, |since| since.as_nanos());
        let changed = since.and_then(|since| Timestamp::from_second(since.as_secs() as i64).ok());
        let tag = format!("\"{:x}-{nanoseconds:x}\"", about.len());
        Some(Found { file, length: about.len(), tag, changed, kind: kind(path) })
    }

    /// The file, a part of it, or the word that it has not changed.
    fn answer<'a>(mut self, header: impl Fn(&'static str) -> Option<&'a str>) -> Answer {
        if self.is_known(&header) {
            return self.headed(Answer::new(304, Box::new(io::empty()), 0));
        }
        let whole_if = header("if-range").is_some_and(|validator| !self.is(validator));
        let asked =
            header("range").filter(|_| !whole_if).map_or(Asked::Whole, |words| asked(words, self.length));
        let (status, start, length) = match asked {
            Asked::Whole => (200, 0, self.length),
            Asked::Part(start, length) => (206, start, length),
            Asked::Beyond => {
                return refusal(416, "no such range")
                    .with("Content-Range", format!("bytes */{}", self.length));
            }
        };
        let sought = self.file.seek(SeekFrom::Start(start)).and_then(|_| self.file.try_clone());
        let Ok(body) = sought else { return refusal(500, "the file cannot be read") };
        let mut answer = Answer::new(status, Box::new(body.take(length)), length);
        if status == 206 {
            let range = format!("bytes {start}-{}/{}", start + length - 1, self.length);
            answer = answer.with("Content-Range", range);
        }
        self.headed(answer)
    }

    /// Whether the client has it already.
    fn is_known<'a>(&self, header: &impl Fn(&'static str) -> Option<&'a str>) -> bool {
        if let Some(tags) = header("if-none-match") {
            let same = |tag: &str| tag == "*" || tag.trim_start_matches("W/") == self.tag;
            return tags.split(',').map(str::trim).any(same);
        }
        let since = header("if-modified-since").and_then(instant);
        since.zip(self.changed).is_some_and(|(since, changed)| changed <= since)
    }

    /// Whether a validator is that of this very file.
    fn is(&self, validator: &str) -> bool {
        validator == self.tag || (instant(validator).is_some() && instant(validator) == self.changed)
    }

    fn headed(&self, answer: Answer) -> Answer {
        let answer = answer
            .with("Content-Type", self.kind)
            .with("Accept-Ranges", "bytes")
            .with("ETag", self.tag.as_str())
            .with("Cache-Control", "no-cache")
            .with("X-Content-Type-Options", "nosniff")
            .with("Content-Security-Policy", POLICY);
        let changed =
            self.changed.and_then(|at| DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok());
        match changed {
            Some(changed) => answer.with("Last-Modified", changed),
            None => answer,
        }
    }
}

fn instant(words: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(words).ok()
}

/// What part of a file is asked for: start and length.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Whole,
    Part(u64, u64),
    Beyond,
}

/// RFC 9110, 14.1.2: one range of bytes; several, or what cannot be read, may be answered with the whole.
fn asked(words: &str, length: u64) -> Asked {
    let Some((first, last)) = words.strip_prefix("bytes=").and_then(|range| range.trim().split_once('-'))
    else {
        return Asked::Whole;
    };
    let number =
        |word: &str| word.bytes().all(|digit| digit.is_ascii_digit()).then(|| word.parse::<u64>().ok());
    let part = |start: u64, end: u64| match start < length && start < end {
        true => Asked::Part(start, end.min(length) - start),
        false => Asked::Beyond,
    };
    match (first, last) {
        ("", last) => match number(last) {
            Some(Some(count)) => part(length.saturating_sub(count), length),
            _ => Asked::Whole,
        },
        (first, "") => match number(first) {
            Some(Some(start)) => part(start, length),
            _ => Asked::Whole,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(Some(start)), Some(Some(end))) if start <= end => part(start, end.saturating_add(1)),
            _ => Asked::Whole,
        },
    }
}

/// A refusal, in words.
fn refusal(status: u16, words: &str) -> Answer {
    let body = format!("{words}\n").into_bytes();
    let length = body.len() as u64;
    Answer::new(status, Box::new(Cursor::new(body)), length).with("Content-Type", "text/plain; charset=utf-8")
}

/// What a file is, by its name (IANA's types, and those that viewers ask for).
fn kind(path: &Path) -> &'static str {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("").to_ascii_lowercase();
    match ending.as_str() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "jsonld" => "application/ld+json",
        "geojson" => "application/geo+json",
        "wasm" => "application/wasm",
        "pmtiles" => "application/vnd.pmtiles",
        "glb" => "model/gltf-binary",
        "gltf" => "model/gltf+json",
        "tif" | "tiff" => "image/tiff; application=geotiff",
        "png" => "image/png",
        "webp" => "image/webp",
        "jpg" | "jpeg" => "image/jpeg",
        "svg" => "image/svg+xml",
        "csv" => "text/csv; charset=utf-8",
        "txt" | "md" => "text/plain; charset=utf-8",
        "xml" | "sld" | "qml" | "vrt" => "application/xml",
        "gpkg" => "application/geopackage+sqlite3",
        "pdf" => "application/pdf",
        "pbf" | "mvt" => "application/vnd.mapbox-vector-tile",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_rfc_9110_says() {
        assert_eq!(asked("bytes=0-499", 1000), Asked::Part(0, 500));
        assert_eq!(asked("bytes=500-", 1000), Asked::Part(500, 500));
        assert_eq!(asked("bytes=-500", 1000), Asked::Part(500, 500));
        assert_eq!(asked("bytes=-5000", 1000), Asked::Part(0, 1000));
        assert_eq!(asked("bytes=999-5000", 1000), Asked::Part(999, 1));
        assert_eq!(asked("bytes=1000-", 1000), Asked::Beyond);
        assert_eq!(asked("bytes=-0", 1000), Asked::Beyond);
        assert_eq!(asked("bytes=0-", 0), Asked::Beyond);
        assert_eq!(asked("bytes=0-18446744073709551615", 1000), Asked::Part(0, 1000));
        for whole in
            ["bytes=5-2", "bytes=0-1,5-9", "lines=0-5", "bytes=a-b", "bytes=-", "bytes=99999999999999999999-"]
        {
            assert_eq!(asked(whole, 1000), Asked::Whole, "{whole}");
        }
    }

    #[test]
    fn only_this_machine_is_ours() {
        assert!(
            is_ours("127.0.0.1:8417", 8417) && is_ours("localhost:8417", 8417) && is_ours("localhost", 80)
        );
        for other in ["example.org:8417", "127.0.0.1:1", "localhost.example.org:8417", "127.0.0.1", ""] {
            assert!(!is_ours(other, 8417), "{other}");
        }
    }

    #[test]
    fn paths_are_decoded_or_refused() {
        assert_eq!(decoded("/a%20b/%C3%A9").as_deref(), Some("/a b/é"));
        for bad in ["/%", "/%2", "/%zz", "/%ff", "/%+1"] {
            assert_eq!(decoded(bad), None, "{bad}");
        }
    }
}
