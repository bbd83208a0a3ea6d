//! `logs` and `status`: what is watched while a load is played.

use url::Url;

use super::fields::{Check, Fields, Keys};
use crate::scenario::document::Node;
use crate::scenario::watched::{Feed, Watched};
use crate::scenario::written::{WrittenLog, WrittenStatus};

const LOG: Keys = Keys {
    known: &["file", "command", "shell", "name"],
    later: &[],
};
const STATUS: Keys = Keys {
    known: &["url", "command", "shell", "name", "metrics"],
    later: &[],
};
/// Logs, and status pages, of one scenario.
const MOST: usize = 16;

impl Check<'_> {
    /// The logs that are followed.
    pub(super) fn followed_logs(&mut self, node: Option<&Node>) -> (Vec<Watched>, Vec<WrittenLog>) {
        let hint = "as in `- file: /var/log/nginx/error.log`";
        let mut all = Vec::new();
        for item in self.watched_items(node, "`logs`", hint) {
            let Some(fields) = self.fields(item, "a log", &LOG) else {
                continue;
            };
            let file = fields.get("file").and_then(|node| self.path(node, "`file`"));
            let (path, text) = file.unzip();
            let Some(feed) = self.feed(&fields, path.map(Feed::File), "file", hint) else {
                continue;
            };
            let name = self.watched_name(&fields, &feed);
            let (command, shell) = written_feed(&feed);
            let written = WrittenLog {
                file: text,
                command,
                shell,
                name: Some(name.clone()),
            };
            let metrics = Vec::new();
            all.push((Watched { name, feed, metrics }, written));
        }
        all.into_iter().unzip()
    }

    /// The status pages that are read each second.
    pub(super) fn status_pages(&mut self, node: Option<&Node>) -> (Vec<Watched>, Vec<WrittenStatus>) {
        let hint = "as in `- url: http://127.0.0.1:8080/fpm-status?json`";
        let mut all = Vec::new();
        for item in self.watched_items(node, "`status`", hint) {
            let Some(fields) = self.fields(item, "a status page", &STATUS) else {
                continue;
            };
            let url = fields.get("url").and_then(|node| self.status_url(node));
            if fields.get("url").is_some() && url.is_none() {
                continue;
            }
            let Some(feed) = self.feed(&fields, url.clone().map(Feed::Url), "url", hint) else {
                continue;
            };
            let metrics = fields.get("metrics").map_or_else(Vec::new, |node| {
                let items = self.list(node, "`metrics`", "as in `metrics: [php_active]`");
                items
                    .iter()
                    .filter_map(|item| self.text(item, "a metric"))
                    .collect()
            });
            let name = self.watched_name(&fields, &feed);
            let (command, shell) = written_feed(&feed);
            let written = WrittenStatus {
                url: url.map(|url| url.to_string()),
                command,
                shell,
                name: Some(name.clone()),
                metrics: (!metrics.is_empty()).then(|| metrics.clone()),
            };
            all.push((Watched { name, feed, metrics }, written));
        }
        all.into_iter().unzip()
    }

    fn watched_items<'n>(&mut self, node: Option<&'n Node>, what: &str, hint: &str) -> &'n [Node] {
        let Some(node) = node else { return &[] };
        let items = self.list(node, what, hint);
        if items.len() > MOST {
            self.error(
                node.place,
                format!("{what} has {} items, and {MOST} are the most", items.len()),
                "leave those out that matter least",
            );
            return &[];
        }
        items
    }

    /// Where it comes from: exactly one of the keys that say so.
    fn feed(&mut self, fields: &Fields<'_>, own: Option<Feed>, key: &str, hint: &str) -> Option<Feed> {
        let command = fields.get("command").and_then(|node| {
            let items = self.list(
                node,
                "`command`",
                "as in `command: [ssh, web1, tail, -F, error.log]`",
            );
            let words: Vec<String> = items
                .iter()
                .filter_map(|item| self.text(item, "a word of `command`"))
                .collect();
            (!words.is_empty() && words.len() == items.len()).then_some(Feed::Command(words))
        });
        let shell = fields
            .get("shell")
            .and_then(|node| self.text(node, "`shell`"))
            .map(Feed::Shell);
        let mut given: Vec<Feed> = [own, command, shell].into_iter().flatten().collect();
        let keys = [key, "command", "shell"];
        let named = keys.iter().filter(|key| fields.get(key).is_some()).count();
        if named != 1 {
            self.error(
                fields.place,
                format!("one of `{key}`, `command` and `shell` says where it comes from"),
                hint,
            );
            return None;
        }
        given.pop()
    }

    fn status_url(&mut self, node: &Node) -> Option<Url> {
        let text = self.text(node, "`url`")?;
        let url = Url::parse(&text).ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some());
        let url = url.filter(|url| url.username().is_empty() && url.password().is_none());
        if url.is_none() {
            self.error(
                node.place,
                format!("`{text}` is no address of a page"),
                "write `http://` or `https://`, a host and a path; a page behind a password is read by a `command`",
            );
        }
        url
    }

    fn watched_name(&mut self, fields: &Fields<'_>, feed: &Feed) -> String {
        let given = fields.get("name").and_then(|node| self.name(node));
        given.unwrap_or_else(|| match feed {
            Feed::File(path) => path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            Feed::Url(url) => {
                let host = url.host_str().unwrap_or_default();
                let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
                format!("{host}{port}{}", url.path())
            }
            feed => feed.to_string().chars().take(60).collect(),
        })
    }
}

fn written_feed(feed: &Feed) -> (Option<Vec<String>>, Option<String>) {
    match feed {
        Feed::Command(words) => (Some(words.clone()), None),
        Feed::Shell(line) => (None, Some(line.clone())),
        Feed::File(_) | Feed::Url(_) => (None, None),
    }
}
