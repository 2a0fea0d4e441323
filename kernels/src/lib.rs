//! The pure methods of ilot: values in, values out; no file, no path, no log.
//!
//! The nouns come first, then the verbs in the order in which data flows. One verb is one file and one
//! method from the literature; its header names the paper, its limits and its cost.
//!
//! | verb | method | cost |
//! |---|---|---|
//! | [`bin`] | highest point and counts per cell | 3 ns a point |
//! | [`production`] | IGN's choice of the points that carry the models | 0.2 µs a point |
//! | [`buckets`] | counting sort into square buckets, pyramid of coarser cells | 20 ns a point |
//! | [`tin`] | linear interpolation in the Delaunay triangulation, found locally (dual simplex) | 0.2 µs a cell |
//! | [`nearest`] | distance to the nearest point, branch and bound over the pyramid | 0.05 µs a cell |
//! | [`spike_free`] | surface without pits inside of crowns (Khosravipour 2016) | 2 µs a point |
//! | [`fill`] | small voids, inverse distance (Shepard 1968) | the missing cells only |
//! | [`focal`] | slope and hillshade (Horn 1981, Mark 1992) | 10 ns a cell |
//! | [`sky`] | sky view factors from horizons (Johnson & Watson 1984, Zakšek 2011) | 0.3 µs a cell at 200 m |
//! | [`shade`] | shade and sun hours (Ratti & Richens 1999) | 10 ns a cell and sun |
//! | [`clear_sky`] | radiation of a cloudless sky (Ineichen & Perez 2002, Erbs 1982) | 0.1 µs a sun |
//! | [`irradiation`] | a year's light on each cell's own plane, by a cumulative sky | 1 µs a cell |
//! | [`radiant`] | mean radiant temperature (Lindberg 2008) | 0.5 µs a cell, 0.1 an hour |
//! | [`utci`] | felt temperature (Bröde 2012) | 2 ns a cell |
//! | [`zonal`] | statistics of polygons, by exact coverage of cells (after Baston's exactextract) | 1 ns a cell |

// The nouns.
pub mod extent;
pub mod frame;
pub mod grid;
pub mod par;
pub mod points;
pub mod unit;

// The verbs, in flow order.
pub mod bin;
pub mod buckets;
pub mod clear_sky;
mod facet;
pub mod fill;
pub mod focal;
mod horizon;
pub mod irradiation;
pub mod nearest;
pub mod production;
pub mod radiant;
pub mod shade;
pub mod sky;
pub mod spike_free;
pub mod tin;
pub mod utci;
pub mod zonal;
