//! What the runs showed: a table for each work, as Markdown, and every single run as JSON.

use std::fmt;
use std::fmt::Write;
use std::io;
use std::path::Path;

use serde_json::json;

use super::work::{Figure, Work};

/// One run of one tool.
pub(crate) struct Run {
    pub(crate) tool: String,
    pub(crate) figures: Vec<Figure>,
    /// Whether it had to be ended.
    pub(crate) is_stuck: bool,
}

impl fmt::Display for Run {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:<10}", self.tool)?;
        for (name, value) in &self.figures {
            write!(formatter, "  {name} {}", short(*value))?;
        }
        if self.is_stuck {
            formatter.write_str("  (had to be ended)")?;
        }
        Ok(())
    }
}

/// All runs so far.
pub(crate) struct Table {
    machine: String,
    works: Vec<(Work, Vec<Run>)>,
}

impl Table {
    pub(crate) fn new(first: u32, last: u32, is_quick: bool) -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let cpu = read("/proc/cpuinfo");
        let model = cpu
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(':'));
        let model = model.map_or("a processor without a name", |(_, name)| name.trim());
        let kernel = read("/proc/sys/kernel/osrelease");
        let load = read("/proc/loadavg");
        let quick = if is_quick {
            " A quick look: few rounds, short ones."
        } else {
            ""
        };
        let machine = format!(
            "{} cores of {model}, Linux {}; server on core {first}, tool on core {last}; load of the machine at the start {}.{quick}",
            std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
            kernel.trim(),
            load.split_whitespace().next().unwrap_or("?")
        );
        Self {
            machine,
            works: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, work: Work, run: Run) {
        match self.works.iter_mut().find(|(known, _)| *known == work) {
            Some((_, runs)) => runs.push(run),
            None => self.works.push((work, vec![run])),
        }
    }

    /// Writes `peers.md` and `peers.json` into `folder`.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        std::fs::write(folder.join("peers.md"), self.markdown())?;
        let works: Vec<_> = self.works.iter().map(|(work, runs)| json!({
            "work": work.name(),
            "title": work.to_string(),
            "runs": runs.iter().map(|run| json!({
                "tool": run.tool,
                "stuck": run.is_stuck,
                "figures": run.figures.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect::<serde_json::Map<_, _>>(),
            })).collect::<Vec<_>>(),
        })).collect();
        let all = json!({ "machine": self.machine, "works": works });
        std::fs::write(folder.join("peers.json"), format!("{all:#}\n"))
    }

    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("{}\n", self.machine);
        for (work, runs) in &self.works {
            // Writing to a text does not fail.
            let _ = write!(text, "\n{work}\n\n");
            of_work(*work, runs, &mut text);
        }
        text
    }
}

fn of_work(work: Work, runs: &[Run], text: &mut String) {
    let mut tools: Vec<&str> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for run in runs {
        if !tools.contains(&run.tool.as_str()) {
            tools.push(&run.tool);
        }
        for (name, _) in &run.figures {
            if !names.contains(name) {
                names.push(name);
            }
        }
    }
    let measure = work.measure();
    let _ = writeln!(text, "| tool | {} | of {measure} |", names.join(" | "));
    let _ = writeln!(text, "|---|{}---|", "---|".repeat(names.len()));
    let of = |tool: &str, name: &str| -> Vec<f64> {
        let runs = runs.iter().filter(|run| run.tool == tool && !run.is_stuck);
        let value = |run: &Run| {
            run.figures
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| *value)
        };
        runs.map(|run| value(run).unwrap_or(f64::NAN)).collect()
    };
    for tool in &tools {
        let cells: Vec<String> = names.iter().map(|name| spread(&of(tool, name))).collect();
        let ranked = names.first().copied().unwrap_or_default();
        let pairs = of(tool, ranked).into_iter().zip(of(measure, ranked));
        let ratio = median(&pairs.map(|(one, other)| one / other).collect::<Vec<_>>());
        let ratio = ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"));
        let _ = writeln!(text, "| {tool} | {} | {ratio} |", cells.join(" | "));
    }
}

fn spread(values: &[f64]) -> String {
    let known: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let Some(middle) = median(&known) else {
        return "–".to_owned();
    };
    let low = known.iter().copied().fold(f64::INFINITY, f64::min);
    let high = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if low < high {
        format!("{} ({}–{})", short(middle), short(low), short(high))
    } else {
        short(middle)
    }
}

/// Three digits that count.
fn short(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 100.0 || size == 0.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 4,
    };
    format!("{value:.digits$}")
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get((sorted.len() - 1) / 2)?;
    Some(f64::midpoint(lower, upper))
}
