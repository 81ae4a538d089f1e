//! Whole exchanges as small plays: what Lan, Hòa, Mai and the others do, and what the server answers.

mod audit;
mod commands;
mod console;
mod devices;
mod enrolment;
mod feedback;
mod http;
mod limits;
mod lists;
mod meeting;
mod moved;
mod numbers;
mod originals;
mod parts;
mod push;
mod register;
mod restores;
mod retention;
mod rights;
mod rulings;
mod scopes;
mod sealed;
mod signing;
mod windows;
