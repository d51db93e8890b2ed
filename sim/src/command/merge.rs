//! `cargo sim merge`: the folders of many campaigns become one, with one report.

use std::path::PathBuf;

use super::Exit;
use super::arguments;
use super::fuzz::write_report;
use super::output::Output;
use super::refusal::Refusal;
use crate::fuzz::folder::FolderError;
use crate::fuzz::merge::{self, Union};
use crate::report::text;
use crate::workspace;

/// Runs `cargo sim merge`.
///
/// # Errors
/// A folder is none of a campaign, is being worked on, or cannot be read or written.
pub fn merge(arguments: &arguments::Merge, output: &Output) -> Result<Exit, Refusal> {
    let root = workspace::output_folder(&arguments.out);
    let from: Vec<PathBuf> = arguments.folders.iter().map(|folder| workspace::locate(folder)).collect();
    let Union { report, news } = merge::merge(&root, &from)?;
    for text in news {
        super::fuzz::print(&text);
    }
    let written = write_report(&root, &report);
    output.report(&report, text::fuzz)?;
    written.map_err(FolderError::from)?;
    Ok(report.conclusion.into())
}
