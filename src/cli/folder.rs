//! The folder of a run: `results/<UTC time>_<name>_<id>/` with `results/latest` beside it, or a folder of one's own.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why there is no folder for the results.
#[derive(Debug)]
pub(super) enum FolderError {
    /// It holds something already.
    NotEmpty(PathBuf),
    /// The system refused.
    Io { path: PathBuf, source: io::Error },
}

impl fmt::Display for FolderError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FolderError::NotEmpty(path) => write!(formatter, "use `{}`: it is not empty", path.display()),
            FolderError::Io { path, source } => {
                write!(formatter, "make the run folder `{}`: {source}", path.display())
            }
        }
    }
}

impl FolderError {
    pub(super) const fn hint(&self) -> &'static str {
        match self {
            FolderError::NotEmpty(_) => "name a new or an empty folder with `--out`",
            FolderError::Io { .. } => "name a folder that can be written with `--out DIR`",
        }
    }
}

/// The folder of this run, made and empty.
pub(super) fn make(
    out: Option<&Path>,
    name: &str,
    started: &jiff::Timestamp,
    run_id: &str,
) -> Result<PathBuf, FolderError> {
    let path = match out {
        Some(path) => path.to_path_buf(),
        None => {
            let time = started.strftime("%Y%m%dT%H%M%SZ");
            Path::new("results").join(format!(
                "{time}_{}_{}",
                slug(name),
                &run_id[..6.min(run_id.len())]
            ))
        }
    };
    empty(&path)?;
    if out.is_none() {
        point_latest_at(&path);
    }
    Ok(path)
}

/// Makes `path`, or sees that it is empty.
pub(super) fn empty(path: &Path) -> Result<(), FolderError> {
    let error = |source| FolderError::Io {
        path: path.to_path_buf(),
        source,
    };
    std::fs::create_dir_all(path).map_err(error)?;
    if std::fs::read_dir(path).map_err(error)?.next().is_some() {
        return Err(FolderError::NotEmpty(path.to_path_buf()));
    }
    Ok(())
}

/// `results/latest` is a convenience: where links are not to be had, the run goes on without it.
fn point_latest_at(path: &Path) {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return;
    };
    let (latest, fresh) = (
        parent.join("latest"),
        parent.join(format!(".latest-{}", std::process::id())),
    );
    #[cfg(unix)]
    if std::os::unix::fs::symlink(name, &fresh)
        .and_then(|()| std::fs::rename(&fresh, &latest))
        .is_err()
    {
        drop(std::fs::remove_file(&fresh));
        tracing::warn!("could not point {} at this run", latest.display());
    }
}

/// `name` as part of a file name: small letters, digits and dashes, at most 40 characters.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for character in name.to_lowercase().chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= 40 {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        "run".to_owned()
    } else {
        slug.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_a_harmless_file_name() {
        assert_eq!(slug("Black Week: Newsletter!"), "black-week-newsletter");
        assert_eq!(slug("../../etc/passwd"), "etc-passwd");
        assert_eq!(slug("…"), "run");
        assert!(slug(&"x".repeat(500)).len() <= 40);
    }

    #[test]
    fn a_folder_with_something_in_it_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let started = jiff::Timestamp::UNIX_EPOCH;
        assert!(make(Some(folder.path()), "a", &started, "abcdef").is_ok());
        std::fs::write(folder.path().join("mine.txt"), "x").unwrap();
        assert!(matches!(
            make(Some(folder.path()), "a", &started, "abcdef"),
            Err(FolderError::NotEmpty(_))
        ));
    }
}
