//! An arena at work: the same compiler-like job with its nodes on the heap and in an arena.
//!
//! A program of some thousand lines is parsed into a syntax tree, the tree is evaluated, and it is
//! thrown away; a hundred times over.

use std::hint::black_box;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use arenula::Arena;

const LINES: usize = 4000;
const ROUNDS: usize = 100;

fn main() -> io::Result<()> {
    let source = program(LINES);
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "A program of {LINES} lines is parsed into a tree, evaluated and dropped, {ROUNDS} times.\n"
    )?;

    let mut heap = Times::default();
    let mut arena_times = Times::default();
    let mut arena = Arena::new();
    for round in 0..ROUNDS {
        // Side by side, so that both see the same machine.
        let result = heap.round(|times| {
            let tree = times.parse(|| on_the_heap::parse(&source));
            let result = times.evaluate(|| on_the_heap::sum(&tree));
            times.free(|| drop(tree));
            result
        });
        let same = arena_times.round(|times| {
            let result = {
                let tree = times.parse(|| in_the_arena::parse(&source, &arena));
                times.evaluate(|| in_the_arena::sum(tree))
            };
            times.free(|| arena.reset());
            result
        });
        assert_eq!(result, same);
        if (round + 1) % 20 == 0 {
            writeln!(out, "  {:>3} rounds done", round + 1)?;
            out.flush()?;
        }
    }

    writeln!(
        out,
        "\n{:<14}{:>12}{:>12}{:>10}",
        "ms a round", "on the heap", "in arena", "faster"
    )?;
    let rows = [
        ("parse", heap.parse, arena_times.parse),
        ("evaluate", heap.evaluate, arena_times.evaluate),
        ("free", heap.free, arena_times.free),
        ("all", heap.all, arena_times.all),
    ];
    for (name, heap, arena) in rows {
        let of_a_round = |time: Duration| time.as_secs_f64() * 1000.0 / ROUNDS as f64;
        let (heap, arena) = (of_a_round(heap), of_a_round(arena));
        writeln!(
            out,
            "{name:<14}{heap:>12.4}{arena:>12.4}{:>9.1}x",
            heap / arena
        )?;
    }

    writeln!(
        out,
        "\nThe arena settled on one chunk, and asks for no more memory:"
    )?;
    in_the_arena::parse(&source, &arena);
    write!(out, "  {}\n  {}", arena.stats(), arena.chunk_map())?;

    writeln!(
        out,
        "\nA scope gives back what was allocated in it, and keeps what was there before:"
    )?;
    let before = arena.allocated_bytes();
    let longest = arena.scope(|scope| {
        let lines = scope.alloc_iter(source.lines().map(str::len));
        lines.sort_unstable();
        writeln!(out, "  inside:  {}", scope.stats())?;
        io::Result::Ok(*lines.last().expect("the program has lines"))
    })?;
    writeln!(out, "  after:   {}", arena.stats())?;
    assert_eq!(arena.allocated_bytes(), before);
    writeln!(out, "  the longest line has {longest} characters")
}

/// How long each part took, over all rounds.
#[derive(Default)]
struct Times {
    parse: Duration,
    evaluate: Duration,
    free: Duration,
    all: Duration,
}

impl Times {
    fn round<R>(&mut self, work: impl FnOnce(&mut Self) -> R) -> R {
        let start = Instant::now();
        let result = work(self);
        self.all += start.elapsed();
        result
    }

    fn parse<R>(&mut self, work: impl FnOnce() -> R) -> R {
        timed(&mut self.parse, work)
    }

    fn evaluate<R>(&mut self, work: impl FnOnce() -> R) -> R {
        timed(&mut self.evaluate, work)
    }

    fn free<R>(&mut self, work: impl FnOnce() -> R) -> R {
        timed(&mut self.free, work)
    }
}

fn timed<R>(total: &mut Duration, work: impl FnOnce() -> R) -> R {
    let start = Instant::now();
    let result = black_box(work());
    *total += start.elapsed();
    result
}

/// Lines like `total_17 = (3 + x * 5) * y + 12`.
fn program(lines: usize) -> String {
    let mut random = 12345_u32;
    let mut roll = |n: u32| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 16) % n
    };
    let mut text = String::new();
    for line in 0..lines {
        text += &format!("total_{line} = ");
        for term in 0..3 + roll(6) {
            if term > 0 {
                text += [" + ", " * "][roll(2) as usize];
            }
            match roll(4) {
                0 => text += &format!("({} + {})", roll(100), roll(100)),
                1 => text += ["width", "height", "depth"][roll(3) as usize],
                _ => text += &roll(1000).to_string(),
            }
        }
        text.push('\n');
    }
    text
}

/// Splits a line into its name and its expression's words.
fn tokens(line: &str) -> (&str, impl Iterator<Item = &str> + Clone) {
    let (name, expression) = line.split_once(" = ").expect("each line is an assignment");
    let words = expression
        .split_inclusive(['(', ')', ' '])
        .flat_map(|word| {
            let end = word.trim_end_matches(['(', ')', ' ']).len();
            let (text, mark) = word.split_at(end);
            [text, mark.trim()]
        })
        .filter(|word| !word.is_empty());
    (name, words)
}

fn value_of(variable: &str) -> u64 {
    variable.len() as u64
}

