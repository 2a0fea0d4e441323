//! From LiDAR HD clouds, images, land cover and sensors to surface models, heat maps, ZAN figures and a twin.
//!
//! The folders sort as the data flows: `cloud → elevation → measures → …`; [`product`] lists all that comes out and
//! [`graph`] all that is done. `ARCHITECTURE.md` draws the whole.

pub mod account;
pub mod cli;
pub mod cloud;
pub mod elevation;
pub mod formats;
pub mod graph;
pub mod landcover;
mod ledger;
pub mod measure;
pub mod measures;
pub mod plan;
pub mod product;
pub mod project;
pub mod publish;
pub mod report;
pub mod run;
pub mod sample;
pub mod stage;
pub mod store;
pub mod style;
pub mod text;
pub mod twin;
pub mod write;
