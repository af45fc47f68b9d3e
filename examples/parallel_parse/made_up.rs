//! A log that nobody wrote.

use std::fmt::Write;

use crate::random::Random;

const THINGS: [&str; 8] = [
    "tea",
    "tea%20cup",
    "lamp",
    "chair",
    "caf%C3%A9",
    "bag",
    "clock",
    "map",
];
const NAMES: [&str; 5] = ["size", "colour", "sort%20by", "page", "q"];
const VALUES: [&str; 7] = [
    "large",
    "dark+red",
    "price",
    "17",
    "r%C3%B6d+kopp",
    "",
    "100%25",
];
const AGENTS: [&str; 4] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15",
    "curl/8.14.1",
    "Lynx/2.9.2",
];

pub fn log(lines: u32, seed: u64) -> String {
    let mut random = Random::new(seed);
    let mut log = String::new();
    let mut time = 1_767_225_600;
    for _ in 0..lines {
        line(&mut log, &mut random, &mut time).expect("a String takes all");
    }
    log
}

fn line(log: &mut String, random: &mut Random, time: &mut u64) -> std::fmt::Result {
    let mut one_of =
        |choices: &[&'static str]| choices[random.below(choices.len() as u32) as usize];
    let method = one_of(&["GET", "GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE"]);
    let (part, thing, agent) = (
        one_of(&["shop", "images", "api/v1"]),
        one_of(&THINGS),
        one_of(&AGENTS),
    );
    let address = [(); 3].map(|()| random.below(256));
    *time += u64::from(random.below(3));
    let [one, two, three] = address;
    write!(
        log,
        "10.{one}.{two}.{three} {time} \"{method} /{part}/{thing}"
    )?;
    if random.below(3) != 0 {
        write!(log, "/{}", random.below(50))?;
    }
    let count = random.below(6);
    for number in 0..count {
        let separator = if number == 0 { '?' } else { '&' };
        let name = NAMES[random.below(NAMES.len() as u32) as usize];
        let value = VALUES[random.below(VALUES.len() as u32) as usize];
        write!(log, "{separator}{name}={value}")?;
    }
    let status = [200, 200, 200, 200, 304, 404, 500][random.below(7) as usize];
    let bytes = random.below(100_000);
    writeln!(log, "\" {status} {bytes} \"{agent}\"")
}
