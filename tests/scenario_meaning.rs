//! What a scenario means: values, defaults, variables, secrets, what the command line changes, and `effective`.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tipover::record::Class;
use tipover::scenario::{
    Body, Connections, FailureSet, Given, Loaded, Method, Overrides, Problems, Profile, SMALLEST, StandsFor,
    ThinkTime, Value, from_text, from_url, is_url, load,
};
use tipover::units::{Offset, Rate};

const FULL: &str = include_str!("scenario_files/full.yaml");

fn environment(name: &str) -> Option<String> {
    let known = [
        ("PREVIEW_PASSWORD", "hunter2"),
        ("TARGET", "https://other.example"),
        ("EMPTY", ""),
        (
            "EVIL",
            "x\nload: { stages: [] }\n# ${TARGET} ${secret:preview_password}",
        ),
        ("SESSION", "session-of-somebody"),
    ];
    known
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, value)| (*value).to_owned())
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenario_files")
}

fn read(text: &str) -> Result<Loaded, Problems> {
    read_with(text, &Overrides::default())
}

fn read_with(text: &str, overrides: &Overrides) -> Result<Loaded, Problems> {
    from_text(text, "scenario.yaml", &folder(), overrides, &environment)
}

fn with_journey(rest: &str) -> String {
    format!("version: 1\ntarget: http://localhost\njourney: [ {{ get: / }} ]\n{rest}\n")
}

#[test]
fn the_smallest_scenario_has_every_default() {
    let scenario = read(SMALLEST).unwrap().scenario;
    assert_eq!(scenario.target.url.as_str(), "https://staging.shop.example/");
    assert_eq!(
        scenario.journeys[0].steps[0].url.as_str(),
        "https://staging.shop.example/sale"
    );
    assert_eq!(scenario.search, Default::default());
    assert_eq!(scenario.target.connections, Connections::PerVisitor);
    assert_eq!(scenario.target.timeouts.answer, Duration::from_secs(30));
    assert!(scenario.load.stages.is_empty() && scenario.stop == Default::default());
    assert_eq!(scenario.languages, ["en"]);
}

#[test]
fn every_key_of_a_full_scenario_reaches_its_place() {
    let loaded = read(FULL).unwrap();
    assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
    let scenario = loaded.scenario;
    let target = &scenario.target;
    assert_eq!(target.url.as_str(), "https://other.example/shop");
    assert_eq!(target.stands_for, Some(StandsFor::Staging));
    assert_eq!(target.resolve[0].host, "other.example");
    assert_eq!(target.tls.ca.as_deref(), Some(folder().join("ca.pem").as_path()));
    assert_eq!(target.timeouts.connect, Duration::from_secs(3));
    assert_eq!(target.connections, Connections::Pooled);
    let headers: Vec<(&str, &str)> = target
        .headers
        .iter()
        .map(|header| (header.name.as_str(), header.value.reveal()))
        .collect();
    assert_eq!(
        headers,
        [
            ("X-Preview", "token from a file"),
            ("Authorization", "Basic cHJldmlldzpodW50ZXIy")
        ]
    );
    let steps = &scenario.journeys[0].steps;
    assert_eq!(steps.len(), 5);
    assert_eq!(steps[0].url.as_str(), "https://other.example/shop/sale?page=1");
    assert_eq!(steps[0].think, Some(ThinkTime::Fixed(Duration::from_secs(5))));
    assert_eq!((steps[1].method, steps[1].think), (Method::Post, None));
    let body = |index: usize| match &steps[index].body {
        Body::None => "",
        Body::Text(text) | Body::Json(text) | Body::Form(text) => text.fixed().unwrap(),
    };
    assert_eq!(body(1), "sku=a+b%26c&count=2");
    assert_eq!(
        body(2),
        r#"{"code":"007","list":[1,2.5,null,true,"yes"],"password":"hunter2"}"#
    );
    assert_eq!(body(3), "plain hunter2");
    assert_eq!(steps[4].url.as_str(), "https://other.example/elsewhere");
    assert_eq!(scenario.load.curve.length(), Duration::from_secs(420));
    assert_eq!(scenario.load.curve.peak(), Rate::per_second(50.0));
    assert_eq!(scenario.search.from, Rate::per_second(2.0));
    assert_eq!(scenario.search.to, Rate::per_second(80.0 * 5.0));
    assert_eq!(scenario.search.profile, Profile::Quick);
    assert_eq!(scenario.search.caps.requests, 200_000);
    let classes = [Class::Status(502), Class::Status(504), Class::Refused];
    assert_eq!(
        scenario.search.failure,
        FailureSet::Classes(classes.into_iter().collect())
    );
    assert_eq!(scenario.stop.failures.map(|rule| rule.share.get()), Some(0.5));
    assert_eq!(
        scenario.stop.file.as_deref(),
        Some(folder().join("STOP").as_path())
    );
    let authorization = scenario.authorization.unwrap();
    assert_eq!(
        (authorization.hosting_informed, authorization.hosts.len()),
        (Some(true), 1)
    );
    assert_eq!(scenario.thresholds.len(), 4);
    assert_eq!(scenario.languages, ["de", "en"]);
}

