//! How programs are read from the input: any bytes are one.

/// What is left of the input.
pub struct Bytes<'a>(pub &'a [u8]);

impl Bytes<'_> {
    /// The next byte; zeros when there is none left.
    pub fn next(&mut self) -> u8 {
        match self.0.split_first() {
            Some((&first, rest)) => {
                self.0 = rest;
                first
            }
            None => 0,
        }
    }

    pub fn flag(&mut self) -> bool {
        self.next() % 2 == 1
    }

    /// True of one byte in `n`.
    pub fn one_in(&mut self, n: u8) -> bool {
        self.next() % n == n - 1
    }

    /// A size: most are small.
    pub fn size(&mut self) -> usize {
        let byte = usize::from(self.next());
        match byte {
            0..192 => byte,
            192..240 => byte % 16 * 64 + usize::from(self.next()) % 64,
            _ => byte % 16 * 1024 + usize::from(self.next()),
        }
    }

    /// The logarithm of an alignment: most are small.
    pub fn shift(&mut self) -> u8 {
        let byte = self.next();
        if byte < 224 { byte % 5 } else { byte % 13 }
    }

    /// Which of the newest.
    pub fn which(&mut self) -> usize {
        usize::from(self.next()) % 8
    }

    /// Which of `len`, any of them, if there is one.
    pub fn index(&mut self, len: usize) -> Option<usize> {
        let n = usize::from(self.next()) << 8 | usize::from(self.next());
        (len != 0).then(|| n % len)
    }

    /// A number up to `most`.
    pub fn up_to(&mut self, most: usize) -> usize {
        usize::from(self.next()) % (most + 1)
    }

    /// After how many calls something happens, or that it does not: mostly not.
    pub fn nth(&mut self) -> Option<usize> {
        let byte = self.next();
        (byte >= 160).then(|| usize::from(byte) % 12)
    }
}
