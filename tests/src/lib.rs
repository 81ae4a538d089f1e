//! Whole-system tests: the world in one process, stories, simulation, sample data.

pub mod certificates;
pub mod corpus;
pub mod disk;
pub mod hostile;
pub mod sample;
pub mod sbom;
pub mod simulation;
pub mod world;
