//! The arithmetic decoder of LASzip: bytes of one layer in, symbols and integers out.
//!
//! The method is Said's adaptive arithmetic coding (Introduction to Arithmetic Coding, HP Labs HPL-2004-76),
//! with the models and the integer prediction of LASzip (Isenburg 2013, PE&RS 79(2)), whose bit stream this
//! follows exactly; the `laz` crate is the elder it is tested against. Three things differ from that crate,
//! none of which changes a value:
//!
//! * a byte behind the end reads as 0 instead of being an error, and [`Decoder::is_spent`] tells afterwards
//!   whether **exactly** all bytes were used. LASzip's encoder ends in step with the decoder's reads, so a
//!   sound layer is spent to its last byte, while a damaged one falls out of step and almost never is;
//! * no symbol passes through an `io::Result`, and shifting new bytes in needs no branch;
//! * models are small (`u16`) and made when first used, and a table four times finer than LASzip's cuts the
//!   search for a symbol: fewer guesses of the processor go wrong (−8 % of a decode).
//!
//! No stream can make it panic or loop: intervals never get empty, since every symbol keeps a count ≥ 1.
//! Cost: some 10 ns per symbol.

/// Bits of precision of symbol frequencies.
const PRECISION: u32 = 15;
/// Bits of precision of the frequency of a single bit.
const BIT_PRECISION: u32 = 13;

/// One stream of bytes being decoded.
pub(super) struct Decoder<'a> {
    /// The layer and whatever follows it.
    bytes: &'a [u8],
    /// Next byte.
    at: usize,
    /// Bytes of the layer itself.
    size: usize,
    value: u32,
    length: u32,
}

impl<'a> Decoder<'a> {
    /// Decodes the first `size` of these bytes. What follows them is never used, but spares checks.
    pub fn new(bytes: &'a [u8], size: usize) -> Decoder<'a> {
        let mut decoder = Decoder { bytes, at: 0, size, value: 0, length: u32::MAX };
        // The largest value lies outside the first interval; no encoder writes it.
        decoder.value = decoder.word().min(u32::MAX - 1);
        decoder.at = 4;
        decoder
    }

    /// Whether exactly all bytes were used.
    pub fn is_spent(&self) -> bool {
        self.at == self.size
    }

    /// Whether more bytes were used than there are.
    pub fn is_overdrawn(&self) -> bool {
        self.at > self.size
    }

    /// The next four bytes.
    #[inline(always)]
    fn word(&self) -> u32 {
        match self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<4>()) {
            Some(word) => u32::from_be_bytes(*word),
            None => self.last_word(),
        }
    }

    /// The next bytes where fewer than four are left; zeros behind them.
    #[cold]
    fn last_word(&self) -> u32 {
        let mut word = [0; 4];
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        word[..rest.len()].copy_from_slice(rest);
        u32::from_be_bytes(word)
    }

    /// Takes in as many bytes as the interval has lost: it is 2^24 at least then.
    #[inline(always)]
    fn renew(&mut self) {
        let shift = self.length.leading_zeros() & 24;
        let both = u64::from(self.value) << 32 | u64::from(self.word());
        self.value = (both << shift >> 32) as u32;
        self.length <<= shift;
        self.at += (shift / 8) as usize;
    }

    /// The next symbol of a model.
    #[inline(always)]
    pub fn symbol<const N: usize, const T: usize>(&mut self, model: &mut Model<N, T>) -> u32 {
        let unit = self.length >> PRECISION;
        let wanted = self.value / unit;
        let symbol = model.find(wanted);
        let low = u32::from(model.starts[symbol]) * unit;
        let high = match model.starts.get(symbol + 1) {
            Some(&next) if symbol < usize::from(model.last) => u32::from(next) * unit,
            _ => self.length,
        };
        self.value -= low;
        self.length = high - low;
        self.renew();
        model.saw(symbol);
        symbol as u32
    }

    /// The next bit of a model.
    #[inline(always)]
    pub fn bit(&mut self, model: &mut Bit) -> u32 {
        let split = model.zero * (self.length >> BIT_PRECISION);
        let bit = self.value >= split;
        if bit {
            self.value -= split;
            self.length -= split;
        } else {
            self.length = split;
            model.zeros += 1;
        }
        self.renew();
        model.left -= 1;
        if model.left == 0 {
            model.update();
        }
        u32::from(bit)
    }

    /// The next `count` bits, 1 to 32, of equal frequency.
    #[inline(always)]
    pub fn bits(&mut self, count: u32) -> u32 {
        if count > 19 {
            let low = self.raw(16);
            return self.raw(count - 16) << 16 | low;
        }
        self.raw(count)
    }

    /// The next 32 bits.
    pub fn int(&mut self) -> u32 {
        let low = self.raw(16);
        self.raw(16) << 16 | low
    }

    #[inline(always)]
    fn raw(&mut self, count: u32) -> u32 {
        self.length >>= count;
        let bits = self.value / self.length;
        self.value -= self.length * bits;
        self.renew();
        bits
    }
}

/// Adaptive frequencies of `N` symbols at most; `T` entries of a table (a power of two, plus 2) cut the search.
#[derive(Clone)]
pub(super) struct Model<const N: usize, const T: usize> {
    /// Start of each symbol's interval, in 1/2^15.
    starts: [u16; N],
    counts: [u16; N],
    /// Symbol in which each slice of the unit interval starts.
    table: [u16; T],
    last: u16,
    total: u32,
    cycle: u32,
    left: u32,
}