mod on_the_heap {
    use std::iter::Peekable;

    pub enum Expression {
        Number(u64),
        Variable(String),
        Sum(Box<Expression>, Box<Expression>),
        Product(Box<Expression>, Box<Expression>),
    }

    pub struct Assignment {
        pub name: String,
        pub value: Expression,
    }

    pub fn parse(source: &str) -> Vec<Assignment> {
        source
            .lines()
            .map(|line| {
                let (name, words) = super::tokens(line);
                Assignment {
                    name: name.to_owned(),
                    value: sum_of(&mut words.peekable()),
                }
            })
            .collect()
    }

    fn sum_of<'s>(words: &mut Peekable<impl Iterator<Item = &'s str>>) -> Expression {
        let mut left = product_of(words);
        while words.next_if_eq(&"+").is_some() {
            left = Expression::Sum(Box::new(left), Box::new(product_of(words)));
        }
        left
    }

    fn product_of<'s>(words: &mut Peekable<impl Iterator<Item = &'s str>>) -> Expression {
        let mut left = atom(words);
        while words.next_if_eq(&"*").is_some() {
            left = Expression::Product(Box::new(left), Box::new(atom(words)));
        }
        left
    }

    fn atom<'s>(words: &mut Peekable<impl Iterator<Item = &'s str>>) -> Expression {
        let word = words.next().expect("an operand");
        if word == "(" {
            let (left, _, right) = (atom(words), words.next(), atom(words));
            words.next_if_eq(&")").expect("a closing bracket");
            return Expression::Sum(Box::new(left), Box::new(right));
        }
        match word.parse() {
            Ok(number) => Expression::Number(number),
            Err(_) => Expression::Variable(word.to_owned()),
        }
    }

    pub fn sum(tree: &[Assignment]) -> u64 {
        tree.iter()
            .map(|line| evaluate(&line.value).wrapping_add(line.name.len() as u64))
            .fold(0, u64::wrapping_add)
    }

    fn evaluate(expression: &Expression) -> u64 {
        match expression {
            Expression::Number(number) => *number,
            Expression::Variable(name) => super::value_of(name),
            Expression::Sum(left, right) => evaluate(left).wrapping_add(evaluate(right)),
            Expression::Product(left, right) => evaluate(left).wrapping_mul(evaluate(right)),
        }
    }
}

mod in_the_arena {
    use std::iter::Peekable;

    use arenula::Arena;

    pub enum Expression<'a> {
        Number(u64),
        Variable(&'a str),
        Sum(&'a Expression<'a>, &'a Expression<'a>),
        Product(&'a Expression<'a>, &'a Expression<'a>),
    }

    pub struct Assignment<'a> {
        pub name: &'a str,
        pub value: Expression<'a>,
    }

    pub fn parse<'a>(source: &str, arena: &'a Arena) -> &'a [Assignment<'a>] {
        // In two steps: a slice that grows while its elements are allocated could not grow in place.
        let lines = source.lines().count();
        let mut rest = source.lines();
        arena.alloc_slice_fill_with(lines, |_| {
            let line = rest.next().expect("as many lines as were counted");
            let (name, words) = super::tokens(line);
            Assignment {
                name: arena.alloc_str(name),
                value: sum_of(&mut words.peekable(), arena),
            }
        })
    }

    fn sum_of<'a, 's>(
        words: &mut Peekable<impl Iterator<Item = &'s str>>,
        arena: &'a Arena,
    ) -> Expression<'a> {
        let mut left = product_of(words, arena);
        while words.next_if_eq(&"+").is_some() {
            left = Expression::Sum(arena.alloc(left), arena.alloc(product_of(words, arena)));
        }
        left
    }

    fn product_of<'a, 's>(
        words: &mut Peekable<impl Iterator<Item = &'s str>>,
        arena: &'a Arena,
    ) -> Expression<'a> {
        let mut left = atom(words, arena);
        while words.next_if_eq(&"*").is_some() {
            left = Expression::Product(arena.alloc(left), arena.alloc(atom(words, arena)));
        }
        left
    }

    fn atom<'a, 's>(
        words: &mut Peekable<impl Iterator<Item = &'s str>>,
        arena: &'a Arena,
    ) -> Expression<'a> {
        let word = words.next().expect("an operand");
        if word == "(" {
            let (left, _, right) = (atom(words, arena), words.next(), atom(words, arena));
            words.next_if_eq(&")").expect("a closing bracket");
            return Expression::Sum(arena.alloc(left), arena.alloc(right));
        }
        match word.parse() {
            Ok(number) => Expression::Number(number),
            Err(_) => Expression::Variable(arena.alloc_str(word)),
        }
    }

    pub fn sum(tree: &[Assignment<'_>]) -> u64 {
        tree.iter()
            .map(|line| evaluate(&line.value).wrapping_add(line.name.len() as u64))
            .fold(0, u64::wrapping_add)
    }

    fn evaluate(expression: &Expression<'_>) -> u64 {
        match expression {
            Expression::Number(number) => *number,
            Expression::Variable(name) => super::value_of(name),
            Expression::Sum(left, right) => evaluate(left).wrapping_add(evaluate(right)),
            Expression::Product(left, right) => evaluate(left).wrapping_mul(evaluate(right)),
        }
    }
}
