//! The weather over real turmoil hosts: an echoing server, and a device that writes down what it sees.

mod calm;
mod conditions;
mod cuts;
mod server;
mod stage;
mod storm;
