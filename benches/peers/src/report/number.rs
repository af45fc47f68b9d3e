//! How numbers are written: short, and with as many digits as they deserve.

/// Three digits that count, or all that stand before the point; two behind it are enough.
pub fn value(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && size < 0.095 {
        // The first two that are not zero.
        let digits = (1.0 - size.log10().floor()) as usize;
        format!("{value:.digits$}")
    } else if size < 9.995 {
        format!("{value:.2}")
    } else if size < 99.95 {
        format!("{value:.1}")
    } else {
        grouped(value)
    }
}

pub fn optional(number: Option<f64>) -> String {
    number.map_or("-".to_owned(), value)
}

/// In groups of three digits.
fn grouped(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    if value < 0.0 {
        format!("-{text}")
    } else {
        text
    }
}

/// A power of ten from ten on as one writes it, other numbers as they are.
pub fn power(value: f64) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let exponent = value.log10();
    if value >= 10.0 && (exponent - exponent.round()).abs() < 1e-9 {
        let exponent = format!("{exponent:.0}");
        let raised = exponent
            .bytes()
            .map(|digit| DIGITS[usize::from(digit - b'0')]);
        return format!("10{}", raised.collect::<String>());
    }
    plain(value)
}

/// Without digits that say nothing.
pub fn plain(value: f64) -> String {
    if value >= 1000.0 {
        return grouped(value);
    }
    if value > 0.0 && value < 0.001 {
        return format!("{value:e}");
    }
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_digits_as_they_deserve() {
        for (number, expected) in [
            (0.0, "0.00"),
            (0.0123, "0.012"),
            (0.000_045_6, "0.000046"),
            (0.394, "0.39"),
            (9.994, "9.99"),
            (9.996, "10.0"),
            (99.96, "100"),
            (1234567.0, "1 234 567"),
            (-0.5, "-0.50"),
        ] {
            assert_eq!(value(number), expected);
        }
        assert_eq!(optional(None), "-");
    }

    #[test]
    fn powers_are_raised() {
        for (number, expected) in [
            (100.0, "10²"),
            (1e12, "10¹²"),
            (1.0, "1"),
            (0.25, "0.25"),
            (20.0, "20"),
            (0.0001, "1e-4"),
        ] {
            assert_eq!(power(number), expected);
        }
    }
}
