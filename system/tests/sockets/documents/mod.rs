//! The published documents: that they are served, that they are true, and that they are what is checked by.

mod agreement;
mod codes;
mod served;
mod vigilance;
