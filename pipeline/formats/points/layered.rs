//! Chunks of point formats 6 to 10: the layers of LASzip 3 and 4 into columns.
//!
//! In: the bytes of one chunk. Out: the columns asked for; other layers are skipped unread. A chunk is one
//! raw point, the number of points, the size of each layer, the layers; each layer is an arithmetic stream of
//! its own. The contexts follow LASzip's `LASreadItemCompressed_POINT14_v3` and `_v4` (and `RGB14`,
//! `RGBNIR14`, `BYTE14`), Apache-2.0; the `laz` crate is the elder it is tested against. Wave packets are
//! skipped. Fails, with a flaw, where layers do not fill the chunk exactly or a layer read is not spent
//! exactly. Cost: about 0.1 µs per point for x, y, z, returns and class.

use super::arithmetic::{Bytes, Decoder, Integer, Model};
use super::attributes;
use super::batch::{Batch, Layers};
use super::flaw::Flaw;
use super::header::Fields;
use super::laszip::{Item, ItemKind};
use crate::text;

/// Zero bytes behind a chunk, so that a decoder's look-ahead stays inside.
pub(super) const PADDING: usize = 8;

/// Contexts of return numbers: `RETURN_MAP[number of returns][return number]`, six of them.
const RETURN_MAP: [[u8; 16]; 16] = [
    [0, 1, 2, 3, 4, 5, 3, 4, 4, 5, 5, 5, 5, 5, 5, 5],
    [1, 0, 1, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3],
    [2, 1, 2, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3],
    [3, 3, 4, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4],
    [4, 3, 4, 4, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4],
    [5, 3, 4, 4, 4, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4],
    [3, 3, 4, 4, 4, 4, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4],
    [4, 3, 4, 4, 4, 4, 4, 5, 4, 4, 4, 4, 4, 4, 4, 4],
    [4, 3, 4, 4, 4, 4, 4, 4, 5, 4, 4, 4, 4, 4, 4, 4],
    [5, 3, 4, 4, 4, 4, 4, 4, 4, 5, 4, 4, 4, 4, 4, 4],
    [5, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5, 4, 4, 4, 4, 4],
    [5, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 4, 4, 4],
    [5, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 4, 4],
    [5, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 4],
    [5, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5],
    [5, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5],
];

/// The running median of five, as LASzip keeps it.
#[derive(Clone, Copy)]
struct Median {
    values: [i32; 5],
    high: bool,
}

impl Median {
    const NEW: Median = Median { values: [0; 5], high: true };

    #[inline(always)]
    fn get(&self) -> i32 {
        self.values[2]
    }

    #[inline(always)]
    fn add(&mut self, value: i32) {
        let v = &mut self.values;
        if self.high {
            if value < v[2] {
                (v[4], v[3]) = (v[3], v[2]);
                if value < v[0] {
                    (v[2], v[1], v[0]) = (v[1], v[0], value);
                } else if value < v[1] {
                    (v[2], v[1]) = (v[1], value);
                } else {
                    v[2] = value;
                }
            } else {
                if value < v[3] {
                    (v[4], v[3]) = (v[3], value);
                } else {
                    v[4] = value;
                }
                self.high = false;
            }
        } else if v[2] < value {
            (v[0], v[1]) = (v[1], v[2]);
            if v[4] < value {
                (v[2], v[3], v[4]) = (v[3], v[4], value);
            } else if v[3] < value {
                (v[2], v[3]) = (v[3], value);
            } else {
                v[2] = value;
            }
        } else {
            if v[1] < value {
                (v[0], v[1]) = (v[1], value);
            } else {
                v[0] = value;
            }
            self.high = true;
        }
    }
}

/// Symbols of the classification flags.
type Flags = Model<64, 18>;
/// Few symbols: return numbers, scanner channels.
type Few = Model<16, 10>;

/// A model made when it is first used.
type Lazy<M> = Option<Box<M>>;

fn bytes_of(slot: &mut Lazy<Bytes>) -> &mut Bytes {
    slot.get_or_insert_with(|| Box::new(Bytes::new(256)))
}

/// The last point of a channel.
#[derive(Clone, Copy, Default)]
struct Last {
    x: i32,
    y: i32,
    z: i32,
    number: u8,
    returns: u8,
    gps_changed: bool,
    class: u8,
    /// Edge of flight line, scan direction, four classification flags: as LASzip packs them.
    flags: u8,
    intensity: u16,
    angle: i16,
    user: u8,
    source: u16,
    gps: i64,
}

