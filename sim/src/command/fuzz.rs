//! `cargo sim fuzz`: fresh seeds and changed histories for as long as wanted, in a folder that can be gone on with.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use tokio::signal::unix::{SignalKind, signal};

use super::arguments;
use super::output::Output;
use super::refusal::Refusal;
use super::run::jobs;
use super::{Exit, progress};
use crate::campaign::Panicked;
use crate::failure::Unwritable;
use crate::fuzz::campaign::{Campaign, Figures, Request};
use crate::fuzz::folder::{self, FORMAT, Folder, FolderError, Identity};
use crate::fuzz::runner::Plan;
use crate::fuzz::shard::{self, Source};
use crate::fuzz::{corpus, worker};
use crate::history::{History, Profile};
use crate::judge;
use crate::report::{FuzzReport, json, text};
use crate::seeds::environment;
use crate::words::amount;
use crate::workspace;

/// The profile that is run when nobody says otherwise.
const DEFAULT_PROFILE: &str = "swarm";

/// How long it runs when nobody says otherwise.
const DEFAULT_TIME: Duration = Duration::from_secs(600);

/// How often it is written how far the campaign is: what a kill can take is what happened since.
const SAVED_EVERY: Duration = Duration::from_secs(2);

/// How often a line tells how far it is, where there is no terminal for a bar.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// Runs `cargo sim fuzz`.
///
/// # Errors
/// Something that was asked for makes no sense, the folder cannot be used, or our own code failed.
pub fn fuzz(arguments: &arguments::Fuzz, output: &Output) -> Result<Exit, Refusal> {
    let root = workspace::output_folder(&arguments.out);
    let (identity, source) = identity(arguments, &root)?;
    let profile = Profile::named(&identity.profile)?;
    let further = further(arguments)?;
    let folder = Folder::hold(&root)?;
    let request = Request {
        plan: plan(arguments, &identity)?,
        runs: arguments.runs,
        shrink_runs: arguments.shrink_runs,
        commit: workspace::commit(),
    };
    let (shard, profile_name) = (identity.shard, identity.profile.clone());
    let campaign = Campaign::open(folder, identity, profile, request)?;
    if campaign.figures().runs == 0 {
        campaign.add_known(committed()?);
    }
    campaign.add_known(further);

    let spinner = progress::spinner("the first histories".to_owned());
    let said = match source {
        Source::Nowhere if shard.is_part() => format!("shard {shard}, as in its folder"),
        Source::Nowhere => "all seeds".to_owned(),
        source => format!("shard {shard}, from {source}"),
    };
    say(&spinner, &format!("campaign of {profile_name} in {}: {said}", root.display()));
    let jobs = jobs(arguments.jobs).get();
    let ended = thread::scope(|scope| {
        let work = || campaign.work().inspect_err(|_| campaign.stop(true));
        let workers: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
        watch(&campaign, arguments, &spinner, || workers.iter().all(|worker| worker.is_finished()));
        workers.into_iter().map(|worker| worker.join()).collect::<Vec<_>>()
    });
    let saved = campaign.save();
    campaign.news().iter().for_each(|news| say(&spinner, news));
    spinner.finish_and_clear();
    for result in ended {
        let own = |payload: Box<dyn std::any::Any + Send>| Refusal::Panicked {
            what: "the campaign".to_owned(),
            source: Panicked::new(payload.as_ref()),
        };
        result.map_err(own)??;
    }

    let report = campaign.report();
    let written = saved.and_then(|()| write_report(&root, &report));
    output.report(&report, text::fuzz)?;
    written.map_err(FolderError::from)?;
    Ok(report.conclusion.into())
}

/// Leaves the report in the folder that it is of.
///
/// # Errors
/// It cannot be written.
pub fn write_report(root: &Path, report: &FuzzReport) -> Result<(), Unwritable> {
    folder::write(&root.join("report.txt"), text::plain(&text::fuzz(report)).as_bytes())?;
    folder::write(&root.join("report.json"), json::document(report).as_bytes())
}

/// Runs the worker process of a campaign.
///
/// # Errors
/// There is no such profile, or standard output cannot be written to.
pub fn work(arguments: &arguments::FuzzWorker) -> Result<Exit, Refusal> {
    let profile = Profile::named(&arguments.profile)?;
    worker::serve(&profile, arguments.trouble).map_err(|error| Refusal::write(Path::new("standard output"), &error))?;
    Ok(Exit::Held)
}

/// Which campaign this is: the one that the folder holds, else a new one; and where its shard was read.
fn identity(arguments: &arguments::Fuzz, root: &Path) -> Result<(Identity, Source), Refusal> {
    let (shard, source) = shard::resolve(arguments.shard, &environment)?;
    let profile = arguments.profile.clone().or_else(|| environment("SIM_PROFILE").filter(|name| !name.is_empty()));
    if let Some(profile) = &profile {
        judge::check_profile(profile)?;
    }
    let other = |what: String| FolderError::Other { place: root.to_owned(), what };
    if root.join("merged.json").exists() {
        return Err(other("is a merged folder, which nobody goes on with: use it with --corpus".to_owned()).into());
    }
    let Some(known) = folder::read_json::<Identity>(&root.join("campaign.json"))? else {
        if root.is_dir() && folder::entries(root)?.iter().any(|entry| !entry.ends_with("lock")) {
            return Err(other("holds something else than a campaign".to_owned()).into());
        }
        let profile = profile.unwrap_or_else(|| DEFAULT_PROFILE.to_owned());
        return Ok((Identity::new(profile, shard, arguments.first_seed.unwrap_or_default()), source));
    };
    if known.format != FORMAT {
        let what = format!("was written in format {}, and this program reads {FORMAT}", known.format);
        return Err(other(what).into());
    }
    let differs = [
        profile.filter(|asked| *asked != known.profile).map(|asked| ("profile", asked, known.profile.clone())),
        (source != Source::Nowhere && shard != known.shard)
            .then(|| ("shard", shard.to_string(), known.shard.to_string())),
        arguments
            .first_seed
            .filter(|asked| *asked != known.first_seed)
            .map(|asked| ("first seed", asked.to_string(), known.first_seed.to_string())),
    ];
    match differs.into_iter().flatten().next() {
        Some((what, asked, known)) => {
            Err(other(format!("holds a campaign of {what} {known}, and {asked} was asked for")).into())
        }
        None => Ok((known, source)),
    }
}

