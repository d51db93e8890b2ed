//! What the server counts and measures of itself (REQUIREMENTS.md WS-9).

mod catalogue;
mod counting;
mod readers;
mod scrape;