impl Last {
    /// From the 30 bytes of a raw point.
    fn raw(point: &Fields) -> Last {
        let flags = point.u8(15);
        Last {
            x: point.i32(0),
            y: point.i32(4),
            z: point.i32(8),
            number: point.u8(14) & 15,
            returns: point.u8(14) >> 4,
            gps_changed: false,
            class: point.u8(16),
            flags: flags & 15 | (flags >> 6 & 1) << 4 | (flags >> 7) << 5,
            intensity: point.u16(12),
            angle: point.u16(18) as i16,
            user: point.u8(17),
            source: point.u16(20),
            gps: point.u64(22) as i64,
        }
    }

    /// Context of what changes: first, last, intermediate or single return, and GPS time.
    #[inline(always)]
    fn change(&self) -> usize {
        usize::from(self.number == 1)
            | usize::from(self.number >= self.returns) << 1
            | usize::from(self.gps_changed) << 2
    }
}

/// Up to four GPS times that interleave.
struct Times {
    last: usize,
    next: usize,
    times: [i64; 4],
    steps: [i32; 4],
    extremes: [u32; 4],
    with_step: Model<515, 258>,
    without_step: Few,
    integer: Integer,
}

/// One scanner channel: its last point and all its models.
struct Channel {
    last: Last,
    x_steps: [Median; 12],
    y_steps: [Median; 12],
    heights: [i32; 8],
    intensities: [u16; 8],
    changes: Vec<Model<128, 130>>,
    scanner: Few,
    returns: [Lazy<Few>; 16],
    numbers: [Lazy<Few>; 16],
    number_same_time: Few,
    x: Integer,
    y: Integer,
    z: Integer,
    classes: Vec<Lazy<Bytes>>,
    flags: Vec<Lazy<Flags>>,
    users: Vec<Lazy<Bytes>>,
    intensity: Lazy<Integer>,
    angle: Lazy<Integer>,
    source: Lazy<Integer>,
    times: Lazy<Times>,
}

impl Channel {
    /// A channel that starts at this point.
    fn new(last: Last) -> Channel {
        Channel {
            last: Last { gps_changed: false, ..last },
            x_steps: [Median::NEW; 12],
            y_steps: [Median::NEW; 12],
            heights: [last.z; 8],
            intensities: [last.intensity; 8],
            changes: vec![Model::new(128); 8],
            scanner: Few::new(3),
            returns: Default::default(),
            numbers: Default::default(),
            number_same_time: Few::new(13),
            x: Integer::new(32, 2),
            y: Integer::new(32, 22),
            z: Integer::new(32, 20),
            classes: vec![None; 64],
            flags: vec![None; 64],
            users: vec![None; 64],
            intensity: None,
            angle: None,
            source: None,
            times: None,
        }
    }

    /// Return number and number of returns.
    #[inline(always)]
    fn next_return(&mut self, decoder: &mut Decoder, changes: u32, gps_changed: bool) {
        let few = |slot: &mut Lazy<Few>, decoder: &mut Decoder| {
            decoder.symbol(slot.get_or_insert_with(|| Box::new(Few::new(16)))) as u8
        };
        let Last { number, returns, .. } = self.last;
        if changes & 4 != 0 {
            self.last.returns = few(&mut self.returns[usize::from(returns & 15)], decoder);
        }
        self.last.number = match changes & 3 {
            0 => number,
            1 => (number + 1) & 15,
            2 => number.wrapping_sub(1) & 15,
            _ if gps_changed => few(&mut self.numbers[usize::from(number & 15)], decoder),
            _ => (number + decoder.symbol(&mut self.number_same_time) as u8 + 2) & 15,
        };
    }

    /// Position on the map.
    #[inline(always)]
    fn next_xy(&mut self, decoder: &mut Decoder, gps_changed: bool) {
        let Last { number, returns, .. } = self.last;
        let map = usize::from(RETURN_MAP[usize::from(returns & 15)][usize::from(number & 15)]);
        let way = ((map << 1) | usize::from(gps_changed)).min(11);
        let single = usize::from(returns == 1);
        let step = self.x.next(decoder, self.x_steps[way].get(), single);
        self.last.x = self.last.x.wrapping_add(step);
        self.x_steps[way].add(step);
        let power = if self.x.power < 20 { self.x.power & !1 } else { 20 };
        let step = self.y.next(decoder, self.y_steps[way].get(), single + power as usize);
        self.last.y = self.last.y.wrapping_add(step);
        self.y_steps[way].add(step);
    }