#[test]
fn a_stage_of_no_length_is_a_jump() {
    let text = with_journey(
        "load: { stages: [ { duration: 0s, target: 50/s }, { duration: 10s, target: 50/s }, { duration: 10s, target: 0/s } ] }",
    );
    let curve = read(&text).unwrap().scenario.load.curve;
    assert_eq!(curve.pieces().len(), 2);
    assert_eq!(curve.rate_at(Offset::ZERO), Rate::per_second(50.0));
    assert_eq!(curve.rate_at(Offset::from_secs(15)), Rate::per_second(25.0));
}

#[test]
fn no_secret_is_ever_shown() {
    let loaded = read(FULL).unwrap();
    let shown = format!(
        "{:?} {} {}",
        loaded.scenario,
        loaded.scenario.effective,
        loaded.warnings.to_json()
    );
    for secret in ["hunter2", "token from a file", "cHJldmlldzpodW50ZXIy"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
        let is_kept = loaded
            .scenario
            .secrets
            .iter()
            .any(|kept| kept.reveal().contains(secret));
        assert!(is_kept, "{secret} is not among the secrets");
    }
    assert!(loaded.scenario.effective.contains("<secret:preview_token>"));
    assert!(loaded.scenario.effective.contains("<secret:preview_password>"));
}

#[test]
fn a_credential_from_a_variable_is_not_shown_either() {
    let text = "version: 1\ntarget: { url: \"http://localhost\", headers: { Cookie: \"${SESSION}\" }, auth: { basic: { user: a, password: pass-word } } }\njourney: [ { get: / } ]";
    let loaded = read(text).unwrap();
    let shown = format!(
        "{:?} {} {}",
        loaded.scenario, loaded.scenario.effective, loaded.warnings
    );
    assert!(
        !shown.contains("session-of-somebody") && !shown.contains("pass-word"),
        "{shown}"
    );
    assert_eq!(loaded.warnings.len(), 1);
    assert_eq!(
        loaded.scenario.target.headers[0].value.reveal(),
        "session-of-somebody"
    );
}

#[test]
fn a_credential_is_not_shown_beside_an_error() {
    let overrides = Overrides {
        header: vec![Given::new("--header", "Authorization: Bearer pass-wörd")],
        ..Overrides::default()
    };
    for target in [
        "me:pass-wörd@shop.example",
        "https://me:pass-wörd@shop.example/",
        "ftp://me:pass-wörd@shop.example/",
        "https://me:pass-wörd@a b/",
    ] {
        let text = format!("version: 1\ntarget: {target}\njourney: [ {{ get: / }} ]");
        let problems = read_with(&text, &overrides).unwrap_err();
        assert!(problems.len() >= 2, "{problems}");
        let shown = format!("{problems} {problems:?} {}", problems.to_json());
        assert!(!shown.contains("pass-w"), "{shown}");
    }
}

#[test]
fn a_variable_cannot_change_the_structure_of_a_scenario() {
    let text = "version: 1\ntarget: http://localhost\njourney: [ { post: /, body: \"${EVIL}\" } ]";
    let scenario = read(text).unwrap().scenario;
    let Body::Text(body) = &scenario.journeys[0].steps[0].body else {
        panic!("no text");
    };
    assert_eq!(body.fixed().map(str::to_owned), environment("EVIL"));
    let again = read(&scenario.effective).unwrap().scenario;
    assert_eq!(
        again.journeys[0].steps[0].body,
        scenario.journeys[0].steps[0].body
    );
}

#[test]
fn variables_have_defaults_and_messages() {
    let name =
        |name: &str| read(&with_journey(&format!("name: \"{name}\""))).map(|loaded| loaded.scenario.name);
    assert_eq!(name("to ${TARGET}").unwrap(), "to https://other.example");
    assert_eq!(name("${NOT_SET:-a:b} ${EMPTY:-c}").unwrap(), "a:b c");
    assert_eq!(name("$${TARGET} costs 5$").unwrap(), "${TARGET} costs 5$");
    let problems = name("${EMPTY:?say who}").unwrap_err();
    assert!(problems.iter().next().unwrap().message.contains("say who"));
}

