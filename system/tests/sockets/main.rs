//! The backend on real sockets: what it says to good input, to bad input, to damage and to sudden death.
//!
//! Here is what needs a real program, a real file or a real socket to be believed. Every test has a server and a data
//! directory of its own, so all of them run side by side.

mod damage;
mod documents;
mod examples;
mod feed;
mod files;
mod kill;
mod live;
mod messages;
mod metrics;
mod operation;
mod people;
mod program;
mod rest;
mod rooms;
mod support;
mod websocket;