    /// Height.
    #[inline(always)]
    fn next_z(&mut self, decoder: &mut Decoder) {
        let Last { number, returns, .. } = self.last;
        let level = usize::from(returns.abs_diff(number).min(7));
        let power = (self.x.power + self.y.power) / 2;
        let context = usize::from(returns == 1) + if power < 18 { power & !1 } else { 18 } as usize;
        self.last.z = self.z.next(decoder, self.heights[level], context);
        self.heights[level] = self.last.z;
    }

    /// Bit 1: a first return; bit 0: a last one.
    #[inline(always)]
    fn place(&self) -> usize {
        usize::from(self.last.number == 1) << 1 | usize::from(self.last.number >= self.last.returns)
    }

    #[inline(always)]
    fn next_class(&mut self, decoder: &mut Decoder) {
        let context = usize::from(self.last.class & 31) << 1 | usize::from(self.place() == 3);
        self.last.class = decoder.symbol(bytes_of(&mut self.classes[context])) as u8;
    }

    fn next_flags(&mut self, decoder: &mut Decoder) {
        let slot = &mut self.flags[usize::from(self.last.flags & 63)];
        let model = slot.get_or_insert_with(|| Box::new(Flags::new(64)));
        self.last.flags = decoder.symbol(model) as u8;
    }

    fn next_intensity(&mut self, decoder: &mut Decoder, gps_changed: bool) {
        let place = self.place();
        let way = place << 1 | usize::from(gps_changed);
        let integer = self.intensity.get_or_insert_with(|| Box::new(Integer::new(16, 4)));
        let value = integer.next(decoder, i32::from(self.intensities[way]), place) as u16;
        self.last.intensity = value;
        self.intensities[way] = value;
    }

    fn next_angle(&mut self, decoder: &mut Decoder, gps_changed: bool) {
        let integer = self.angle.get_or_insert_with(|| Box::new(Integer::new(16, 2)));
        self.last.angle = integer.next(decoder, i32::from(self.last.angle), usize::from(gps_changed)) as i16;
    }

    fn next_user(&mut self, decoder: &mut Decoder) {
        let model = bytes_of(&mut self.users[usize::from(self.last.user / 4)]);
        self.last.user = decoder.symbol(model) as u8;
    }

    fn next_source(&mut self, decoder: &mut Decoder) {
        let integer = self.source.get_or_insert_with(|| Box::new(Integer::new(16, 1)));
        self.last.source = integer.next(decoder, i32::from(self.last.source), 0) as u16;
    }

    fn next_time(&mut self, decoder: &mut Decoder) {
        let start = self.last.gps;
        self.last.gps = self.times.get_or_insert_with(|| Box::new(Times::new(start))).next(decoder);
    }
}

impl Times {
    /// Multiples of the last step that have a symbol of their own: 0 to 500, then −1 to −10.
    const MOST: i32 = 500;
    const LEAST: i32 = -10;
    /// The symbol of a time that no step reaches.
    const FAR: i32 = Times::MOST - Times::LEAST + 1;

    fn new(start: i64) -> Times {
        Times {
            last: 0,
            next: 0,
            times: [start, 0, 0, 0],
            steps: [0; 4],
            extremes: [0; 4],
            with_step: Model::new(515),
            without_step: Few::new(5),
            integer: Integer::new(32, 9),
        }
    }

    fn next(&mut self, decoder: &mut Decoder) -> i64 {
        // A switch of sequence is followed by a time; a damaged stream could switch for ever.
        for _ in 0..8 {
            let switched = match self.steps[self.last] {
                0 => self.next_without_step(decoder),
                _ => self.next_with_step(decoder),
            };
            if !switched {
                break;
            }
        }
        self.times[self.last]
    }

    fn advance(&mut self, step: i32) {
        self.times[self.last] = self.times[self.last].wrapping_add(i64::from(step));
    }

    /// Whether another sequence was chosen instead of a time.
    fn next_without_step(&mut self, decoder: &mut Decoder) -> bool {
        match decoder.symbol(&mut self.without_step) as usize {
            0 => {
                let step = self.integer.next(decoder, 0, 0);
                self.steps[self.last] = step;
                self.extremes[self.last] = 0;
                self.advance(step);
            }
            1 => self.next_far(decoder),
            other => {
                self.last = (self.last + other - 1) & 3;
                return true;
            }
        }
        false
    }

