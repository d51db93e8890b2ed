//! Leaks that are put into the world on purpose: each is caught, and named (SIM-3).
//!
//! The command that is run here is the one that a person types; the world that it builds leaks by a hidden option.

use std::process::{Command, Output};

/// What `check-determinism` says, and how it ends.
struct Said {
    text: String,
    code: Option<i32>,
}

/// Checks one seed with a leak, or with none.
fn check(leak: Option<&str>, flags: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sim"));
    command.args(["check-determinism", "--seeds", "3..4", "--profile", "calm", "--jobs", "2"]).args(flags);
    command.args(leak.iter().flat_map(|leak| ["--put-leak", leak]));
    for variable in ["SIM_SEED", "SIM_SEEDS", "SIM_PROFILE", "CLICOLOR_FORCE"] {
        command.env_remove(variable);
    }
    let Output { status, stdout, stderr } = command.output().expect("the command was built");
    let text = String::from_utf8_lossy(&stdout).into_owned();
    assert!(!text.is_empty(), "nothing was said: {}", String::from_utf8_lossy(&stderr));
    Said { text, code: status.code() }
}

impl Said {
    #[track_caller]
    fn says(&self, what: &str) -> &Self {
        assert!(self.text.contains(what), "`{what}` is not in:\n{}", self.text);
        self
    }

    #[track_caller]
    fn differs(&self) -> &Self {
        assert_eq!(self.code, Some(3), "{}", self.text);
        self.says("NOT DETERMINISTIC  1 of 1 seed (3..4 of calm").says("the first moment that differs is number")
    }
}

#[test]
fn a_world_without_a_leak_has_none() {
    let said = check(None, &["--leaks"]);
    assert_eq!(said.code, Some(0), "{}", said.text);
    said.says("ran alike in two processes").says("leaks          nothing that was watched escapes the simulation");
    // Who asks past the platform and is answered by the run is told too.
    said.says("answered       by the run").says("entropy").says("getrandom()");
}

#[test]
fn a_sort_by_address_is_caught() {
    check(Some("address-order"), &[]).differs().says("on devices, ").says("likely   an order that nothing decides");
}

#[test]
fn entropy_by_a_system_call_is_caught_and_its_path_is_named() {
    let said = check(Some("entropy"), &[]);
    said.differs().says("likely   a value from outside: entropy").says("way leads past the simulation");
    said.says("entropy  sim by an instruction: the system call getrandom").says("sim::world::leak::");
}

#[test]
fn a_clock_by_a_system_call_is_caught_and_its_path_is_named() {
    let said = check(Some("clock"), &[]);
    said.differs().says("likely   a clock or a thread of its own").says("way leads past the simulation");
    said.says("clock  sim by an instruction: the system call clock_gettime").says("sim::world::leak::");
}

#[test]
fn the_race_of_a_helper_thread_is_caught_and_its_path_is_named() {
    let said = check(Some("helper-thread"), &["--load"]);
    said.differs().says("race with a thread").says("way leads past the simulation");
    said.says("thread  sim by pthread_create()").says("sim::world::leak::by_race");
}

/// The run answers: all processes have the same number in it, so that nothing differs. Who asked is named all the same.
#[test]
fn the_number_of_the_process_is_caught_and_its_path_is_named() {
    let said = check(Some("process-id"), &["--leaks"]);
    assert_eq!(said.code, Some(0), "{}", said.text);
    said.says("ran alike in two processes").says("process id  sim by getpid()").says("sim::world::leak::");
}
