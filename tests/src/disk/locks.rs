//! Who holds what of a file: SQLite's five levels, and the eight slots of the shared memory beside it.

/// In the order of their strength.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    #[default]
    None,
    Shared,
    Reserved,
    Pending,
    Exclusive,
}

/// What all handles of one file hold together.
#[derive(Debug, Default)]
pub(super) struct Locks {
    /// Handles that hold at least `Shared`.
    shared: u32,
    /// What the one holds that holds more.
    above: Level,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Busy;

impl Locks {
    /// `held` is left at what was reached, which after [`Busy`] may be `Pending`.
    pub(super) fn lock(&mut self, held: &mut Level, want: Level) -> Result<(), Busy> {
        if *held >= want {
            return Ok(());
        }
        if *held == Level::None {
            if self.above >= Level::Pending {
                return Err(Busy);
            }
            self.shared += 1;
            *held = Level::Shared;
        }
        if want == Level::Shared {
            return Ok(());
        }
        if *held == Level::Shared && self.above != Level::None {
            return Err(Busy);
        }
        if want == Level::Reserved {
            (self.above, *held) = (want, want);
            return Ok(());
        }
        // No new readers come from here on; those that are there must go first.
        let reached = if self.shared > 1 { Level::Pending } else { Level::Exclusive };
        (self.above, *held) = (reached, reached);
        if reached < want { Err(Busy) } else { Ok(()) }
    }

    pub(super) fn unlock(&mut self, held: &mut Level, to: Level) {
        if *held <= to {
            return;
        }
        if *held > Level::Shared {
            self.above = Level::None;
        }
        if to == Level::None {
            self.shared = self.shared.saturating_sub(1);
        }
        *held = to;
    }

    pub(super) fn is_reserved(&self) -> bool {
        self.above != Level::None
    }
}

/// The slots of the shared memory that one handle holds, one bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Slots {
    shared: u8,
    exclusive: u8,
}

/// What all handles hold of the shared memory.
#[derive(Debug, Default)]
pub(super) struct SlotLocks {
    shared: [u32; 8],
    exclusive: u8,
}

fn bits(offset: usize, count: usize) -> u8 {
    (0..8).filter(|slot| (offset..offset + count).contains(slot)).fold(0, |mask, slot| mask | 1 << slot)
}

impl SlotLocks {
    fn counts(&mut self, mask: u8) -> impl Iterator<Item = &mut u32> {
        self.shared.iter_mut().enumerate().filter(move |(slot, _)| mask & (1 << slot) != 0).map(|(_, of)| of)
    }

    pub(super) fn share(&mut self, held: &mut Slots, offset: usize, count: usize) -> Result<(), Busy> {
        let mask = bits(offset, count) & !held.shared;
        if self.exclusive & mask & !held.exclusive != 0 {
            return Err(Busy);
        }
        self.counts(mask).for_each(|of| *of += 1);
        held.shared |= mask;
        Ok(())
    }

    pub(super) fn exclude(&mut self, held: &mut Slots, offset: usize, count: usize) -> Result<(), Busy> {
        let mask = bits(offset, count) & !held.exclusive;
        let own = held.shared;
        let others_read = (0..8u8)
            .zip(self.shared)
            .any(|(slot, of)| mask & (1 << slot) != 0 && of > u32::from(own >> slot & 1));
        if self.exclusive & mask != 0 || others_read {
            return Err(Busy);
        }
        self.exclusive |= mask;
        held.exclusive |= mask;
        Ok(())
    }

    pub(super) fn release(&mut self, held: &mut Slots, offset: usize, count: usize) {
        let mask = bits(offset, count);
        self.counts(mask & held.shared).for_each(|of| *of = of.saturating_sub(1));
        self.exclusive &= !(mask & held.exclusive);
        held.shared &= !mask;
        held.exclusive &= !mask;
    }
}
