//! `tipover explain`: server logs → causes, counted, with what to do; or one saved answer → who made it.

use std::fs::File;
use std::io::{self, BufReader, IsTerminal, Read};
use std::path::Path;

use super::arguments::{Explain, Voice};
use super::exit::Exit;
use super::failure::{Failure, say};
use super::write;
use crate::diagnosis::{Answer, Cause, Explained, Explainer, Fingerprint, LineSplitter, MadeBy, fingerprint};
use crate::words::{Language, printable};

/// Bytes that are read at once.
const PIECE: usize = 256 << 10;
/// Bytes of a saved answer that are looked at.
const LONGEST_ANSWER: u64 = 1 << 20;
/// What stands for stdin.
const STDIN: &str = "-";

pub(super) fn explain(asked: &Explain, voice: &Voice) -> Result<Exit, Failure> {
    match &asked.response {
        Some(file) => explain_answer(file, voice),
        None => explain_logs(asked, voice),
    }
}

fn explain_answer(file: &Path, voice: &Voice) -> Result<Exit, Failure> {
    let mut bytes = Vec::new();
    open(file)?
        .take(LONGEST_ANSWER)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(file, &error))?;
    let (status, found) = match Answer::parse(&bytes) {
        Ok(answer) => (answer.status.to_string(), fingerprint(&answer)),
        Err(error) => {
            if !voice.quiet {
                say("hint: save an answer with its head, as by `curl -i URL > answer.txt`");
            }
            ("no answer".to_owned(), Fingerprint::of_nobody(error.to_string()))
        }
    };
    let text = if voice.json {
        json(&found)?
    } else {
        in_words(&status, &found)
    };
    write::print(text.as_bytes())
}

fn in_words(status: &str, found: &Fingerprint) -> String {
    let made_by = match found.made_by {
        MadeBy::Unknown => "nothing shows who made it".to_owned(),
        MadeBy::Application => "made by the application itself".to_owned(),
        MadeBy::Gateway => format!("made by the gateway, {}", found.gateway),
        MadeBy::Edge => format!("made by the network in front, {}", found.gateway),
    };
    let mut text = format!("{status}: {made_by} (confidence {:.2})\n", found.confidence);
    for evidence in &found.evidence {
        text.push_str(&format!("  {}\n", printable(evidence)));
    }
    text
}

fn explain_logs(asked: &Explain, voice: &Voice) -> Result<Exit, Failure> {
    let language = match &asked.lang {
        // As for reports, the first of several is shown.
        Some(tags) => tags
            .split(',')
            .next()
            .unwrap_or_default()
            .trim()
            .parse::<Language>()
            .map_err(|error| {
                Failure::new(Exit::Usage, format!("choose a language: {error}")).hint("use `en` or `de`")
            })?,
        None => Language::default(),
    };
    if asked.logs.is_empty() && io::stdin().is_terminal() {
        return Err(Failure::stated(Exit::Usage, "no log is named")
            .hint("name files, as in `tipover explain /var/log/nginx/error.log`, or send lines to stdin"));
    }
    let mut explainer = Explainer::new();
    if asked.logs.is_empty() {
        read(Path::new(STDIN), &mut explainer)?;
    }
    for log in &asked.logs {
        read(log, &mut explainer)?;
    }
    let found = explainer.explained(language);
    if !voice.quiet {
        remark(&explainer);
    }
    let text = if voice.json {
        json(&found)?
    } else {
        listed(&found, language)
    };
    write::print(text.as_bytes())
}

fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value)
        .map(|text| text + "\n")
        .map_err(|error| Failure::internal(format!("write JSON: {error}")))
}

/// What a reader should know about lines that were not counted.
fn remark(explainer: &Explainer) {
    let (lines, foreign) = (explainer.lines(), explainer.foreign());
    if lines > 0 && foreign == lines {
        say("none of the lines has a known shape");
        say(
            "hint: known are error and access logs of nginx, Apache, HAProxy, Caddy, Varnish, Envoy, php-fpm, gunicorn, uvicorn, node and AWS load balancers",
        );
    } else if foreign > 0 {
        say(format!("{foreign} of {lines} lines have no known shape"));
    }
}

fn listed(all: &[Explained], language: Language) -> String {
    if all.is_empty() {
        return match language {
            Language::English => "no failure and no answer found\n".to_owned(),
            Language::German => "weder Fehler noch Antworten gefunden\n".to_owned(),
        };
    }
    let mut text = String::new();
    for one in all {
        let count = language.number(one.count as f64, 0);
        let when = match (&one.first, &one.last) {
            (Some(first), Some(last)) if first != last => format!("  {first} – {last}"),
            (Some(first), _) => format!("  {first}"),
            _ => String::new(),
        };
        text.push_str(&format!("{count:>9}  {}  {}{when}\n", one.cause, one.gateway));
        if one.cause != Cause::Ok {
            text.push_str(&format!(
                "{:>9}  {}\n{:>9}  → {}\n",
                "", one.example, "", one.advice
            ));
        }
    }
    text
}

/// Reads a log to its end; compressed or not.
fn read(path: &Path, explainer: &mut Explainer) -> Result<(), Failure> {
    let mut source = open(path)?;
    let mut begin = [0; 2];
    let mut known = 0;
    while known < begin.len() {
        match source.read(&mut begin[known..]) {
            Ok(0) => break,
            Ok(more) => known += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(path, &error)),
        }
    }
    let whole = io::Cursor::new(begin[..known].to_vec()).chain(source);
    let (is_packed, before) = (begin[..known] == [0x1f, 0x8b], explainer.lines());
    let done = if is_packed {
        lines(
            flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(PIECE, whole)),
            explainer,
        )
    } else {
        lines(whole, explainer)
    };
    match done {
        // Of a compressed log that is cut, what came before the cut is worth reading.
        Err(error) if is_packed && is_damage(&error) && explainer.lines() > before => {
            say(format!(
                "warning: `{}` is cut or damaged: what came before is counted ({error})",
                path.display()
            ));
            Ok(())
        }
        done => done.map_err(|error| unreadable(path, &error)),
    }
}

fn is_damage(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
    )
}

fn lines(mut source: impl Read, explainer: &mut Explainer) -> io::Result<()> {
    let mut splitter = LineSplitter::new();
    let mut piece = vec![0; PIECE];
    loop {
        match source.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => splitter.feed(&piece[..length], |line| explainer.line(line)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    splitter.finish(|line| explainer.line(line));
    Ok(())
}

fn open(path: &Path) -> Result<Box<dyn Read>, Failure> {
    if path.as_os_str() == STDIN {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    Ok(Box::new(file))
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let hint = match error.kind() {
        io::ErrorKind::PermissionDenied => {
            Some("logs mostly belong to `adm`: use `sudo cat FILE | tipover explain`")
        }
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
            Some("the compressed file is cut or damaged: try `zcat FILE | tipover explain`")
        }
        io::ErrorKind::NotFound => Some("name a file that is there, or send its lines to stdin"),
        io::ErrorKind::IsADirectory => Some("name the files in it, as in `tipover explain FOLDER/*.log`"),
        _ => None,
    };
    let exit = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::IsADirectory => Exit::Usage,
        _ => Exit::Internal,
    };
    Failure::new(exit, format!("read `{}`: {error}", path.display())).maybe_hint(hint)
}