#[test]
fn aliases_repeat_a_value() {
    let text = "version: 1\ntarget: http://localhost\njourney: [ { get: /, headers: &same { A: b } }, { get: /b, headers: *same } ]";
    let steps = &read(text).unwrap().scenario.journeys[0].steps;
    assert_eq!(steps[0].headers, steps[1].headers);
}

#[test]
fn a_threshold_that_the_load_cannot_decide_is_a_warning_with_the_numbers() {
    let text = with_journey(
        "load: { stages: [ { duration: 1m, target: 30/s } ] }\nthresholds: [ failures < 0.1% for 10s, failures < 1% for 10s ]",
    );
    let warnings = read(&text).unwrap().warnings;
    assert_eq!(warnings.len(), 1, "{warnings}");
    let warning = warnings.iter().next().unwrap();
    assert!(
        warning.message.contains("3000 requests") && warning.message.contains("sends 300"),
        "{warnings}"
    );
}

#[test]
fn a_production_site_is_left_sooner() {
    let text =
        "version: 1\ntarget: { url: \"http://localhost\", stands_for: production }\njourney: [ { get: / } ]";
    let rule = read(text).unwrap().scenario.stop.failures.unwrap();
    assert_eq!((rule.share.get(), rule.length), (0.05, Duration::from_secs(3)));
}

#[test]
fn the_effective_scenario_reads_back_as_itself() {
    let escapes = "version: 1\nname: \"null\"\ntarget: { url: \"http://localhost\", headers: { A: \"$${B} ~ # x: y\" } }\njourney: [ { put: /, json: { a: \"5\", b: \"$${C}\", c: [ 1, \"~\", null ] } }, { think: 1.5s }, { patch: /x, form: { b: \"1\", a: \"true\" } } ]\nload: { stages: [ { duration: 1m, target: 7pages/s } ] }";
    for text in [
        SMALLEST,
        escapes,
        &with_journey("stop: { failures: 5% for 3s, file: STOP }"),
    ] {
        let first = read(text).unwrap().scenario;
        let again =
            read(&first.effective).unwrap_or_else(|problems| panic!("{problems}\n{}", first.effective));
        assert!(again.warnings.is_empty(), "{}", again.warnings);
        assert_eq!(again.scenario.effective, first.effective);
        for (a, b) in first.journeys[0]
            .steps
            .iter()
            .zip(&again.scenario.journeys[0].steps)
        {
            assert_eq!(
                (&a.url, &a.headers, &a.body, a.think),
                (&b.url, &b.headers, &b.body, b.think)
            );
        }
        assert_eq!(first.search, again.scenario.search);
        assert_eq!(first.stop, again.scenario.stop);
    }
}

#[test]
fn a_bearer_token_goes_over_the_wire_and_nowhere_else() {
    let text = "version: 1\ntarget: { url: \"http://localhost\", auth: { bearer: \"${secret:t}\" } }\nsecrets: { t: { env: PREVIEW_PASSWORD } }\njourney: [ { post: /, body: \"{{visitor}} ${secret:t}\" } ]";
    let scenario = read(text).unwrap().scenario;
    let header = &scenario.target.headers[0];
    assert_eq!(
        (header.name.as_str(), header.value.reveal()),
        ("Authorization", "Bearer hunter2")
    );
    assert!(!scenario.effective.contains("hunter2") && !format!("{scenario:?}").contains("hunter2"));
}

