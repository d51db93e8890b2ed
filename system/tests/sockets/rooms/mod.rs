//! The life of a room: who may change it, who hears of it, and that nothing of it is left (REQUIREMENTS.md IT-13).

mod archive;
mod changes;
mod deletion;
mod visibility;
