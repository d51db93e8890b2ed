//! The weather over real turmoil hosts: an echoing server, and a device that writes down what it sees.

mod calm;
mod cuts;
mod server;
mod stage;
mod storm;
