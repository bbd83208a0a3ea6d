//! The true tipping points in `tests/truth`: every class has its own, found with the parameters that it has now, and
//! found again here.

mod truth;

use tipover::model::{Effort, classes, truth_of};
use truth::{LONG_RUN, questions};

#[test]
fn every_class_that_tips_has_the_truth_of_its_own_parameters() {
    for class in classes() {
        for question in questions(&class) {
            let entry = truth::truth(&class, &question);
            let (name, share, horizon) = (class.name, question.share, question.horizon);
            assert!(
                entry.is_some(),
                "{name} at {share} over {horizon:?}: cargo bench --bench truth -- {}",
                class.number
            );
        }
    }
}

#[test]
fn brute_force_finds_the_kept_truth_again() {
    let effort = Effort {
        precision: 0.005,
        requests: 5e6,
        threads: 2,
    };
    for name in ["loss-system", "short-queue"] {
        let class = classes().into_iter().find(|class| class.name == name);
        let class = class.expect("the class is in the list");
        let question = questions(&class)
            .into_iter()
            .find(|question| question.horizon.as_secs() == LONG_RUN && question.share.get() == 0.01)
            .expect("it is asked of every class");
        let kept = truth::truth(&class, &question).expect("every class has one").rate;
        let found = truth_of(&class, &question, &effort).expect("it tips").rate;
        assert!((found / kept - 1.0).abs() < 0.01, "{name}: {found} and {kept}");
    }
}
