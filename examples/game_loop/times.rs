//! How long the frames took, and a chart of it.

use std::time::Duration;

pub struct Times(Vec<Duration>);

/// The bars of the chart, with that of all that is longer.
const BARS: usize = 12;

/// The characters of the longest bar.
const WIDTH: usize = 50;

impl Times {
    pub fn with_capacity(frames: usize) -> Self {
        Times(Vec::with_capacity(frames))
    }

    pub fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// Prints the figures, and how many frames took how long.
    pub fn report(&mut self) {
        self.0.sort_unstable();
        let times: Vec<f64> = self.0.iter().map(|time| time.as_secs_f64() * 1e6).collect();
        let [Some(least), Some(most)] = [times.first(), times.last()] else {
            return;
        };
        let at = |share: usize| times[(times.len() - 1) * share / 100];
        println!(
            "  min {least:.1} us, median {:.1} us, p99 {:.1} us, max {most:.1} us\n",
            at(50),
            at(99)
        );
        // The few that took longest would squeeze all others into one bar.
        let (low, high) = (at(1), at(99));
        let step = ((high - low) / (BARS - 2) as f64).max(0.1);
        let mut counts = [0; BARS];
        for time in &times {
            let bar = ((time - low) / step).floor() + 1.0;
            // Converted, what is below the first bar is 0.
            counts[(bar as usize).min(BARS - 1)] += 1;
        }
        let longest = counts.iter().max().copied().unwrap_or(1).max(1);
        for (bar, count) in counts.iter().enumerate() {
            let (start, end) = (low + step * (bar as f64 - 1.0), low + step * bar as f64);
            let range = match bar {
                0 => format!("below {end:>8.1} us"),
                _ if bar == BARS - 1 => format!("from  {start:>8.1} us"),
                _ => format!("{start:>8.1} to {end:>8.1} us"),
            };
            // What is there can be seen, however few they are.
            let length = (count * WIDTH).div_ceil(longest);
            println!("  {range:>23} |{:<WIDTH$} {count}", "#".repeat(length));
        }
    }
}
