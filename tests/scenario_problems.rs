//! Every way in which a scenario can be wrong, as a person sees it: the frames of the files in `scenario_files/bad`.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helping functions too"
)]

use std::fs;
use std::path::{Path, PathBuf};

use tipover::scenario::{Overrides, from_text};

fn bad_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenario_files/bad");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

#[test]
fn every_bad_scenario_is_refused_with_all_its_problems_in_place() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("scenario_files/frames");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();
    for path in bad_files() {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let environment = |name: &str| (name == "A").then(|| "hunter2".to_owned());
        let problems = from_text(
            &text,
            &format!("{name}.yaml"),
            Path::new("tests/scenario_files"),
            &Overrides::default(),
            &environment,
        )
        .expect_err(&name);
        assert!(problems.has_errors(), "{name}");
        let rendered = problems.render(false);
        for secret in ["geheim", "hunter2"] {
            assert!(!rendered.contains(secret), "{name} shows {secret}");
        }
        insta::assert_snapshot!(name, rendered);
    }
}
