//! What samples come to.

/// The median and the quartiles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// What a quarter of the samples are below.
    pub low: f64,
    /// What half of them are below.
    pub median: f64,
    /// What a quarter of them are above.
    pub high: f64,
}

impl Spread {
    /// Answers `None` if there are no samples.
    pub fn of(mut samples: Vec<f64>) -> Option<Self> {
        samples.sort_by(f64::total_cmp);
        let last = samples.len().checked_sub(1)? as f64;
        let quantile = |part: f64| {
            let place = part * last;
            let (lower, upper) = (samples[place as usize], samples[place.ceil() as usize]);
            lower + (upper - lower) * place.fract()
        };
        Some(Self {
            low: quantile(0.25),
            median: quantile(0.5),
            high: quantile(0.75),
        })
    }

    /// What is known exactly.
    pub fn exact(value: f64) -> Self {
        Self {
            low: value,
            median: value,
            high: value,
        }
    }
}

/// The build with the best median, or `None` if no build has samples.
pub(crate) fn best(builds: Vec<Vec<f64>>) -> Option<Spread> {
    (builds.into_iter())
        .filter_map(Spread::of)
        .min_by(|one, other| one.median.total_cmp(&other.median))
}

/// Answers `None` if there are no samples.
pub fn median(samples: Vec<f64>) -> Option<f64> {
    Spread::of(samples).map(|spread| spread.median)
}

#[cfg(test)]
mod tests {
    use super::{Spread, best, median};

    #[test]
    fn quartiles_lie_between_samples() {
        let spread = |samples: &[f64]| Spread::of(samples.to_vec());
        assert_eq!(spread(&[]), None);
        assert_eq!(spread(&[7.0]), Some(Spread::exact(7.0)));
        let expected = |low, median, high| Some(Spread { low, median, high });
        assert_eq!(spread(&[4.0, 1.0]), expected(1.75, 2.5, 3.25));
        assert_eq!(spread(&[5.0, 1.0, 4.0, 2.0, 3.0]), expected(2.0, 3.0, 4.0));
        assert_eq!(median(vec![3.0, 1.0, 2.0, 9.0]), Some(2.5));
    }

    #[test]
    fn the_build_with_the_best_median_counts() {
        let builds = vec![vec![1.0, 5.0, 6.0], vec![], vec![3.0, 4.0, 9.0]];
        assert_eq!(best(builds).map(|best| best.median), Some(4.0));
        assert_eq!(best(vec![vec![]]), None);
    }
}
