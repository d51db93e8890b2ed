//! `kill -9` in the middle of a stream of messages, again and again, also with another server on standby
//! (REQUIREMENTS.md CG-1, CG-2, CG-3, CG-7; IT-8; WS-19).

mod crew;
mod standby;
mod sudden_death;
