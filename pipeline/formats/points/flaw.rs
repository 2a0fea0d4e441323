//! What can be wrong with a point cloud, before the file's name and the remedy are added.
//!
//! The readers below know what is wrong; [`super::Cloud`] knows which file. [`Flaw::at`] joins both to the
//! one sentence that a user reads.

use std::io;
use std::path::Path;

use crate::fault;
use crate::text::{Fault, Text};

/// A reason not to trust a file.
#[derive(Debug)]
pub(super) enum Flaw {
    /// The system does not let us read it.
    Unreadable(io::Error),
    /// It is not what we read at all; the sentence says what to give instead.
    Foreign(Text),
    /// It was good once and is no more: the remedy is to fetch it again.
    Damaged(Text),
    /// It may be good, but nobody here can read it: the remedy is to convert it.
    Unsupported(Text),
}

impl Flaw {
    /// The whole sentence, for a user.
    pub(super) fn at(self, path: &Path) -> Fault {
        let path = path.display();
        match self {
            Flaw::Unreadable(error) => unreadable(&path, &error),
            Flaw::Foreign(Text { fr, en }) => fault!(fr: "{path} : {fr}.", en: "{path}: {en}."),
            Flaw::Damaged(Text { fr, en }) => fault!(
                fr: "{path} : fichier endommagé : {fr} ; téléchargez-le de nouveau.",
                en: "{path}: damaged file: {en}; fetch it again."
            ),
            Flaw::Unsupported(Text { fr, en }) => fault!(
                fr: "{path} : {fr} ; convertissez-le en LAZ 1.4 (format de points 6), par exemple avec PDAL.",
                en: "{path}: {en}; convert it to LAZ 1.4 (point format 6), for example with PDAL."
            ),
        }
    }
}

fn unreadable(path: &dyn std::fmt::Display, error: &io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::NotFound => fault!(
            fr: "{path} : fichier introuvable ; vérifiez le chemin.",
            en: "{path}: no such file; check the path."
        ),
        io::ErrorKind::PermissionDenied => fault!(
            fr: "{path} : lecture refusée ; donnez-vous le droit de lire ce fichier (chmod +r).",
            en: "{path}: permission denied; give yourself the right to read this file (chmod +r)."
        ),
        io::ErrorKind::UnexpectedEof => fault!(
            fr: "{path} : le fichier s'est raccourci pendant la lecture ; attendez la fin de la copie ou téléchargez-le de nouveau.",
            en: "{path}: the file shrank while it was read; wait for its copy to end or fetch it again."
        ),
        _ => fault!(
            fr: "{path} : lecture impossible ({error}) ; vérifiez le disque ou le réseau.",
            en: "{path}: cannot be read ({error}); check the disk or the network."
        ),
    }
}
