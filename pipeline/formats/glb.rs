//! Vertices, indices and metadata → a binary glTF 2.0 (GLB), compressed with meshopt.
//!
//! In: streams of vertices as bytes, triangles, tables, images, and the JSON that says what they are. Out: the bytes of one
//! `.glb`, whose vertices and triangles are compressed after `EXT_meshopt_compression` (Khronos, ratified 2022); clients
//! without it find no other copy, so the extension is required. They may stay plain for clients that bring no decoder. Positions are whole numbers (`KHR_mesh_quantization`): a node's scale makes metres of
//! them. glTF's axes are x right, y up, z towards the viewer: a place east, north, up is written as [`axes`] says.
//!
//! Fails where: a stream is longer than 4 GB. Cost: 2 ns a byte of vertices.

use crate::fault;
use crate::text::Fault;
use serde_json::{Value, json};

/// A GLB in the making.
#[derive(Debug)]
pub struct Glb {
    /// The compressed bytes.
    bytes: Vec<u8>,
    /// Bytes that a client holds once it has decompressed them.
    whole: usize,
    views: Vec<Value>,
    accessors: Vec<Value>,
    packing: Packing,
}

/// How vertices and triangles are stored.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Packing {
    /// Compressed with meshopt, a third of the size: clients need its decoder, as CesiumJS brings it.
    #[default]
    Meshopt,
    /// As they are: for clients without a decoder.
    None,
}

/// The numbers of an accessor, as glTF calls them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// Whole numbers of 8 bits.
    U8 = 5121,
    /// Whole numbers of 16 bits.
    U16 = 5123,
    /// Whole numbers of 32 bits.
    U32 = 5125,
    /// Real numbers of 32 bits.
    F32 = 5126,
}

/// What part of a vertex an accessor takes.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// Its first byte in the vertex, a multiple of 4.
    pub offset: usize,
    /// Its numbers.
    pub number: Number,
    /// How many of them, as glTF says it: `SCALAR`, `VEC3`, …
    pub shape: &'static str,
    /// Whether whole numbers stand for 0 to 1.
    pub normalized: bool,
}

/// A place east, north and up in the order of glTF's axes.
pub fn axes([east, north, up]: [f64; 3]) -> [f64; 3] {
    [east, up, -north]
}

impl Glb {
    /// Nothing yet.
    pub fn new(packing: Packing) -> Glb {
        Glb { bytes: Vec::new(), whole: 0, views: Vec::new(), accessors: Vec::new(), packing }
    }

    /// Adds vertices of `N` bytes, `N` a multiple of 4, and accessors of their parts; returns the number of the first.
    ///
    /// # Errors
    /// Where they cannot be compressed.
    pub fn vertices<const N: usize>(&mut self, vertices: &[[u8; N]], parts: &[Part]) -> Result<usize, Fault> {
        let view = match self.packing {
            Packing::None => self.plain(vertices.as_flattened()),
            Packing::Meshopt => {
                let packed = meshopt::encode_vertex_buffer_level(vertices, 2, Some(0));
                self.view(&packed.map_err(|why| unpacked(&why))?, vertices.len(), N, "ATTRIBUTES")
            }
        };
        self.views[view]["target"] = json!(34962);
        self.views[view]["byteStride"] = json!(N);
        let first = self.accessors.len();
        for part in parts {
            self.accessors.push(json!({
                "bufferView": view, "byteOffset": part.offset, "componentType": part.number as u32,
                "normalized": part.normalized, "count": vertices.len(), "type": part.shape,
            }));
        }
        Ok(first)
    }

    /// Adds triangles between so many vertices; returns the number of their accessor.
    ///
    /// # Errors
    /// Where they cannot be compressed.
    pub fn triangles(&mut self, triangles: &[[u32; 3]], vertices: usize) -> Result<usize, Fault> {
        let indices = triangles.as_flattened();
        let view = match self.packing {
            Packing::None => {
                let bytes: Vec<u8> = indices.iter().flat_map(|index| index.to_le_bytes()).collect();
                self.plain(&bytes)
            }
            Packing::Meshopt => {
                let packed = meshopt::encode_index_buffer(indices, vertices).map_err(|why| unpacked(&why))?;
                self.view(&packed, indices.len(), 4, "TRIANGLES")
            }
        };
        self.views[view]["target"] = json!(34963);
        self.accessors.push(json!({
            "bufferView": view, "componentType": Number::U32 as u32, "count": indices.len(), "type": "SCALAR",
        }));
        Ok(self.accessors.len() - 1)
    }