    /// Whether another sequence was chosen instead of a time.
    fn next_with_step(&mut self, decoder: &mut Decoder) -> bool {
        let times = decoder.symbol(&mut self.with_step) as i32;
        if times == Times::FAR {
            self.next_far(decoder);
            return false;
        }
        if times > Times::FAR {
            self.last = (self.last + (times - Times::FAR) as usize) & 3;
            return true;
        }
        let (factor, context, extreme) = match times {
            1 => (1, 1, false),
            0 => (0, 7, true),
            2..10 => (times, 2, false),
            10..Times::MOST => (times, 3, false),
            Times::MOST => (times, 4, true),
            _ if Times::MOST - times > Times::LEAST => (Times::MOST - times, 5, false),
            _ => (Times::LEAST, 6, true),
        };
        let step = self.integer.next(decoder, factor.wrapping_mul(self.steps[self.last]), context);
        if times == 1 {
            self.extremes[self.last] = 0;
        }
        if extreme {
            self.extremes[self.last] += 1;
            if self.extremes[self.last] > 3 {
                self.steps[self.last] = step;
                self.extremes[self.last] = 0;
            }
        }
        self.advance(step);
        false
    }

    /// A time written in full.
    fn next_far(&mut self, decoder: &mut Decoder) {
        self.next = (self.next + 1) & 3;
        let high = self.integer.next(decoder, (self.times[self.last] >> 32) as i32, 8);
        self.times[self.next] = i64::from(high) << 32 | i64::from(decoder.int());
        self.last = self.next;
        self.steps[self.last] = 0;
        self.extremes[self.last] = 0;
    }
}

/// Decoders of the nine layers of a point; `None` where a layer is not wanted or says nothing.
struct PointLayers<'a> {
    z: Option<Decoder<'a>>,
    class: Option<Decoder<'a>>,
    flags: Option<Decoder<'a>>,
    intensity: Option<Decoder<'a>>,
    angle: Option<Decoder<'a>>,
    user: Option<Decoder<'a>>,
    source: Option<Decoder<'a>>,
    gps: Option<Decoder<'a>>,
}

/// Walks through a chunk's layers in their order.
struct Walk<'a> {
    bytes: &'a [u8],
    sizes: usize,
    at: usize,
}

impl<'a> Walk<'a> {
    /// The next layer, where it is wanted and not empty.
    fn layer(&mut self, wanted: bool) -> Option<Decoder<'a>> {
        let size = Fields(self.bytes).u32(self.sizes) as usize;
        let start = self.at;
        self.sizes += 4;
        self.at += size;
        (wanted && size > 0).then(|| Decoder::new(self.bytes.get(start..).unwrap_or_default(), size))
    }
}

/// Number of layers of an item.
fn layers_of(item: &Item) -> usize {
    match item.kind {
        ItemKind::Point14 => 9,
        ItemKind::Rgb14 | ItemKind::WavePacket14 => 1,
        ItemKind::RgbNir14 => 2,
        ItemKind::Byte14 => usize::from(item.size),
        _ => 0,
    }
}

/// Bytes of a chunk by its own sizes, from its first bytes (at least [`head_size`] of them), and its points.
pub(super) fn measure(items: &[Item], head: &[u8]) -> (u64, u64) {
    let raw: usize = items.iter().map(|item| usize::from(item.size)).sum();
    let count: usize = items.iter().map(layers_of).sum();
    let fields = Fields(head);
    let layers: u64 = (0..count).map(|nth| u64::from(fields.u32(raw + 4 + 4 * nth))).sum();
    (head_size(items) as u64 + layers, u64::from(fields.u32(raw)))
}

/// Bytes of a chunk before its first layer: a raw point, the number of points, the sizes of layers.
pub(super) fn head_size(items: &[Item]) -> usize {
    let raw: usize = items.iter().map(|item| usize::from(item.size)).sum();
    raw + 4 + 4 * items.iter().map(layers_of).sum::<usize>()
}

