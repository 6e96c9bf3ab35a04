//! Durations as counts, so that a percentile of millions costs a few hundred
//! numbers. Up to 127 ms a count is exact; above it is within 1.6 %.

/// How many steps there are to each doubling.
const STEPS: u32 = 64;

/// Counts of durations in milliseconds. It costs 4 bytes for each step up to
/// the longest duration: 7 KiB where that is a month.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Histogram {
    counts: Vec<u32>,
    total: u64,
    longest: u32,
}

impl Histogram {
    pub fn add(&mut self, millis: u32) {
        let step = step(millis);
        if self.counts.len() <= step {
            self.counts.resize(step + 1, 0);
        }
        self.counts[step] += 1;
        self.total += 1;
        self.longest = self.longest.max(millis);
    }

    /// Adds what another one counted.
    pub fn join(&mut self, other: &Self) {
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
        self.longest = self.longest.max(other.longest);
    }

    /// The longest duration; none where nothing was measured.
    pub fn longest(&self) -> Option<u32> {
        (self.total > 0).then_some(self.longest)
    }

    /// The duration that this share of all, in hundredths, does not exceed.
    pub fn percentile(&self, hundredths: u64) -> Option<u32> {
        let rank = (self.total * hundredths).div_ceil(100).max(1);
        let mut before = 0;
        let found = self.counts.iter().position(|&count| {
            before += u64::from(count);
            before >= rank
        })?;
        Some(shortest(found).min(self.longest))
    }
}

/// The step that a duration falls into.
fn step(millis: u32) -> usize {
    if millis < 2 * STEPS {
        return millis as usize;
    }
    let doublings = millis.ilog2() - STEPS.ilog2();
    (doublings * STEPS + (millis >> doublings)) as usize
}

/// The shortest duration of a step.
fn shortest(step: usize) -> u32 {
    let step = step as u32;
    if step < 2 * STEPS {
        return step;
    }
    let doublings = step / STEPS - 1;
    (step - doublings * STEPS) << doublings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duration_is_found_within_its_step() {
        for millis in (0..10_000).chain([123_456, 86_400_000, u32::MAX]) {
            let found = shortest(step(millis));
            assert!(found <= millis && millis - found <= millis / 64, "{millis}");
        }
    }

    #[test]
    fn percentiles_are_those_of_the_sorted_list() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.percentile(50), None);
        (1..=100).for_each(|millis| histogram.add(millis));
        assert_eq!(histogram.percentile(50), Some(50));
        assert_eq!(histogram.percentile(95), Some(95));
        assert_eq!(histogram.percentile(100), Some(100));
        assert_eq!(histogram.longest(), Some(100));
    }
}