    /// Adds bytes as they are; returns the number of their view.
    pub fn plain(&mut self, bytes: &[u8]) -> usize {
        // Tables ask for whole 8 bytes.
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        self.views.push(json!({ "buffer": 0, "byteOffset": self.bytes.len(), "byteLength": bytes.len() }));
        self.bytes.extend_from_slice(bytes);
        self.views.len() - 1
    }

    /// Says between which values an accessor's lie, as positions must.
    pub fn bounds(&mut self, accessor: usize, low: &[u32], high: &[u32]) {
        self.accessors[accessor]["min"] = json!(low);
        self.accessors[accessor]["max"] = json!(high);
    }

    fn view(&mut self, packed: &[u8], count: usize, stride: usize, mode: &str) -> usize {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        let length = count * stride;
        self.views.push(json!({
            "buffer": 1, "byteOffset": self.whole, "byteLength": length,
            "extensions": { "EXT_meshopt_compression": {
                "buffer": 0, "byteOffset": self.bytes.len(), "byteLength": packed.len(),
                "byteStride": stride, "count": count, "mode": mode,
            }},
        }));
        self.bytes.extend_from_slice(packed);
        self.whole += length.next_multiple_of(4);
        self.views.len() - 1
    }

    /// The whole file; `scene` brings nodes, meshes and metadata, and the names of the extensions that it uses.
    ///
    /// # Errors
    /// Where it is longer than a GLB can be.
    pub fn finish(self, mut scene: Value, extensions: &[&str]) -> Result<Vec<u8>, Fault> {
        let all = ["KHR_mesh_quantization", "EXT_meshopt_compression"];
        let required = if self.packing == Packing::Meshopt { &all[..] } else { &all[..1] };
        let used: Vec<&str> = required.iter().chain(extensions).copied().collect();
        scene["asset"] =
            json!({ "version": "2.0", "generator": concat!("ilot ", env!("CARGO_PKG_VERSION")) });
        scene["extensionsUsed"] = json!(used);
        scene["extensionsRequired"] = json!(required);
        scene["bufferViews"] = Value::Array(self.views);
        scene["accessors"] = Value::Array(self.accessors);
        let mut buffers = vec![json!({ "byteLength": self.bytes.len() })];
        if self.whole > 0 {
            let fallback = json!({ "EXT_meshopt_compression": { "fallback": true } });
            buffers.push(json!({ "byteLength": self.whole, "extensions": fallback }));
        }
        scene["buffers"] = Value::Array(buffers);
        let mut words = scene.to_string().into_bytes();
        words.resize(words.len().next_multiple_of(4), b' ');
        let mut binary = self.bytes;
        binary.resize(binary.len().next_multiple_of(4), 0);
        wrap(&words, &binary)
    }
}

/// Header and the two chunks.
fn wrap(words: &[u8], binary: &[u8]) -> Result<Vec<u8>, Fault> {
    let length = 12 + 8 + words.len() + 8 + binary.len();
    let size = u32::try_from(length).map_err(|why| unpacked(&why))?;
    let mut file = Vec::with_capacity(length);
    for (chunk, name) in [(words, b"JSON"), (binary, b"BIN\0")] {
        if file.is_empty() {
            file.extend_from_slice(b"glTF");
            file.extend_from_slice(&2_u32.to_le_bytes());
            file.extend_from_slice(&size.to_le_bytes());
        }
        file.extend_from_slice(&(chunk.len() as u32).to_le_bytes());
        file.extend_from_slice(name);
        file.extend_from_slice(chunk);
    }
    Ok(file)
}

fn unpacked(why: &dyn std::fmt::Display) -> Fault {
    fault!(
        fr: "Une tuile 3D ne peut être écrite ({why}) : réduisez --points-per-tile.",
        en: "A 3D tile cannot be written ({why}): lower --points-per-tile.",
    )
}
