//! A file that grows: read from its end on, through rotation by renaming and by cutting.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::Duration;

use tokio::time::sleep;

use super::Shared;

/// How often it is looked at.
const EACH: Duration = Duration::from_millis(200);
/// Bytes that are read at one look: more than ten million lines a minute.
const MOST: u64 = 8 << 20;
const PIECE: usize = 64 << 10;

/// Follows `path` until the task ends.
pub(super) async fn follow(path: PathBuf, seen: Shared) {
    let mut followed: Option<Followed> = None;
    let mut is_first = true;
    loop {
        match look(&path, &mut followed, is_first, &seen) {
            Ok(()) => {}
            Err(error) => seen.borrow_mut().fails(format!("{}: {error}", path.display())),
        }
        is_first = false;
        sleep(EACH).await;
    }
}

struct Followed {
    file: File,
    inode: u64,
    at: u64,
}

/// Reads what is new. What stood in the file before the first look belongs to no load.
fn look(
    path: &PathBuf,
    followed: &mut Option<Followed>,
    is_first: bool,
    seen: &Shared,
) -> std::io::Result<()> {
    if let Some(open) = followed {
        open.read(seen)?;
        let now = std::fs::metadata(path);
        // Renamed: the old file was read to its end, the new one is read from its beginning.
        if now.as_ref().is_ok_and(|now| now.ino() == open.inode) {
            return Ok(());
        }
        if now.is_err() {
            // Between the renaming and the new file.
            return Ok(());
        }
        *followed = None;
    }
    let mut file = File::open(path)?;
    let about = file.metadata()?;
    if about.is_dir() {
        return Err(std::io::Error::other("it is a folder"));
    }
    let at = if is_first { about.len() } else { 0 };
    file.seek(SeekFrom::Start(at))?;
    let mut open = Followed {
        file,
        inode: about.ino(),
        at,
    };
    open.read(seen)?;
    *followed = Some(open);
    Ok(())
}

impl Followed {
    fn read(&mut self, seen: &Shared) -> std::io::Result<()> {
        if self.file.metadata()?.len() < self.at {
            // Cut in place (`copytruncate`).
            self.at = 0;
            self.file.seek(SeekFrom::Start(0))?;
        }
        let mut piece = vec![0; PIECE];
        let mut read = 0;
        while read < MOST {
            let length = self.file.read(&mut piece)?;
            if length == 0 {
                break;
            }
            self.at += length as u64;
            read += length as u64;
            seen.borrow_mut().bytes(&piece[..length]);
        }
        Ok(())
    }
}
