//! Conversation files on a real disk become rooms and messages (REQUIREMENTS.md RF-1 to RF-3).

mod changes;
mod desk;
mod mistakes;
mod people;
mod restarts;