/// Decodes a chunk of `points`; `bytes` are followed by [`PADDING`] zeros.
pub(super) fn decode(
    items: &[Item],
    bytes: &[u8],
    points: usize,
    layers: Layers,
    batch: &mut Batch,
) -> Result<(), Flaw> {
    let size = bytes.len().saturating_sub(PADDING);
    if size < head_size(items) || measure(items, bytes) != (size as u64, points as u64) {
        return Err(Flaw::Damaged(text!(
            fr: "la table de ses blocs et un bloc ne s'accordent pas",
            en: "the table of its chunks and a chunk disagree"
        )));
    }
    let raw: usize = items.iter().map(|item| usize::from(item.size)).sum();
    let mut walk = Walk { bytes, sizes: raw + 4, at: head_size(items) };
    let mut follow = Vec::new();
    let mut start = 0;
    for item in items {
        let first = &bytes[start..start + usize::from(item.size)];
        start += usize::from(item.size);
        let spent = match item.kind {
            ItemKind::Point14 => points_14(item.version, first, &mut walk, layers, batch, &mut follow),
            ItemKind::Rgb14 | ItemKind::RgbNir14 => colours(item, first, &mut walk, layers, batch, &follow),
            ItemKind::Byte14 => extra_bytes(item, first, &mut walk, layers, batch, &follow),
            _ => walk.layer(false).is_none(),
        };
        if !spent {
            return Err(out_of_step());
        }
    }
    Ok(())
}

/// The flaw of a layer that ends too early or too late.
pub(super) fn out_of_step() -> Flaw {
    Flaw::Damaged(text!(
        fr: "des points compressés sont illisibles (le décodage ne tombe pas sur la fin d'un bloc)",
        en: "compressed points cannot be read (decoding does not meet the end of a chunk)"
    ))
}

/// Whether a layer that was read was read to its very end.
fn is_spent(layer: &Option<Decoder>) -> bool {
    layer.as_ref().is_none_or(Decoder::is_spent)
}

/// The 30 bytes of a point: returns whether each layer that was read is spent.
fn points_14(
    version: u16,
    first: &[u8],
    walk: &mut Walk,
    layers: Layers,
    batch: &mut Batch,
    follow: &mut Vec<u8>,
) -> bool {
    let points = batch.len();
    let attributes = [Layers::COLOUR, Layers::NEAR_INFRARED, Layers::EXTRA];
    let followed = attributes.iter().any(|&layer| layers.has(layer));
    follow.resize(if followed { points } else { 0 }, 0);
    let xy = walk.layer(true);
    let mut other = PointLayers {
        z: walk.layer(true),
        class: walk.layer(layers.has(Layers::CLASS)),
        flags: walk.layer(layers.has(Layers::FLAGS)),
        intensity: walk.layer(layers.has(Layers::INTENSITY)),
        angle: walk.layer(layers.has(Layers::SCAN_ANGLE)),
        user: walk.layer(layers.has(Layers::USER_DATA)),
        source: walk.layer(layers.has(Layers::POINT_SOURCE)),
        gps: walk.layer(layers.has(Layers::GPS_TIME)),
    };
    if layers.has(Layers::GPS_TIME) {
        batch.gps_time.resize(points, 0.0);
    }
    let mut xy = xy.unwrap_or_else(|| Decoder::new(&[], 4));
    let mut channels = Channels::new(first);
    batch.put(0, &channels.now.last);
    if let Some(place) = follow.first_mut() {
        *place = channels.at as u8;
    }
    set(&mut batch.channel, 0, channels.at as u8);
    for point in 1..points {
        let changed_channel = channels.next(&mut xy, &mut other);
        batch.put(point, &channels.now.last);
        set(&mut batch.channel, point, channels.at as u8);
        if let Some(place) = follow.get_mut(point) {
            // Version 3 tells the other items of a channel only where it changes.
            *place = if version == 4 || changed_channel { channels.at as u8 } else { 0 };
        }
    }
    xy.is_spent() && other.are_spent()
}

impl PointLayers<'_> {
    fn are_spent(&self) -> bool {
        let Self { z, class, flags, intensity, angle, user, source, gps } = self;
        [z, class, flags, intensity, angle, user, source, gps].into_iter().all(is_spent)
    }
}

/// The scanner channels of a chunk: the one in use and those set aside.
struct Channels {
    now: Box<Channel>,
    at: usize,
    aside: [Option<Box<Channel>>; 4],
}

impl Channels {
    fn new(first: &[u8]) -> Channels {
        let fields = Fields(first);
        let now = Box::new(Channel::new(Last::raw(&fields)));
        Channels { now, at: usize::from(fields.u8(15) >> 4 & 3), aside: [None, None, None, None] }
    }

