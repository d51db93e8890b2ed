//! `cargo sim judge`: a trace that was kept, judged by every property, or by one; nothing is run.

use std::path::PathBuf;

use clap::Args;

use super::Exit;
use super::output::Output;
use super::refusal::Refusal;
use crate::judge::{self, Property};
use crate::report::{JudgeReport, text};
use crate::{trace_file, workspace};

const TRACES: &str = "\
A failure leaves its trace as trace.jsonl; cargo sim replay --trace writes that of any run. A file
that was cut off, changed, or written in another version is refused. docs/traces.md has the format.
Exit codes: 0 held, 1 violated, 2 vacuous, 64 no trace that can be judged, 70 a property panicked.
For example: cargo sim judge target/sim/8841/trace.jsonl --property ordering/gapless";

/// `cargo sim judge`
#[derive(Args, Debug)]
#[command(after_help = TRACES)]
pub struct Arguments {
    /// The file of the trace
    #[arg(value_name = "TRACE")]
    pub trace: PathBuf,

    /// Judge by this property alone
    #[arg(long, value_name = "ID")]
    pub property: Option<String>,
}

/// Runs `cargo sim judge`.
///
/// # Errors
/// There is no such property, or the file is no trace that can be judged.
pub fn judge(arguments: &Arguments, output: &Output) -> Result<Exit, Refusal> {
    let id = arguments.property.as_deref();
    let by = judge::catalogue(id).ok_or_else(|| Refusal::Property(id.unwrap_or_default().to_owned()))?;
    let (report, exit) = judge_by(&by, arguments)?;
    output.report(&report, text::judged)?;
    Ok(exit)
}

/// What these properties say of the trace, and how the command ends with that.
fn judge_by(by: &[&'static dyn Property], arguments: &Arguments) -> Result<(JudgeReport, Exit), Refusal> {
    let file = workspace::locate(&arguments.trace);
    let kept = trace_file::load(&file)?;
    let judgements = judge::judge_trace(&kept.trace, by);
    let beside = kept.about.history.as_ref().map(|name| file.with_file_name(name)).filter(|history| history.is_file());
    let beside = beside.map(|history| history.display().to_string());
    let report = JudgeReport::new(kept, &judgements, arguments.trace.display().to_string(), beside);
    let exit = if report.panicked().is_some() { Exit::OwnError } else { report.conclusion.into() };
    Ok((report, exit))
}

#[cfg(test)]
mod tests {
    use properties::{Index, Verdict};

    use super::*;
    use crate::history::{History, Profile};
    use crate::report::Origin;
    use crate::trace_file::About;

    struct Panics;

    impl Property for Panics {
        fn id(&self) -> &'static str {
            "test/panics"
        }

        fn statement(&self) -> &'static str {
            "a property that is itself broken ends the command as an error of our own"
        }

        fn requirements(&self) -> &'static [&'static str] {
            &["SIM-7"]
        }

        fn does_not_verify(&self) -> &'static str {
            "anything else"
        }

        fn check(&self, _: &Index<'_>) -> Verdict {
            panic!("our own bug")
        }
    }

    #[test]
    fn a_property_that_panics_is_our_own_error_and_hides_no_other() {
        let tiny = History { users: vec![], rooms: vec![], steps: vec![], ..History::from_seed(1, &Profile::calm()) };
        let run = judge::judge(&tiny).run;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let arguments = Arguments { trace: folder.path().join("trace.jsonl"), property: None };
        let about = About::new(&tiny, Origin::File, 0, "3fa91c2".into());
        trace_file::save(&arguments.trace, &about, &run).expect("it can be written");

        let ends = judge::catalogue(Some("liveness/ends")).expect("there is one of this name")[0];
        let (report, exit) = judge_by(&[&Panics, ends], &arguments).expect("it was just written");
        assert_eq!((exit, exit as u8), (Exit::OwnError, 70));
        assert_eq!(report.verdicts[0].verdict, Verdict::Broken { panic: "our own bug".into() });
        assert!(matches!(report.verdicts[1].verdict, Verdict::Held { .. }), "{:?}", report.verdicts);
        let (_, exit) = judge_by(&[ends], &arguments).expect("it was just written");
        assert_eq!(exit, Exit::Held);
    }
}
