//! Messages that change, threads, read markers and search (REQUIREMENTS.md IT-2, IT-3, IT-13, CG-4).

mod commands;
mod deleting;
mod editing;
mod following;
mod opening;
mod reading;
mod replica;
mod searching;
mod team;
