//! The pure methods of ilot: values in, values out; no file, no path, no log.
//!
//! The nouns come first, then the verbs in the order in which data flows. One verb is one file and one
//! method from the literature; its header names the paper, its limits and its cost.
//!
//! | verb | method | cost |
//! |---|---|---|
//! | [`bin`] | highest point and counts per cell | 3 ns a point |
//! | [`ground`] | ground filter: SMRF (Pingel 2013), then break lines restored | 0.5 µs a cell of 1 m |
//! | [`opening`] | openings by growing octagons (Serra 1982) | 0.4 ns a cell and step |
//! | [`inpaint`] | voids filled from coarse to fine (pull-push, Gortler 1996) | 10 ns a cell |
//! | [`production`] | IGN's choice of the points that carry the models | 0.2 µs a point |
//! | [`classify`] | buildings, vegetation, decks from raw returns (planes grown over flat cubes) | 0.3 µs a point |
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
//! | [`seen`] | what was met in each cell, and votes for the ground's material | 4 ns a point |
//! | [`strata`] | heights of leaves by cell: percentile, crown base, shares of shrubs and trees | 20 ns a point of leaves |
//! | [`stamp`] | shares of cells under polygons and bands along lines | the edges |
//! | [`decide`] | land cover: votes, naive Bayes, relaxation with neighbours (Rosenfeld 1976) | 0.3 µs a cell |
//! | [`crowns`] | tree tops and crowns (Popescu & Wynne 2004, Meyer 1994, Silva 2016) | 60 ns a cell |
//! | [`footprint`] | outlines of buildings, straight and right-angled, and their roofs (after Awrangjeb 2016) | 60 ns a point |
//! | [`outline`] | rings around sets of cells (Rosenfeld 1970) | 5 ns a cell |
//! | [`form`] | urban form: façades by Crofton, roughness, H/W (Bocher 2018, Macdonald 1998) | 50 ns a cell |
//! | [`lcz`] | local climate zones (Stewart & Oke 2012, GeoClimate) | 0.2 µs a place |
//! | [`overlay`] | areas and borders of every combination of polygon layers, by a slab sweep in cells | 0.2 µs an edge |
//! | [`accuracy`] | areas adjusted for a map's errors, and their own (Olofsson 2014) | ns |
//! | [`patches`] | a raster of classes as polygons that cover it (Rosenfeld & Pfaltz 1966) | 20 ns a cell |
//! | [`clearance`] | room inside of a set of cells: largest disc, opening, ways (Felzenszwalb & Huttenlocher 2012) | 60 ns a cell |
//! | [`accuracy`] | areas adjusted for a map's errors, and their own (Olofsson 2014) | ns |
//! | [`misfit`] | how far an image lies beside the roofs (Barnea & Silverman 1972) | ms a tile |
//! | [`zonal`] | statistics of polygons, by exact coverage of cells (after Baston's exactextract) | 1 ns a cell |
//! | [`contour`] | lines of one value, by marching squares (Lorensen & Cline 1987) | 5 ns a cell and level |
//! | [`reach`] | distance to the nearest marked cell (Felzenszwalb & Huttenlocher 2012) | 0.1 µs a cell |
//! | [`disc`] | means of discs, by row sums | 1 ns a cell and row of the disc |
//! | [`regress`] | least squares with leave-one-out errors, ridge (Allen 1974, Hoerl & Kennard 1970) | µs a fit |
//! | [`select`] | best subset of signed covariates, nested leave-one-out | ms a choice |
//! | [`variogram`] | Matheron's estimator, fit by weighted least squares (Cressie 1985) | µs a pair |
//! | [`krige`] | kriging with drift and its variance (Matheron 1971) | 0.1 µs a cell at 33 stations |
//! | [`applicability`] | area of applicability (Meyer & Pebesma 2021) | ns a cell and station |
//! | [`readings`] | quality control and faults of sensor networks (Napoly 2018, Fenner 2021) | 0.3 µs a reading |
//! | [`levels`] | levels of detail of points, every class in each (after Schütz 2020) | 3 ns a point and level |
//! | [`globe`] | longitude, latitude, height → metres from the Earth's centre | 20 ns a point |
//! | [`chart`] | positions on a curved world, between exact nodes | 10 ns a point |

// The nouns.
pub mod dense;
pub mod distribution;
pub mod extent;
pub mod frame;
pub mod grid;
pub mod par;
pub mod points;
pub mod robust;
pub mod unit;

// The verbs, by name; the table above has them in flow order.
pub mod accuracy;
pub mod applicability;
pub mod bin;
pub mod buckets;
pub mod chart;
pub mod classify;
pub mod clear_sky;
pub mod clearance;
pub mod contour;
pub mod crowns;
pub mod decide;
pub mod disc;
mod facet;
pub mod fill;
pub mod focal;
pub mod footprint;
pub mod form;
pub mod globe;
pub mod ground;
mod horizon;
pub mod inpaint;
pub mod irradiation;
pub mod krige;
pub mod lcz;
pub mod learn;
pub mod levels;
pub mod misfit;
pub mod nearest;
pub mod opening;
pub mod outline;
pub mod overlay;
pub mod patches;
pub mod production;
pub mod radiant;
pub mod reach;
pub mod readings;
pub mod regress;
pub mod seen;
pub mod select;
pub mod shade;
pub mod sky;
pub mod solid;
pub mod spike_free;
pub mod stamp;
pub mod strata;
pub mod tin;
pub mod utci;
pub mod variogram;
pub mod zonal;
