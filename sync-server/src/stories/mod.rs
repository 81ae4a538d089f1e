//! Whole exchanges as small plays: what Lan, Hòa, Mai and the others do, and what the server answers.

mod commands;