impl<const N: usize, const T: usize> Model<N, T> {
    const SHIFT: u32 = PRECISION - (T - 2).ilog2();

    /// `symbols` of equal frequency.
    pub fn new(symbols: usize) -> Model<N, T> {
        assert!((2..=N).contains(&symbols), "a model has 2 to {N} symbols");
        let mut model = Model {
            starts: [u16::MAX; N],
            counts: [1; N],
            table: [0; T],
            last: symbols as u16 - 1,
            total: 0,
            cycle: symbols as u32,
            left: 0,
        };
        model.update();
        model.cycle = (symbols as u32 + 6) >> 1;
        model.left = model.cycle;
        model
    }

    /// The symbol whose interval holds `wanted`.
    #[inline(always)]
    fn find(&self, wanted: u32) -> usize {
        let slice = ((wanted >> Self::SHIFT) as usize).min(T - 2);
        let mut low = usize::from(self.table[slice]).min(N - 1);
        let mut high = usize::from(self.table[slice + 1]) + 1;
        while high > low + 1 {
            let middle = (low + high) >> 1;
            if middle < N && u32::from(self.starts[middle]) <= wanted {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }

    #[inline(always)]
    fn saw(&mut self, symbol: usize) {
        self.counts[symbol] += 1;
        self.left -= 1;
        if self.left == 0 {
            self.update();
        }
    }

    #[inline(never)]
    fn update(&mut self) {
        let symbols = usize::from(self.last) + 1;
        self.total += self.cycle;
        if self.total > 1 << PRECISION {
            self.total = 0;
            for count in &mut self.counts[..symbols] {
                *count = (*count + 1) >> 1;
                self.total += u32::from(*count);
            }
        }
        let scale = (1 << 31) / self.total;
        let (mut sum, mut slice) = (0, 0);
        for (symbol, (start, &count)) in self.starts[..symbols].iter_mut().zip(&self.counts).enumerate() {
            *start = ((scale * sum) >> (31 - PRECISION)) as u16;
            sum += u32::from(count);
            let reached = usize::from(*start >> Self::SHIFT);
            while slice < reached {
                slice += 1;
                self.table[slice] = symbol as u16 - 1;
            }
        }
        self.table[0] = 0;
        self.table[slice + 1..].fill(self.last);
        self.cycle = ((5 * self.cycle) >> 2).min((symbols as u32 + 6) << 3);
        self.left = self.cycle;
    }
}

/// Adaptive frequency of one bit.
#[derive(Clone)]
pub(super) struct Bit {
    zeros: u32,
    total: u32,
    zero: u32,
    left: u32,
    cycle: u32,
}

impl Bit {
    /// 0 and 1 equally frequent.
    pub fn new() -> Bit {
        Bit { zeros: 1, total: 2, zero: 1 << (BIT_PRECISION - 1), left: 4, cycle: 4 }
    }

    fn update(&mut self) {
        self.total += self.cycle;
        if self.total > 1 << BIT_PRECISION {
            self.total = (self.total + 1) >> 1;
            self.zeros = (self.zeros + 1) >> 1;
            if self.zeros == self.total {
                self.total += 1;
            }
        }
        self.zero = (self.zeros * ((1 << 31) / self.total)) >> (31 - BIT_PRECISION);
        self.cycle = ((5 * self.cycle) >> 2).min(64);
        self.left = self.cycle;
    }
}

/// Up to 256 symbols.
pub(super) type Bytes = Model<256, 258>;
/// Which power of two a correction reaches: up to 33 symbols.
type Power = Model<33, 130>;

/// Integers as corrections to predictions.
#[derive(Clone)]
pub(super) struct Integer {
    bits: u32,
    /// How many bits the last correction had.
    pub power: u32,
    powers: Vec<Power>,
    small: Bit,
    corrections: Vec<Bytes>,
}

impl Integer {
    /// Integers of 16 or 32 bits in so many contexts.
    pub fn new(bits: u32, contexts: usize) -> Integer {
        Integer {
            bits,
            power: 0,
            powers: vec![Power::new(bits as usize + 1); contexts],
            small: Bit::new(),
            corrections: (1..=bits).map(|power| Bytes::new(1 << power.min(8))).collect(),
        }
    }

    /// The next integer.
    #[inline(always)]
    pub fn next(&mut self, decoder: &mut Decoder, prediction: i32, context: usize) -> i32 {
        let power = decoder.symbol(&mut self.powers[context]);
        self.power = power;
        let value = prediction.wrapping_add(self.correction(decoder, power));
        if self.bits == 32 {
            return value;
        }
        let range = 1 << self.bits;
        if value < 0 {
            value.wrapping_add(range)
        } else if value >= range {
            value - range
        } else {
            value
        }
    }

    #[inline(always)]
    fn correction(&mut self, decoder: &mut Decoder, power: u32) -> i32 {
        match power {
            0 => decoder.bit(&mut self.small) as i32,
            32.. => i32::MIN,
            _ => {
                let mut step = decoder.symbol(&mut self.corrections[power as usize - 1]);
                if power > 8 {
                    step = step << (power - 8) | decoder.bits(power - 8);
                }
                let upper = step as i32 >= 1 << (power - 1);
                if upper {
                    (step as i32).wrapping_add(1)
                } else {
                    (step as i32).wrapping_sub(((1u32 << power) - 1) as i32)
                }
            }
        }
    }
}
