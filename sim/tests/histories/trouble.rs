//! What is wrong with a history, and how the message of a failed test tells it.

use std::path::Path;

use sim::failure::{Failure, Files, save_history};
use sim::history::History;
use sim::judge::{self, Outcome};
use sim::report::Origin;
use sim::report::text::{failure, plain};

/// Why a history is no pass.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// It breaks a property.
    Violated {
        /// The first that it breaks.
        property: &'static str,
        /// Its run.
        outcome: Box<Outcome>,
    },
    /// Our own code panicked, a property's or the world's.
    Panicked(String),
    /// Its run does not end.
    Hung,
}

impl Trouble {
    /// Whether a smaller history with `other` still shows this.
    pub fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Violated { property, .. }, Self::Violated { property: other, .. }) => property == other,
            (Self::Panicked(_), Self::Panicked(_)) | (Self::Hung, Self::Hung) => true,
            _ => false,
        }
    }

    /// Leaves `history` in `output`, with its report where there is one, and tells what is wrong with it. It had `steps`
    /// steps before it was made smaller.
    pub fn tell(&self, history: &History, origin: Origin, steps: usize, output: &Path) -> String {
        let files = Files { output, history: "history.json" };
        if let Self::Violated { property, outcome } = self {
            let failed = Failure::new(history.clone(), (**outcome).clone(), property, origin, steps);
            let mut failed = failed.expect("the property is one that the outcome breaks");
            failed.report.explain(&judge::explain(history, property), &outcome.run.trace);
            // The report itself matters more than its file.
            let unwritten = failed.save(files).err().map(|error| format!("{error}\n")).unwrap_or_default();
            return plain(&failure(&failed.report)) + &unwritten;
        }
        let what = match self {
            Self::Panicked(message) => message.as_str(),
            _ => "its run does not end",
        };
        let History { seed, profile, .. } = history;
        let replay = match save_history(history, None, files) {
            Ok(()) => format!("cargo sim replay {}", output.join(seed.to_string()).join(files.history).display()),
            Err(error) => error.to_string(),
        };
        let steps_left = history.steps.len();
        format!(
            "FAILED  seed {seed}   {profile}   history {steps} -> {steps_left} steps\n  observed  {what}\n  \
             replay    {replay}\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use properties::trace::At;
    use properties::{Evidence, Verdict, Violation};
    use sim::history::{Profile, Saved};

    use super::*;

    fn calm(seed: u64) -> History {
        History::from_seed(seed, &Profile::calm())
    }

    #[test]
    fn a_violation_is_told_as_its_report_and_leaves_what_replays_it() {
        let history = calm(8_841);
        let mut outcome = judge::judge(&history);
        let judgement = outcome.judgements.iter_mut().find(|judgement| judgement.id == "ordering/gapless").unwrap();
        judgement.verdict = Verdict::Violated(Violation {
            expected: "17 after 16".into(),
            observed: "16, then 18".into(),
            evidence: vec![Evidence::breaking(At(9_800_000), "ana/phone", "receives general#18")],
        });
        let folder = tempfile::tempdir().unwrap();
        let trouble = Trouble::Violated { property: "ordering/gapless", outcome: Box::new(outcome) };

        let text = trouble.tell(&history, Origin::Seed, 999, folder.path());
        let file = folder.path().join("8841/history.json");
        assert!(text.starts_with("FAILED  ordering/gapless  ["), "{text}");
        assert!(text.contains("seed 8841   calm   history 999 -> ") && text.contains("<- breaks it here"), "{text}");
        assert!(text.contains(&format!("cargo sim replay {}\n", file.display())), "{text}");
        assert!(text.contains("cargo sim run --seed 8841 --profile calm"), "{text}");
        let saved = Saved::load(&file).unwrap();
        assert_eq!((saved.history, saved.violates.as_deref()), (history, Some("ordering/gapless")));
        assert_eq!(std::fs::read_to_string(file.with_file_name("report.txt")).unwrap(), text);
        let page = file.with_file_name("page.html");
        assert!(text.contains(&format!("  page        {}\n", page.display())), "{text}");
        let page = std::fs::read_to_string(page).unwrap();
        assert!(page.contains("16, then 18") && page.contains("cargo sim replay history.json"), "{page}");
    }

    #[test]
    fn a_panic_and_a_hang_leave_what_replays_them() {
        let (history, folder) = (calm(5), tempfile::tempdir().unwrap());
        let file = folder.path().join("5/history.json");
        let tell = |trouble: Trouble| trouble.tell(&history, Origin::Seed, 999, folder.path());
        for (trouble, told) in
            [(Trouble::Panicked("no such luck".into()), "no such luck"), (Trouble::Hung, "its run does not end")]
        {
            let text = tell(trouble);
            assert!(text.contains(told) && text.contains("seed 5   calm   history 999 -> "), "{text}");
            assert!(text.ends_with(&format!("cargo sim replay {}\n", file.display())), "{text}");
            assert_eq!(Saved::load(&file).unwrap().history, history);
        }
    }
}