fn plan(arguments: &arguments::Fuzz, identity: &Identity) -> Result<Plan, Refusal> {
    let mut worker = vec!["fuzz-worker".to_owned(), "--profile".to_owned(), identity.profile.clone()];
    if let Some(trouble) = arguments.trouble.and_then(|trouble| clap::ValueEnum::to_possible_value(&trouble)) {
        worker.extend(["--trouble".to_owned(), trouble.get_name().to_owned()]);
    }
    Ok(Plan { arguments: worker, patience: arguments.hang_after })
}

/// The committed histories: a new campaign begins with what is known to be worth it.
fn committed() -> Result<Vec<History>, Refusal> {
    let files = workspace::saved_histories()
        .map_err(|error| Refusal::Saved { file: "sim/histories".into(), reason: error.to_string() })?;
    let load = |file: std::path::PathBuf| judge::load(&file).map_err(|reason| Refusal::Saved { file, reason });
    files.into_iter().map(load).collect()
}

/// The histories of other corpora that were asked for.
fn further(arguments: &arguments::Fuzz) -> Result<Vec<History>, Refusal> {
    let mut histories = Vec::new();
    for folder in &arguments.corpus {
        let place = workspace::locate(folder);
        if !place.join("corpus").is_dir() {
            let what = "holds no corpus: expected the folder of a campaign or a merged one".to_owned();
            return Err(FolderError::Other { place, what }.into());
        }
        let corpus::Loaded { known, stale, broken } = corpus::load(&place, "")?;
        for (file, reason) in broken {
            print(&format!("passed over {}: {reason}", file.display()));
        }
        histories.extend(known.into_iter().chain(stale).map(|entry| entry.history));
    }
    Ok(histories)
}

/// Watches until the work is done: the time, the signals, and how far it is.
#[expect(clippy::disallowed_methods, reason = "the campaign's own time; no run can see it")]
fn watch(campaign: &Campaign, arguments: &arguments::Fuzz, spinner: &ProgressBar, is_done: impl Fn() -> bool) {
    let (began, told) = (Instant::now(), signals());
    // With a number of runs and no time, it ends by the number.
    let time = arguments.time.or(arguments.runs.is_none().then_some(DEFAULT_TIME));
    let (mut saved, mut spoke, mut trouble) = (began, began, String::new());
    let before = campaign.figures().runs;
    while !is_done() {
        thread::sleep(Duration::from_millis(50));
        let signals = told.load(Ordering::Relaxed);
        if signals > 0 || time.is_some_and(|time| began.elapsed() >= time) {
            campaign.stop(signals > 0);
        }
        campaign.news().iter().for_each(|news| say(spinner, news));
        if saved.elapsed() >= SAVED_EVERY {
            saved = Instant::now();
            let now = campaign.save().err().map(|error| error.to_string()).unwrap_or_default();
            // Once is enough, until it is another.
            if now != trouble && !now.is_empty() {
                say(spinner, &format!("{now}: it goes on, and tries again"));
            }
            trouble = now;
            let line = line(campaign.figures(), before, began.elapsed());
            if spinner.is_hidden() && spoke.elapsed() >= TOLD_EVERY {
                spoke = Instant::now();
                print(&line);
            }
            spinner.set_message(line);
        }
    }
}

fn line(figures: Figures, before: u64, elapsed: Duration) -> String {
    let Figures { runs, corpus, keys, failures } = figures;
    let per_second = runs.saturating_sub(before) as f64 / elapsed.as_secs_f64().max(0.001);
    format!(
        "{} ({per_second:.1}/s)  {keys} kinds of behaviour by {corpus} in the corpus  {}",
        amount(runs, "history", "histories"),
        amount(failures as u64, "failure", "failures")
    )
}

/// How often somebody has asked to end: Ctrl-C, or the signal to terminate. Who asks twice does not want to wait.
#[expect(clippy::disallowed_methods, reason = "waits for signals beside the campaign; no run can see it")]
fn signals() -> Arc<AtomicU32> {
    let told = Arc::new(AtomicU32::new(0));
    let count = told.clone();
    thread::spawn(move || {
        // Without a runtime, a signal ends the process, which is no harm: what was found is written.
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
            let Ok(mut interrupt) = signal(SignalKind::interrupt()) else { return };
            loop {
                tokio::select! {
                    biased;
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                if count.fetch_add(1, Ordering::Relaxed) > 0 {
                    std::process::exit(130);
                }
                print("told to end: the runs under way are finished, and the report is written");
            }
        });
    });
    told
}

fn say(spinner: &ProgressBar, text: &str) {
    spinner.suspend(|| print(text));
}

/// Says something to a person, apart from the report.
pub fn print(text: &str) {
    // Nobody is left to tell when standard error is gone.
    let _ = anstream::AutoStream::auto(io::stderr()).write_all(format!("{text}\n").as_bytes());
}
