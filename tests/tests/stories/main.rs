//! Stories over the whole system in one process: real engine, real stores, real server, a network that breaks
//! where a story says so.

mod cut_anywhere;
mod exactly_once;
mod needs_attention;
mod observers;
mod one_picture;
mod readers;
mod village;
