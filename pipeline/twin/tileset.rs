//! Trees of tiles → `tileset.json` of 3D Tiles 1.1 (OGC 22-025r4), which viewers walk.
//!
//! In: branches with their geometric error in metres, the region of the globe that they fill, and their content. Out: the
//! JSON. What a viewer relies on is held here: a region holds those of its children, an error is smaller than its
//! parent's, a branch without children has none. Tiles are explicit; they add to their parents or stand in for them.

use serde_json::{Value, json};

/// Longitudes, latitudes and heights above the ellipsoid that something fills: degrees and metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    /// Smallest longitude, latitude and height.
    pub low: [f64; 3],
    /// Largest longitude, latitude and height.
    pub high: [f64; 3],
}

/// What is added around each region, so that rounded positions still lie inside: degrees (a metre at most) and metres.
const MARGIN: [f64; 3] = [1e-6, 1e-6, 0.1];

impl Region {
    /// The region around places.
    pub fn around(places: impl IntoIterator<Item = [f64; 3]>) -> Option<Region> {
        let single = |place: [f64; 3]| Region {
            low: std::array::from_fn(|i| place[i] - MARGIN[i]),
            high: std::array::from_fn(|i| place[i] + MARGIN[i]),
        };
        places.into_iter().map(single).reduce(|all, one| all.union(&one))
    }

    /// The smallest region that holds both.
    pub fn union(&self, other: &Region) -> Region {
        Region {
            low: std::array::from_fn(|i| self.low[i].min(other.low[i])),
            high: std::array::from_fn(|i| self.high[i].max(other.high[i])),
        }
    }

    /// From what `Region::json` wrote.
    pub fn read(value: &Value) -> Option<Region> {
        let numbers: Vec<f64> = value.as_array()?.iter().filter_map(Value::as_f64).collect();
        let [west, south, east, north, low, high] = numbers[..] else { return None };
        let degrees = |value: f64| value.to_degrees();
        Some(Region {
            low: [degrees(west), degrees(south), low],
            high: [degrees(east), degrees(north), high],
        })
    }

    /// As 3D Tiles write it: west, south, east, north in radians, lowest and highest in metres.
    fn json(&self) -> Value {
        let [west, south, low] = self.low;
        let [east, north, high] = self.high;
        json!([west.to_radians(), south.to_radians(), east.to_radians(), north.to_radians(), low, high])
    }
}

/// A tile of a tree, with those below it.
#[derive(Debug, Clone)]
pub struct Branch {
    /// How far what is seen may be from the truth while the children are not loaded, metres.
    pub error: f64,
    /// What it and its children fill.
    pub region: Region,
    /// Its content, relative to the file.
    pub uri: Option<String>,
    /// Finer tiles.
    pub children: Vec<Branch>,
    /// Whether these stand in for it, or are seen beside it.
    pub refine: Refine,
}

/// What becomes of a tile when its children are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refine {
    /// It stays.
    Add,
    /// They stand in for it.
    Replace,
}

impl Branch {
    /// A branch whose region holds its children's and whose errors fall towards its leaves.
    pub fn new(error: f64, own: Region, uri: Option<String>, children: Vec<Branch>) -> Branch {
        let region = children.iter().fold(own, |all, child| all.union(&child.region));
        let mut branch = Branch { error, region, uri, children, refine: Refine::Add };
        branch.children.iter_mut().for_each(|child| child.stay_below(error));
        branch
    }

    /// The branch, and all below it, whose children stand in for it.
    pub fn replaced(mut self) -> Branch {
        self.refine = Refine::Replace;
        self.children = self.children.into_iter().map(Branch::replaced).collect();
        self
    }

    fn stay_below(&mut self, error: f64) {
        if self.error < error {
            return;
        }
        self.error = error * 0.999;
        let own = self.error;
        self.children.iter_mut().for_each(|child| child.stay_below(own));
    }

    fn json(&self) -> Value {
        let refine = match self.refine {
            Refine::Add => "ADD",
            Refine::Replace => "REPLACE",
        };
        let region = self.region.json();
        let mut value =
            json!({ "boundingVolume": { "region": region }, "geometricError": self.error, "refine": refine });
        if let Some(uri) = &self.uri {
            value["content"] = json!({ "uri": uri });
        }
        if !self.children.is_empty() {
            value["children"] = self.children.iter().map(Branch::json).collect();
        }
        value
    }
}

/// A whole `tileset.json`; `transform` brings its contents to the globe, `about` says where it comes from.
pub fn encode(root: &Branch, transform: Option<[f64; 16]>, error: f64, about: &Value) -> Vec<u8> {
    let mut tree = root.json();
    if let Some(matrix) = transform {
        tree["transform"] = json!(matrix);
    }
    let asset = json!({ "version": "1.1", "generator": concat!("ilot ", env!("CARGO_PKG_VERSION")), "extras": about });
    let whole = json!({ "asset": asset, "geometricError": error, "root": tree });
    whole.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(error: f64, place: [f64; 3]) -> Branch {
        Branch::new(error, Region::around([place]).unwrap(), Some("a.glb".to_owned()), Vec::new())
    }

    #[test]
    fn parents_hold_their_children_and_errors_fall() {
        let inner = Branch::new(
            7.0,
            Region::around([[2.0, 48.0, 10.0]]).unwrap(),
            None,
            vec![leaf(7.0, [2.1, 48.2, 90.0])],
        );
        let root = Branch::new(5.0, Region::around([[2.0, 48.0, 0.0]]).unwrap(), None, vec![inner]);
        assert!(root.region.high[1] > 48.2 && root.region.high[2] > 90.0);
        assert!(root.children[0].error < 5.0 && root.children[0].children[0].error < root.children[0].error);
    }

    #[test]
    fn the_file_speaks_radians_and_names_its_version() {
        let bytes = encode(&leaf(0.0, [180.0, 0.0, 1.0]), None, 2.0, &json!({ "grid": "x" }));
        let value: Value = serde_json::from_slice(&bytes).unwrap();
        let west = value["root"]["boundingVolume"]["region"][0].as_f64().unwrap();
        assert!((west - std::f64::consts::PI).abs() < 1e-7);
        assert_eq!(
            (value["asset"]["version"].as_str(), value["asset"]["extras"]["grid"].as_str()),
            (Some("1.1"), Some("x"))
        );
    }
}
