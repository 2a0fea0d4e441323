//! Colours, near infrared and extra bytes of layered chunks.
//!
//! In: the decoders of their layers and the scanner channel of each point. Out: their columns. The models
//! follow LASzip's `RGB14`, `RGBNIR14` and `BYTE14` (Apache-2.0), versions 3 and 4; where a layer is empty
//! every point has the value of its channel's first one. Cost: some 30 ns per point and colour.

use super::arithmetic::{Bytes, Decoder, Model};

/// Which of four contexts colours, near infrared and extra bytes use, by LASzip's rules of version 3 or 4.
struct Follow {
    version: u16,
    used: [bool; 4],
    last: usize,
}

/// Where to take models and the last value from, and whether a value is to be copied first.
struct Place {
    models: usize,
    value: usize,
    copied: Option<(usize, usize)>,
}

impl Follow {
    fn new(version: u16, context: usize) -> Follow {
        let mut used = [false; 4];
        used[context] = true;
        Follow { version, used, last: context }
    }

    fn step(&mut self, context: usize) -> Place {
        let mut place = Place { models: context, value: self.last, copied: None };
        if self.last == context {
            return place;
        }
        if !self.used[context] {
            self.used[context] = true;
            place.copied = Some((self.last, context));
            place.value = context;
        }
        if self.version == 4 {
            place.value = context;
        }
        self.last = context;
        place
    }
}

type Lazy<M> = [Option<Box<M>>; 4];

fn model<'a, M>(slots: &'a mut Lazy<M>, place: &Place, new: impl FnOnce() -> M) -> &'a mut M {
    slots[place.models].get_or_insert_with(|| Box::new(new()))
}

fn is_spent(layer: &Option<Decoder>) -> bool {
    layer.as_ref().is_none_or(Decoder::is_spent)
}

/// Models of a colour: which bytes changed, then the low and the high byte of red, green, blue.
struct Colours {
    changes: Model<128, 130>,
    bytes: [Bytes; 6],
}

impl Colours {
    fn new() -> Colours {
        Colours { changes: Model::new(128), bytes: std::array::from_fn(|_| Bytes::new(256)) }
    }

    fn next(&mut self, decoder: &mut Decoder, last: [u16; 3]) -> [u16; 3] {
        let changes = decoder.symbol(&mut self.changes);
        let mut bytes = [[0u8; 2]; 3];
        let last = last.map(u16::to_le_bytes);
        for half in 0..2 {
            bytes[0][half] = match changes >> half & 1 {
                0 => last[0][half],
                _ => last[0][half].wrapping_add(decoder.symbol(&mut self.bytes[half]) as u8),
            };
        }
        if changes & 64 == 0 {
            return [u16::from_le_bytes(bytes[0]); 3];
        }
        for half in 0..2 {
            let mut step = i32::from(bytes[0][half]) - i32::from(last[0][half]);
            for band in 1..3 {
                let place = 2 * band + half;
                bytes[band][half] = last[band][half];
                if changes >> place & 1 == 0 {
                    continue;
                }
                if band == 2 {
                    step = (step + i32::from(bytes[1][half]) - i32::from(last[1][half])) / 2;
                }
                let expected = (step + i32::from(last[band][half])).clamp(0, 255) as u8;
                bytes[band][half] = expected.wrapping_add(decoder.symbol(&mut self.bytes[place]) as u8);
            }
        }
        bytes.map(u16::from_le_bytes)
    }
}

/// Colours of all points of a chunk; returns whether the layer is spent.
pub(super) fn colours(
    mut layer: Option<Decoder>,
    version: u16,
    channels: &[u8],
    first: [u16; 3],
    column: &mut Vec<[u16; 3]>,
) -> bool {
    let mut models: Lazy<Colours> = Default::default();
    values(version, channels, first, column, |place, last| match &mut layer {
        Some(layer) => model(&mut models, place, Colours::new).next(layer, last),
        None => last,
    });
    is_spent(&layer)
}

/// Models of a near infrared value: which bytes changed, then the low and the high one.
struct Infrared {
    changes: Model<16, 10>,
    bytes: [Bytes; 2],
}

impl Infrared {
    fn new() -> Infrared {
        Infrared { changes: Model::new(4), bytes: [Bytes::new(256), Bytes::new(256)] }
    }

    fn next(&mut self, decoder: &mut Decoder, last: u16) -> u16 {
        let changes = decoder.symbol(&mut self.changes);
        let mut bytes = last.to_le_bytes();
        for (half, byte) in bytes.iter_mut().enumerate() {
            if changes >> half & 1 != 0 {
                *byte = byte.wrapping_add(decoder.symbol(&mut self.bytes[half]) as u8);
            }
        }
        u16::from_le_bytes(bytes)
    }
}

/// Near infrared of all points of a chunk; returns whether the layer is spent.
pub(super) fn infrared(
    mut layer: Option<Decoder>,
    version: u16,
    channels: &[u8],
    first: u16,
    column: &mut Vec<u16>,
) -> bool {
    let mut models: Lazy<Infrared> = Default::default();
    values(version, channels, first, column, |place, last| match &mut layer {
        Some(layer) => model(&mut models, place, Infrared::new).next(layer, last),
        None => last,
    });
    is_spent(&layer)
}

/// Extra bytes of all points of a chunk, point by point; returns whether all layers are spent.
pub(super) fn extra(
    mut layers: Vec<Option<Decoder>>,
    version: u16,
    channels: &[u8],
    first: &[u8],
    column: &mut Vec<u8>,
) -> bool {
    column.resize(channels.len() * first.len(), 0);
    let mut one = Vec::with_capacity(channels.len());
    for (nth, layer) in layers.iter_mut().enumerate() {
        // Each byte has a layer and models of its own; only the rule of contexts is shared.
        let mut models: Lazy<Bytes> = Default::default();
        values(version, channels, first[nth], &mut one, |place, last| match layer {
            Some(layer) => {
                let step = layer.symbol(model(&mut models, place, || Bytes::new(256)));
                last.wrapping_add(step as u8)
            }
            None => last,
        });
        for (point, &byte) in column.chunks_exact_mut(first.len()).zip(&one) {
            point[nth] = byte;
        }
    }
    layers.iter().all(is_spent)
}

/// Fills a column: `next` makes a value from the one before, at the place that [`Follow`] tells.
fn values<T: Copy + Default>(
    version: u16,
    channels: &[u8],
    first: T,
    column: &mut Vec<T>,
    mut next: impl FnMut(&Place, T) -> T,
) {
    column.clear();
    let Some((&start, others)) = channels.split_first() else { return };
    let mut follow = Follow::new(version, usize::from(start & 3));
    let mut last = [T::default(); 4];
    last[usize::from(start & 3)] = first;
    column.push(first);
    for &channel in others {
        let place = follow.step(usize::from(channel & 3));
        if let Some((from, to)) = place.copied {
            last[to] = last[from];
        }
        last[place.value] = next(&place, last[place.value]);
        column.push(last[place.value]);
    }
}