#[test]
fn journeys_read_back_as_themselves() {
    let read = |text: &str| {
        from_text(text, "text.yaml", &folder(), &Overrides::default(), &environment)
            .unwrap_or_else(|problems| panic!("{problems}\n{text}"))
    };
    let text = r#"
version: 1
target: http://localhost/base
journeys:
  - name: buyer
    weight: 30
    on_failure: stop
    data: { csv: rows.csv, order: unique }
    steps:
      - get: "/p/{{row.sku}}?a={{{{b}}&u={{unique}}"
        name: product
        expect: { status: [200, 3xx], header: { a: b }, body_contains: ["{{row.name}}", x], body_matches: 'a\d', json: { $.a: [1, "2"] }, max_latency: 1.5s }
        capture: { t: { css: "a > b", attribute: HREF }, j: { json: "$['a b']" }, r: { regex: '(\d)' }, h: { header: Location }, c: { cookie: s } }
      - think: { from: 1s, to: 2s }
      - post: "/cart"
        headers: { X-T: "{{t}}", X-Literal: "{{{{t}}" }
        json: { t: "{{t}} ${EVIL}", n: 1 }
      - think: { median: 5s, sigma: 0.5 }
      - get: "{{h}}"
  - { name: looker, steps: [ { get: / } ] }
"#;
    let first = read(text).scenario;
    let again = read(&first.effective).scenario;
    assert_eq!(again.effective, first.effective);
    assert_eq!(format!("{:?}", again.journeys), format!("{:?}", first.journeys));
    assert_eq!(
        (first.journeys.pages_per_visit(), first.journeys.len()),
        ((30.0 * 3.0 + 1.0) / 31.0, 2)
    );
    let steps = &first.journeys[0].steps;
    let mut fill = |value: Value, out: &mut String| {
        out.push_str(if value == Value::Row(0) { "a/b" } else { "v" });
        Some(())
    };
    let path = steps[0].path.as_ref().unwrap().filled(&mut fill);
    assert_eq!(path.unwrap(), "/base/p/a%2Fb?a={{b}}&u=v");
    assert_eq!(steps[1].headers[0].value.reveal(), "{{t}}", "a literal");
    let Body::Json(body) = &steps[1].body else {
        panic!("no JSON");
    };
    let body: serde_json::Value = serde_json::from_str(&body.filled(&mut fill).unwrap()).unwrap();
    assert_eq!(
        body["t"],
        format!("v {}", environment("EVIL").unwrap()),
        "a variable is no template"
    );
    assert_eq!(
        (steps[0].title(), steps[2].title()),
        ("product".to_owned(), "GET {{h}}".to_owned())
    );
}

#[test]
fn an_address_is_a_scenario() {
    assert!(is_url("http://a") && is_url("HTTPS://a") && !is_url("shop.yaml") && !is_url("ä"));
    let overrides = Overrides {
        rate: Some(Given::new("--rate", "20/s")),
        duration: Some(Given::new("--duration", "1m")),
        ..Overrides::default()
    };
    let scenario = from_url(
        "https://shop.example:8443/sale?a=${TARGET}",
        &overrides,
        &environment,
    )
    .unwrap()
    .scenario;
    assert_eq!(scenario.name, "shop.example");
    assert_eq!(scenario.target.url.as_str(), "https://shop.example:8443/");
    assert_eq!(
        scenario.journeys[0].steps[0].url.as_str(),
        "https://shop.example:8443/sale?a=${TARGET}"
    );
    assert_eq!(scenario.load.curve.rate_at(Offset::ZERO), Rate::per_second(20.0));
    assert_eq!(scenario.load.curve.length(), Duration::from_secs(60));
    for bad in [
        "http://",
        "https://me:pw@shop.example/",
        "http://a b/",
        "https://shop.example/#x",
    ] {
        let problems = from_url(bad, &Overrides::default(), &environment).unwrap_err();
        assert!(!problems.render(false).contains("me:pw"), "{problems}");
    }
}

#[test]
fn the_command_line_goes_before_the_file() {
    let given = |origin: &str, text: &str| Some(Given::new(origin, text));
    let overrides = Overrides {
        from: given("--from", "3pages/s"),
        profile: given("--profile", "long"),
        failure: given("--failure", "502,refused"),
        seed: given("--seed", "99"),
        arrivals: given("--arrivals", "even"),
        connections: given("--connections", "per_request"),
        header: vec![
            Given::new("--header", "x-preview: a: b"),
            Given::new("--header", "X-New: c"),
        ],
        resolve: vec![Given::new("--resolve", "other.example:443:10.0.0.1")],
        insecure: given("--insecure", "true"),
        lang: given("--lang", "en"),
        ..Overrides::default()
    };
    let loaded = read_with(FULL, &overrides).unwrap();
    let scenario = loaded.scenario;
    assert_eq!(scenario.search.from, Rate::per_second(3.0));
    assert_eq!(
        (scenario.search.profile, scenario.search.seed),
        (Profile::Long, 99)
    );
    assert_eq!(scenario.target.headers[0].value.reveal(), "a: b");
    assert_eq!(scenario.target.headers[1].value.reveal(), "c");
    assert_eq!(scenario.target.resolve.len(), 1);
    assert_eq!(scenario.target.resolve[0].address.to_string(), "10.0.0.1");
    assert_eq!(scenario.languages, ["en"]);
    assert!(scenario.target.tls.insecure);
    let plain = read_with(
        SMALLEST,
        &Overrides {
            header: overrides.header,
            ..Overrides::default()
        },
    )
    .unwrap();
    assert_eq!(plain.scenario.target.headers.len(), 2);
}

