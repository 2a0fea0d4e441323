//! What ilot promises, tried as a user would: the binary is run on files, and its files are read back.
//!
//! One binary with modules inside keeps linking fast. Tests on real data find it through `ILOT_DATA` and say
//! `skipped` where that is unset.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop where it stands")]

mod archives;
mod bad_input;
mod catalogues;
mod classes;
mod classify;
mod clouds;
mod command_line;
mod cover;
mod elders;
mod form;
mod harness;
mod heat;
mod heat_bad;
mod heat_maps;
mod heat_models;
mod house;
mod leftovers;
mod objects;
mod page;
mod parcels;
mod production;
mod qgis;
mod resume;
mod seams;
mod sky;
mod spike_free;
mod steps;
mod sunlight;
mod tiles;
mod tiles_contents;
mod truth;
mod view;
mod zan;
mod zan_dates;
mod zan_enaf;
mod zan_lidar;
mod zan_partial;
mod zan_uncertainty;
mod zonal;
