//! The simulated world: runs one history on one fresh thread, from setup to the last read, and hands back the trace.
//!
//! The flow, by file: `run.rs` makes the thread, `turn.rs` turns turmoil's clock. On one turmoil host lives the server's
//! `machine.rs`; on another the `director.rs`, or a `script.rs` in its place, and every device. The director walks through the phases: `stage.rs`
//! builds the company, the storm follows the history through `cast.rs` and `levers.rs`, and the `finale.rs` waits for
//! recovery and reads what is left. Everything that anybody does or sees goes to the one `recorder.rs`, which lets
//! strike what waits for it in `moments.rs`.

mod canonical;
mod cast;
mod connector;
mod device_clocks;
mod director;
mod feed;
mod finale;
mod fingerprint;
mod idle;
mod leak;
mod levers;
mod logs;
mod machine;
mod moments;
mod operations;
mod operator;
mod panics;
mod recorder;
mod run;
mod script;
mod settings;
mod stage;
mod tokens;
mod turn;
mod watcher;

pub(crate) use cast::Device;
pub(crate) use connector::WeatherConnector;
pub use fingerprint::Fingerprint;
pub use leak::Leak;
pub use levers::Levers;
pub use moments::MomentCount;
pub use operations::OperationCount;
pub use recorder::FaultCount;
pub(crate) use recorder::Recorder;
pub use run::{Options, Run, run};
pub(crate) use script::{Stagehand, perform, watcher};
pub(crate) use settings::{FEED_DIRECTORY, suite_config};
pub(crate) use stage::PASSWORD;
