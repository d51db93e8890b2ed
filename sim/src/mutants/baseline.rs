//! Everything once without any mutant: it must hold, its runs must be those of the program without switches, and it says
//! how long a mutant may take.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::MutantsError;
use super::process::{Run, run};
use super::stages::{Programs, Stages, failed, name, noticed, succeeded, test_out, trials, try_out};

/// How long each part may take without a mutant.
const MOST: Duration = Duration::from_secs(1_800);

/// What is compared with the program without switches: everything that happens in these runs.
const COMPARED: [&str; 9] = ["fingerprints", "--seeds", "0..8", "--profile", "swarm", "--every", "1", "--jobs", "1"];

#[derive(Serialize, Deserialize)]
struct Kept {
    trials_ms: Vec<u64>,
    tests_ms: Vec<u64>,
}

/// Runs the programs without any mutant, unless those with this hash held before.
///
/// # Errors
/// Something is noticed although there is nothing to notice.
pub(super) fn baseline(folder: &Path, hash: &str, programs: Programs) -> Result<Stages, MutantsError> {
    let file = folder.join("results").join(format!("{hash}.baseline.json"));
    let known = fs::read(&file).ok().and_then(|text| serde_json::from_slice::<Kept>(&text).ok());
    let kept = match known {
        Some(kept) => kept,
        None => {
            let kept = measured(&programs)?;
            let text = serde_json::to_vec(&kept).expect("it has only string keys");
            let results = folder.join("results");
            fs::create_dir_all(&results).map_err(MutantsError::place("make", &results))?;
            fs::write(&file, text).map_err(MutantsError::place("write", &file))?;
            kept
        }
    };
    let durations = |all: Vec<u64>| all.into_iter().map(Duration::from_millis).collect();
    Ok(Stages { programs, trials: durations(kept.trials_ms), tests: durations(kept.tests_ms) })
}

fn measured(programs: &Programs) -> Result<Kept, MutantsError> {
    check_runs(programs)?;
    let (mut trials_ms, mut tests_ms) = (Vec::new(), Vec::new());
    for trial in trials() {
        let ended = try_out(&programs.simulation, &trial, 0, MOST)?;
        if let Some((by, _)) = noticed(&ended) {
            return Err(MutantsError::Baseline { reason: format!("the simulation fails ({by})") });
        }
        trials_ms.push(milliseconds(ended.took));
    }
    for test in &programs.tests {
        let ended = test_out(test, &programs.folder, 0, &[], MOST)?;
        if !succeeded(&ended) {
            let failed = failed(&ended).join(", ");
            let reason = format!("the server's tests in `{}` fail ({failed})", name(test));
            return Err(MutantsError::Baseline { reason });
        }
        tests_ms.push(milliseconds(ended.took));
    }
    Ok(Kept { trials_ms, tests_ms })
}

/// The switches must disturb nothing: with none of them set, every run is what it is in this program.
fn check_runs(programs: &Programs) -> Result<(), MutantsError> {
    let this = std::env::current_exe().map_err(MutantsError::place("find", "this program"))?;
    let fingerprints = |program: &Path| {
        let run = run(Run { program, arguments: &COMPARED, folder: &programs.folder, input: "", mutant: 0 }, MOST)?;
        Ok::<_, MutantsError>((succeeded(&run), run.output))
    };
    let (with, without) = (fingerprints(&programs.simulation)?, fingerprints(&this)?);
    if with != without || !with.0 {
        let reason = "runs with all switches off are not those of this program".to_owned();
        return Err(MutantsError::Baseline { reason });
    }
    Ok(())
}

fn milliseconds(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}
