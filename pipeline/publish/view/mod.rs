//! A folder of results → a browser on the same machine: a small HTTP server.
//!
//! In: a folder. Out: its files over HTTP/1.1 at 127.0.0.1, with ranges, as viewers of COG, PMTiles and 3D Tiles ask for
//! them (RFC 9110, 9112). Only GET and HEAD, only this machine, only files of the folder: a path that leads out of it, a
//! file whose name begins with a dot, and a request that names another host (a web page that tries its visitors' own
//! machines) are refused. Pages may fetch from this server alone, so that nothing shown asks the net.
//!
//! Fails where: the port is taken. Cost: a thread for each connection, 64 at most; files are streamed.

mod answer;

use crate::fault;
use crate::text::Fault;
use answer::{Answer, Folder, Request};
use std::io::{self, BufReader, ErrorKind, Read};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// The port where none is named and none is taken.
pub const PORT: u16 = 8417;

/// Connections at once: a browser opens six.
const MOST: usize = 64;
/// How long a wish to stop, or a free place, waits at most.
const PATIENCE: Duration = Duration::from_millis(50);
/// How long a connection may say or take nothing.
const SILENCE: Duration = Duration::from_secs(15);
/// The same where many are open: those that say nothing must not keep others out.
const BRIEF: Duration = Duration::from_millis(400);
/// Connections from which on there are many.
const CROWD: usize = MOST / 2;
/// Bytes of a request's head; a browser's has one or two thousand.
const HEAD: usize = 16 << 10;

/// A server that listens.
pub struct View {
    listener: TcpListener,
    folder: Folder,
    /// The port that it listens at.
    pub port: u16,
}

impl View {
    /// Listens for requests for files of `out`: at `port`, else at [`PORT`] or, where that is taken, at any free one.
    ///
    /// # Errors
    /// Where there is no such folder, or the port cannot be had.
    pub fn open(out: &Path, port: Option<u16>) -> Result<View, Fault> {
        let shown = out.display();
        let folder = Folder::open(out).map_err(|why| {
            fault!(
                fr: "{shown} n'est pas un dossier de résultats lisible ({why}) : donnez celui d'un calcul d'ilot run.",
                en: "{shown} is no readable folder of results ({why}): give the one of a run of ilot run.",
            )
        })?;
        let listen = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
        let listener = match port {
            Some(port) => listen(port).map_err(|why| not_had(port, &why))?,
            None => listen(PORT).or_else(|_| listen(0)).map_err(|why| not_had(PORT, &why))?,
        };
        let ready = listener.set_nonblocking(true).and_then(|()| listener.local_addr());
        let port = ready.map_err(|why| not_had(port.unwrap_or(PORT), &why))?.port();
        Ok(View { listener, folder, port })
    }

    /// The address of a file of the folder, or of its first page.
    pub fn address(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}/{name}", self.port)
    }

    /// Answers until `stop` is set.
    pub fn serve(&self, stop: &AtomicBool) {
        let open = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            while !stop.load(Ordering::Relaxed) {
                let next =
                    if open.load(Ordering::Acquire) < MOST { self.listener.accept().ok() } else { None };
                let Some((stream, _)) = next else {
                    std::thread::sleep(PATIENCE);
                    continue;
                };
                let _ = open.fetch_add(1, Ordering::AcqRel);
                let open = &open;
                let _ = scope.spawn(move || {
                    // A connection that breaks is its client's matter.
                    let patience = || if open.load(Ordering::Acquire) > CROWD { BRIEF } else { SILENCE };
                    let _ = self.converse(&stream, stop, &patience);
                    let _ = open.fetch_sub(1, Ordering::AcqRel);
                });
            }
        });
    }

    /// Answers the requests of a connection, one after the other.
    fn converse(
        &self,
        stream: &TcpStream,
        stop: &AtomicBool,
        patience: &dyn Fn() -> Duration,
    ) -> io::Result<()> {
        stream.set_nonblocking(false)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE * 4))?;
        stream.set_write_timeout(Some(SILENCE))?;
        let mut reader = BufReader::new(stream);
        let mut head = Vec::new();
        while heard(&mut reader, &mut head, stop, patience)? {
            let request = Request::read(&head);
            // What may carry a body is not gone on with: the body would be taken for a request.
            let goes_on = request.as_ref().is_some_and(Request::goes_on);
            let mut answer =
                request.as_ref().map_or_else(Answer::unreadable, |it| self.folder.answer(it, self.port));
            let is_head = request.as_ref().is_some_and(|request| request.method == "HEAD");
            answer.send(&mut &*stream, !is_head, goes_on)?;
            if !goes_on {
                return part(stream);
            }
            head.clear();
        }
        Ok(())
    }
}

/// Ends a connection so that its last answer arrives: a socket closed over unread bytes would take it back.
fn part(stream: &TcpStream) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    let _ = io::copy(&mut stream.take(4 * HEAD as u64), &mut io::sink())?;
    Ok(())
}

/// Reads a request's head, up to its empty line; whether there was one.
fn heard(
    reader: &mut impl Read,
    head: &mut Vec<u8>,
    stop: &AtomicBool,
    patience: &dyn Fn() -> Duration,
) -> io::Result<bool> {
    let mut silent = Duration::ZERO;
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match reader.read(&mut byte) {
            Ok(0) => return Ok(false),
            Ok(_) if head.len() < HEAD => head.push(byte[0]),
            Ok(_) => return Ok(true),
            Err(why) if matches!(why.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                silent += PATIENCE * 4;
                if silent >= patience() || stop.load(Ordering::Relaxed) {
                    return Ok(false);
                }
            }
            Err(why) if why.kind() == ErrorKind::Interrupted => {}
            Err(why) => return Err(why),
        }
    }
    Ok(true)
}

fn not_had(port: u16, why: &io::Error) -> Fault {
    if why.kind() == ErrorKind::AddrInUse {
        return fault!(
            fr: "Le port {port} est déjà pris sur cette machine : donnez-en un autre avec --port, ou n'en donnez pas.",
            en: "Port {port} is taken on this machine: give another with --port, or none.",
        );
    }
    fault!(
        fr: "Le port {port} de cette machine ne peut être ouvert ({why}) : donnez-en un autre avec --port.",
        en: "Port {port} of this machine cannot be opened ({why}): give another with --port.",
    )
}
