//! `kill -9` in the middle of a stream of messages, again and again (REQUIREMENTS.md CG-1, CG-2, CG-3, CG-7; IT-8).

mod crew;
mod sudden_death;
