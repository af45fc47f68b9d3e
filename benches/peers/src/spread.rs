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
