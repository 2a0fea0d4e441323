//! `ilot view`: what a browser gets, through real sockets.

use crate::harness::{command, ilot, text};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use tempfile::TempDir;

/// A server on a folder of files with known bytes.
struct Served {
    child: Child,
    port: u16,
    folder: TempDir,
}

impl Served {
    fn start() -> Served {
        let folder = TempDir::new().unwrap();
        let out = folder.path().join("out");
        for inner in ["out/dtm", "out/.ilot"] {
            std::fs::create_dir_all(folder.path().join(inner)).unwrap();
        }
        let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
        std::fs::write(out.join("dtm/0379_6787.tif"), &bytes).unwrap();
        std::fs::write(out.join("a b é.pmtiles"), b"PMTiles").unwrap();
        std::fs::write(out.join("empty.json"), b"").unwrap();
        std::fs::write(out.join("index.html"), b"<!doctype html>").unwrap();
        std::fs::write(out.join(".ilot/own.json"), b"{}").unwrap();
        std::fs::write(folder.path().join("secret.txt"), b"secret").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path().join("secret.txt"), out.join("link.txt")).unwrap();
        let (child, port) = start(&out, &[]);
        Served { child, port, folder }
    }

    /// The answer to a request's head, as it came: head in small letters, body.
    fn ask(&self, head: &str) -> (String, Vec<u8>) {
        let head = head.replace("HOST", &format!("Host: 127.0.0.1:{}\r\nConnection: close", self.port));
        self.raw(&head)
    }

    fn raw(&self, head: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all).unwrap();
        let end = all.windows(4).position(|four| four == b"\r\n\r\n").expect("a head ends");
        (String::from_utf8_lossy(&all[..end]).to_lowercase(), all[end + 4..].to_vec())
    }

    fn get(&self, path: &str, more: &str) -> (String, Vec<u8>) {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHOST\r\n{more}\r\n"))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server, and the port that it says it listens at.
fn start(out: &Path, more: &[&str]) -> (Child, u16) {
    let mut words = vec!["view", text(out), "--json"];
    words.extend(more);
    let mut child = command(&words).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    let _ = BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: serde_json::Value = serde_json::from_str(&line).unwrap();
    (child, said["port"].as_u64().unwrap() as u16)
}

fn is(head: &str, status: &str) -> bool {
    head.starts_with(&format!("http/1.1 {status}"))
}

#[test]
fn a_viewer_gets_the_parts_it_asks_for() {
    let served = Served::start();
    let path = "/dtm/0379_6787.tif";
    let (head, body) = served.get(path, "");
    assert!(
        is(&head, "200") && head.contains("accept-ranges: bytes") && head.contains("image/tiff"),
        "{head}"
    );
    assert!(body.len() == 100_000 && head.contains("content-length: 100000"));
    let (head, body) = served.get(path, "Range: bytes=250-259\r\n");
    assert!(is(&head, "206") && head.contains("content-range: bytes 250-259/100000"), "{head}");
    assert_eq!(body, [250, 251, 252, 253, 254, 255, 0, 1, 2, 3]);
    let (head, body) = served.get(path, "Range: bytes=-1\r\n");
    assert!(is(&head, "206") && body == [(99_999 % 256) as u8], "{head}");
    let (head, _) = served.get(path, "Range: bytes=100000-\r\n");
    assert!(is(&head, "416") && head.contains("content-range: bytes */100000"), "{head}");
    // Several ranges may be answered with the whole (RFC 9110, 14.2).
    let (head, body) = served.get(path, "Range: bytes=0-0,5-6\r\n");
    assert!(is(&head, "200") && body.len() == 100_000, "{head}");
    let (head, body) = served.ask(&format!("HEAD {path} HTTP/1.1\r\nHOST\r\n\r\n"));
    assert!(is(&head, "200") && head.contains("content-length: 100000") && body.is_empty(), "{head}");
    let (head, body) = served.get("/empty.json", "");
    assert!(is(&head, "200") && body.is_empty() && head.contains("application/json"), "{head}");
    let (head, body) = served.get("/a%20b%20%C3%A9.pmtiles?v=1", "");
    assert!(is(&head, "200") && body == b"PMTiles" && head.contains("vnd.pmtiles"), "{head}");
    let (head, body) = served.get("/", "");
    assert!(is(&head, "200") && body == b"<!doctype html>" && head.contains("text/html"), "{head}");
    assert!(head.contains("content-security-policy: default-src 'self'"), "{head}");
    let (head, _) = served.get("/dtm", "");
    assert!(is(&head, "301") && head.contains("location: /dtm/"), "{head}");
}

#[test]
fn what_has_not_changed_is_not_sent_again() {
    let served = Served::start();
    let path = "/dtm/0379_6787.tif";
    let (head, _) = served.get(path, "");
    let of = |name: &str| {
        let line = head.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_once(": ").unwrap().1.to_owned()
    };
    let (tag, changed) = (of("etag"), of("last-modified"));
    let (again, body) = served.get(path, &format!("If-None-Match: {tag}\r\n"));
    assert!(is(&again, "304") && body.is_empty(), "{again}");
    let (again, body) = served.get(path, &format!("If-Modified-Since: {changed}\r\n"));
    assert!(is(&again, "304") && body.is_empty(), "{again}");
    let (again, _) = served.get(path, &format!("Range: bytes=0-9\r\nIf-Range: {tag}\r\n"));
    assert!(is(&again, "206"), "{again}");
    std::fs::write(served.folder.path().join("out/dtm/0379_6787.tif"), b"new").unwrap();
    let (again, body) = served.get(path, &format!("Range: bytes=0-9\r\nIf-Range: {tag}\r\n"));
    assert!(is(&again, "200") && body == b"new", "{again}");
    let (again, _) = served.get(path, &format!("If-None-Match: {tag}\r\n"));
    assert!(is(&again, "200"), "{again}");
}

#[test]
fn nothing_outside_of_the_folder_is_given() {
    let served = Served::start();
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/dtm/../../secret.txt",
        "/dtm/%2E%2E/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "//etc/passwd",
        "/link.txt",
        "/.ilot/own.json",
        "/dtm/",
        "/nowhere.tif",
        "/index.html/",
        "/%00",
        "/%ff",
        "secret.txt",
        "http://127.0.0.1/index.html",
    ] {
        let (head, body) = served.get(path, "");
        assert!(is(&head, "404") || is(&head, "400"), "{path}: {head}");
        assert!(!body.windows(6).any(|six| six == b"secret"), "{path}");
    }
    let port = served.port;
    for host in
        ["example.org".to_owned(), format!("example.org:{port}"), format!("127.0.0.1.example.org:{port}")]
    {
        let (head, _) = served.raw(&format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
        assert!(is(&head, "403"), "{host}: {head}");
    }
    let (head, _) = served.ask("POST / HTTP/1.1\r\nHOST\r\nContent-Length: 5\r\n\r\nhello");
    assert!(is(&head, "405") && head.contains("allow: get, head"), "{head}");
    let (head, _) = served.ask("nonsense\r\n\r\n");
    assert!(is(&head, "400"), "{head}");
    let (head, _) = served.get("/", &format!("X: {}\r\n", "a".repeat(20_000)));
    assert!(is(&head, "400"), "{head}");
}

#[test]
fn a_connection_carries_several_requests_and_many_are_answered_at_once() {
    let served = Served::start();
    let host = format!("127.0.0.1:{}", served.port);
    let mut slow = TcpStream::connect(&host).unwrap();
    slow.write_all(b"GET /").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..20 {
            let (served, host) = (&served, &host);
            let _ = scope.spawn(move || {
                let mut stream = TcpStream::connect(host).unwrap();
                for _ in 0..3 {
                    let asked = format!("GET /a%20b%20%C3%A9.pmtiles HTTP/1.1\r\nHost: {host}\r\n\r\n");
                    stream.write_all(asked.as_bytes()).unwrap();
                    let mut reader = BufReader::new(&stream);
                    let mut line = String::new();
                    while reader.read_line(&mut line).unwrap() > 2 {
                        line.clear();
                    }
                    let mut body = [0; 7];
                    reader.read_exact(&mut body).unwrap();
                    assert_eq!(&body, b"PMTiles");
                }
                assert_eq!(served.get("/dtm/0379_6787.tif", "").1.len(), 100_000);
            });
        }
    });
}

#[test]
fn connections_that_say_nothing_do_not_keep_others_out() {
    let served = Served::start();
    let host = format!("127.0.0.1:{}", served.port);
    let half: Vec<TcpStream> = (0..100)
        .map(|_| {
            let mut stream = TcpStream::connect(&host).unwrap();
            stream.write_all(b"GET /").unwrap();
            stream
        })
        .collect();
    let start = std::time::Instant::now();
    let (head, _) = served.get("/index.html", "");
    assert!(is(&head, "200"), "{head}");
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
    drop(half);
}

#[test]
fn a_taken_port_and_an_absent_folder_are_told() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = TempDir::new().unwrap();
    let ran = ilot(&["view", text(folder.path()), "--port", &port]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains(&format!("Port {port} is taken on this machine")), "{}", ran.err);
    let ran = ilot(&["view", text(&folder.path().join("nowhere"))]);
    assert!(ran.code == Some(2) && ran.err.contains("no readable folder of results"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_with_zero() {
    let folder = TempDir::new().unwrap();
    let (mut child, port) = start(folder.path(), &[]);
    let _idle = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