    #[cold]
    fn switch(&mut self, xy: &mut Decoder) {
        let to = (self.at + xy.symbol(&mut self.now.scanner) as usize + 1) & 3;
        let next = self.aside[to].take().unwrap_or_else(|| Box::new(Channel::new(self.now.last)));
        self.aside[self.at] = Some(std::mem::replace(&mut self.now, next));
        self.at = to;
    }

    /// Decodes the next point to `now.last`; returns whether the channel changed.
    #[inline(always)]
    fn next(&mut self, xy: &mut Decoder, other: &mut PointLayers) -> bool {
        let context = self.now.last.change();
        let changes = xy.symbol(&mut self.now.changes[context & 7]);
        if changes & 64 != 0 {
            self.switch(xy);
        }
        let gps_changed = changes & 16 != 0;
        let channel = &mut *self.now;
        channel.next_return(xy, changes, gps_changed);
        channel.next_xy(xy, gps_changed);
        if let Some(z) = &mut other.z {
            channel.next_z(z);
        }
        if let Some(class) = &mut other.class {
            channel.next_class(class);
        }
        if let Some(flags) = &mut other.flags {
            channel.next_flags(flags);
        }
        if let Some(intensity) = &mut other.intensity {
            channel.next_intensity(intensity, gps_changed);
        }
        if let Some(angle) = other.angle.as_mut().filter(|_| changes & 8 != 0) {
            channel.next_angle(angle, gps_changed);
        }
        if let Some(user) = &mut other.user {
            channel.next_user(user);
        }
        if let Some(source) = other.source.as_mut().filter(|_| changes & 32 != 0) {
            channel.next_source(source);
        }
        if let Some(gps) = other.gps.as_mut().filter(|_| gps_changed) {
            channel.next_time(gps);
        }
        channel.last.gps_changed = gps_changed;
        changes & 64 != 0
    }
}

impl Batch {
    /// Writes a point to the columns that are there.
    #[inline(always)]
    fn put(&mut self, point: usize, last: &Last) {
        self.x[point] = last.x;
        self.y[point] = last.y;
        self.z[point] = last.z;
        self.by_return[usize::from(last.number & 15)] += 1;
        self.odd_returns += u64::from(last.number > last.returns);
        set(&mut self.class, point, last.class);
        set(&mut self.return_number, point, last.number);
        set(&mut self.number_of_returns, point, last.returns);
        set(&mut self.flags, point, last.flags & 15);
        set(&mut self.intensity, point, last.intensity);
        set(&mut self.scan_angle, point, f32::from(last.angle) * 0.006);
        set(&mut self.user_data, point, last.user);
        set(&mut self.point_source, point, last.source);
        set(&mut self.gps_time, point, f64::from_bits(last.gps as u64));
    }
}

#[inline(always)]
fn set<T>(column: &mut [T], point: usize, value: T) {
    if let Some(cell) = column.get_mut(point) {
        *cell = value;
    }
}

/// Red, green, blue and, for format 8 and 10, near infrared: returns whether each layer that was read is spent.
fn colours(
    item: &Item,
    first: &[u8],
    walk: &mut Walk,
    layers: Layers,
    batch: &mut Batch,
    follow: &[u8],
) -> bool {
    let fields = Fields(first);
    let colour = walk.layer(layers.has(Layers::COLOUR));
    let infrared = match item.kind {
        ItemKind::RgbNir14 => walk.layer(layers.has(Layers::NEAR_INFRARED)),
        _ => None,
    };
    let mut spent = true;
    if layers.has(Layers::COLOUR) {
        let start = [fields.u16(0), fields.u16(2), fields.u16(4)];
        spent &= attributes::colours(colour, item.version, follow, start, &mut batch.colour);
    }
    if layers.has(Layers::NEAR_INFRARED) && item.kind == ItemKind::RgbNir14 {
        spent &=
            attributes::infrared(infrared, item.version, follow, fields.u16(6), &mut batch.near_infrared);
    }
    spent
}

/// Extra bytes, one layer for each: returns whether each layer that was read is spent.
fn extra_bytes(
    item: &Item,
    first: &[u8],
    walk: &mut Walk,
    layers: Layers,
    batch: &mut Batch,
    follow: &[u8],
) -> bool {
    let wanted = layers.has(Layers::EXTRA);
    let decoders = first.iter().map(|_| walk.layer(wanted)).collect();
    if !wanted {
        return true;
    }
    batch.extra_width = first.len();
    attributes::extra(decoders, item.version, follow, first, &mut batch.extra_bytes)
}
