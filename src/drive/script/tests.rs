//! Which journey and which row an arrival gets.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::scenario::{Overrides, from_text};

fn script(journeys: &str, seed: u64) -> Script {
    let text =
        format!("version: 1\ntarget: http://localhost\njourneys: {journeys}\nsearch: {{ seed: {seed} }}");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let loaded = from_text(&text, "text", &folder, &Overrides::default(), &|_| None);
    Script::new(&loaded.unwrap().scenario, "run", true).unwrap()
}

const TWO: &str =
    "[ { weight: 30, steps: [ { get: /a }, { get: /b } ] }, { weight: 70, steps: [ { get: / } ] } ]";

#[test]
fn journeys_are_walked_by_their_weights_and_the_seed() {
    let walks = |seed| {
        let script = script(TWO, seed);
        (0..20_000).map(|seq| script.walk_of(seq)).collect::<Vec<usize>>()
    };
    let first = walks(1);
    let share = first.iter().filter(|walk| **walk == 0).count() as f64 / first.len() as f64;
    // Four standard errors.
    assert!(
        (share - 0.3).abs() < 4.0 * (0.21_f64 / 20_000.0).sqrt(),
        "{share}"
    );
    assert_eq!(first, walks(1));
    assert_ne!(first, walks(2));
    // No arrival tells of the next: as many pairs as independent ones have.
    let pairs = first
        .windows(2)
        .filter(|pair| pair[0] == 0 && pair[1] == 0)
        .count() as f64;
    assert!((pairs / 20_000.0 - 0.09).abs() < 0.012, "{pairs}");
}

fn rows_of(order: &str, arrivals: u64, workers: u64) -> Vec<Option<Lot>> {
    let journeys = format!(
        "[ {{ weight: 1, data: {{ csv: skus.csv, order: {order} }}, steps: [ {{ get: \"/{{{{row.sku}}}}\" }} ] }}, \
         {{ weight: 1, steps: [ {{ get: / }} ] }} ]"
    );
    let script = script(&journeys, 7);
    let mut lots = vec![None; usize::try_from(arrivals).unwrap()];
    for worker in 0..workers {
        let mut count = Ordinals::default();
        for seq in (worker..arrivals).step_by(usize::try_from(workers).unwrap()) {
            lots[usize::try_from(seq).unwrap()] = script.lot(seq, &mut count);
        }
    }
    lots
}

#[test]
fn rows_do_not_depend_on_the_number_of_cores() {
    for order in ["in_order", "shuffle", "random", "unique"] {
        assert_eq!(rows_of(order, 200, 1), rows_of(order, 200, 3), "{order}");
    }
}

#[test]
fn every_order_hands_out_rows_as_it_says() {
    let rows = |order: &str| -> Vec<usize> {
        rows_of(order, 200, 1)
            .into_iter()
            .flatten()
            .filter_map(|lot| lot.row)
            .collect()
    };
    let in_order = rows("in_order");
    let count = in_order.iter().max().unwrap() + 1;
    assert!(count > 3, "the data of the example has a few rows");
    assert!(in_order.iter().enumerate().all(|(at, row)| *row == at % count));
    let shuffled = rows("shuffle");
    let mut first: Vec<usize> = shuffled[..count].to_vec();
    assert_ne!(first, in_order[..count]);
    assert_eq!(first, shuffled[count..2 * count], "shuffled once");
    first.sort_unstable();
    assert_eq!(first, in_order[..count], "every row once");
    let random = rows("random");
    assert!((0..count).all(|row| random.contains(&row)) && random[..count] != in_order[..count]);
    assert_eq!(rows("unique"), (0..count).collect::<Vec<usize>>());
    let unique = rows_of("unique", 200, 1);
    let last = unique
        .iter()
        .rposition(|lot| lot.is_some_and(|lot| lot.row.is_some()))
        .unwrap();
    assert!(
        unique[last + 1..].iter().any(Option::is_none),
        "the run ends there"
    );
}

#[test]
fn a_step_looks_no_further_than_it_needs() {
    let look = |steps: &str| {
        let script = script(&format!("[ {{ steps: [ {steps} ] }} ]"), 1);
        let steps = &script.walk(0).steps;
        steps
            .iter()
            .map(|step| step.prepared.request().look)
            .collect::<Vec<Look>>()
    };
    assert_eq!(look("{ get: / }"), [Look::Redirect]);
    assert_eq!(look("{ get: / }, { get: / }"), [Look::Move, Look::Redirect]);
    assert_eq!(
        look("{ get: /, expect: { status: 200, max_latency: 1s } }"),
        [Look::Redirect]
    );
    assert_eq!(look("{ get: /, expect: { header: { a: b } } }"), [Look::Head]);
    assert_eq!(look("{ get: /, capture: { a: { cookie: b } } }"), [Look::Move]);
    assert_eq!(look("{ get: /, capture: { a: { header: b } } }"), [Look::Head]);
    assert_eq!(
        look("{ get: /, expect: { body_contains: a } }"),
        [Look::Body(LOOKED_AT)]
    );
}

proptest! {
    #[test]
    fn a_number_below_an_end_is_below_it(random in any::<u64>(), end in 1_u64..) {
        prop_assert!(below(random, end) < end);
    }
}