#[test]
fn an_error_of_the_command_line_names_the_flag() {
    let overrides = Overrides {
        from: Some(Given::new("--from", "20")),
        rate: Some(Given::new("--rate", "20/s")),
        resolve: vec![Given::new("--resolve", "shop.example:80:127.0.0.1")],
        ..Overrides::default()
    };
    let problems = from_url("https://shop.example/", &overrides, &environment).unwrap_err();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("scenario_files/frames");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("command_line", problems.render(false)));
}

#[test]
fn a_file_that_is_no_scenario_is_refused_without_being_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        load(&path, &Overrides::default(), &environment)
            .unwrap_err()
            .iter()
            .next()
            .unwrap()
            .message
            .clone()
    };
    assert!(refused("binary.yaml", b"\x7fELF\x00\x01\xff\xfe").contains("UTF-8"));
    assert!(refused("null.yaml", b"version: 1\0").contains("UTF-8"));
    assert!(refused("empty.yaml", b"").contains("empty"));
    assert!(refused("long.yaml", &vec![b'#'; 1024 * 1024 + 1]).contains("1 MiB"));
    let huge = fs::File::create(folder.path().join("huge.yaml")).unwrap();
    huge.set_len(10_000_000_000).unwrap();
    let message = |path: &Path| {
        let problems = load(path, &Overrides::default(), &environment).unwrap_err();
        problems.iter().next().unwrap().message.clone()
    };
    assert!(message(&folder.path().join("huge.yaml")).contains("1 MiB"));
    assert!(message(Path::new("/dev/zero")).contains("1 MiB"));
    assert!(message(folder.path()).contains("cannot be read"));
    assert!(message(Path::new("no/such.yaml")).contains("cannot be read"));
}

#[test]
fn the_name_of_a_file_names_its_scenario_and_its_folder_holds_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("black week.yaml");
    fs::write(folder.path().join("token"), "from a file\n").unwrap();
    let text = "\u{feff}version: 1\r\ntarget: { url: \"http://localhost\", headers: { A: \"${secret:token}\" } }\r\nsecrets: { token: { file: token } }\r\njourney:\r\n  - get: /\r\n";
    fs::write(&path, text).unwrap();
    let scenario = load(&path, &Overrides::default(), &environment).unwrap().scenario;
    assert_eq!(scenario.name, "black week");
    assert_eq!(scenario.target.headers[0].value.reveal(), "from a file");
}

#[test]
fn stages_of_visitors_are_a_crowd_and_no_rates() {
    let text = format!(
        "{SMALLEST}load: {{ stages: [ {{ duration: 0s, visitors: 8 }}, {{ duration: 10s, visitors: 8 }}, {{ duration: 20s, visitors: 2k }}, {{ duration: 5s, visitors: 0 }} ] }}\n"
    );
    let load = read(&text).unwrap().scenario.load;
    assert!(load.stages.is_empty() && load.curve.peak() == Rate::ZERO);
    assert_eq!(
        (load.crowd.peak(), load.length()),
        (2_000, Duration::from_secs(35))
    );
    assert_eq!(
        load.crowd.next_start(7, Offset::ZERO),
        Some(Offset::ZERO),
        "a jump brings all of them at once"
    );
}

#[test]
fn visitors_on_the_command_line_take_the_place_of_the_stages() {
    let given = |flag: &str, text: &str| Some(Given::new(flag, text));
    let overrides = Overrides {
        visitors: given("--visitors", "64"),
        duration: given("--duration", "10s"),
        ..Overrides::default()
    };
    let load = from_url("http://localhost/", &overrides, &|_| None)
        .unwrap()
        .scenario
        .load;
    assert_eq!((load.crowd.peak(), load.length()), (64, Duration::from_secs(10)));
    let both = Overrides {
        rate: given("--rate", "5/s"),
        ..overrides
    };
    assert!(from_url("http://localhost/", &both, &|_| None).is_err());
}

#[test]
fn source_addresses_are_kept_and_written_as_they_were_named() {
    let text = format!("{SMALLEST}source_addresses: [127.0.0.0/24, 10.0.0.5]\n");
    let scenario = read(&text).unwrap().scenario;
    assert_eq!(
        scenario.source_addresses.count_for("127.0.0.1".parse().unwrap()),
        255
    );
    assert!(
        scenario.effective.contains("- 127.0.0.0/24\n- 10.0.0.5\n"),
        "{}",
        scenario.effective
    );
}
