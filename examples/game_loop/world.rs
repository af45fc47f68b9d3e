//! The game: what lives, what a frame is, and how the next one follows from the last.
//!
//! Lengths are whole numbers of 256ths of a pixel: so a game is the same on every machine, and what has to stay the same
//! in it does so to the last digit.

use arenula::pool::{Handle, Slots};
use arenula::vec::{Vec as ArenaVec, VecExt};
use arenula::{Arena, DoubleBuffer, Root};

use crate::grid::Grid;
use crate::random::Random;

const PIXEL: i32 = 256;
const RADIUS: i32 = 4 * PIXEL;
/// What one entity has of the field, in each direction.
const ROOM: i32 = 20 * PIXEL;
const ROCK_SPEED: i32 = 2 * PIXEL;
const MISSILE_SPEED: i32 = 4 * PIXEL;
/// How many frames a missile flies at most.
const FUEL: u32 = 400;
/// How long sparks glow, and how many a hit makes.
const GLOW: u32 = 30;
const SPARKS: u32 = 12;
/// The handles of so many that are gone are looked up again and again.
const GRAVES: usize = 1000;

/// What lives for many frames.
struct Entity {
    kind: Kind,
    /// Its number among the bodies of the last frame.
    body: u32,
}

#[derive(Clone, Copy)]
enum Kind {
    Rock,
    Missile {
        target: Option<Handle<Entity>>,
        fuel: u32,
    },
}

type Vector = [i32; 2];

/// Where an entity is in one frame.
#[derive(Clone, Copy)]
pub struct Body {
    entity: Handle<Entity>,
    pub place: Vector,
    velocity: Vector,
    pub is_rock: bool,
}

#[derive(Clone, Copy)]
struct Spark {
    place: Vector,
    velocity: Vector,
    left: u32,
}

/// What lives for one frame, and while the next one is built.
#[derive(Clone, Copy)]
struct Frame<'a> {
    bodies: &'a [Body],
    grid: Grid<'a>,
    sparks: &'a [Spark],
}

impl Root for Frame<'_> {
    type Of<'a> = Frame<'a>;
}

pub struct World {
    frames: DoubleBuffer<Frame<'static>>,
    game: Game,
}

impl World {
    pub fn new(entities: u32, seed: u64) -> Self {
        World {
            frames: DoubleBuffer::new(|_| Frame {
                bodies: &[],
                grid: Grid::EMPTY,
                sparks: &[],
            }),
            game: Game {
                entities: Slots::with_capacity(entities as usize),
                most: entities,
                missiles: 0,
                side: (f64::from(entities).sqrt() * f64::from(ROOM)) as i32,
                random: Random::new(seed),
                graves: Vec::with_capacity(GRAVES),
                tally: Tally::default(),
            },
        }
    }

    /// Plays a frame.
    pub fn advance(&mut self) {
        let World { frames, game } = self;
        frames.advance(|last, arena| game.next_frame(last, arena));
        game.tally.frames += 1;
    }
}

struct Game {
    entities: Slots<Entity>,
    /// How many entities there may be.
    most: u32,
    missiles: usize,
    /// The length of the field's sides.
    side: i32,
    random: Random,
    /// Handles of some that are gone.
    graves: Vec<Handle<Entity>>,
    tally: Tally,
}

/// What happened so far.
#[derive(Default)]
struct Tally {
    frames: usize,
    spawned: usize,
    hits: usize,
    burnt_out: usize,
    stale: usize,
    bumps: usize,
    /// What the rocks that came in brought, less what those took along that were hit.
    energy: i64,
    /// The same; and what the walls gave.
    momentum: [i64; 2],
}

impl Game {
    /// Reads the last frame, and builds the next one in the arena. Each takes about as much memory as the last, so there is
    /// soon enough of it.
    fn next_frame<'a>(&mut self, last: &Frame<'_>, arena: &'a Arena) -> Frame<'a> {
        let most = self.most as usize;
        let mut sparks = ArenaVec::with_capacity_in(most, arena);
        sparks.extend(last.sparks.iter().filter_map(Spark::later));
        let mut bodies = ArenaVec::with_capacity_in(most, arena);

        let velocities = arena.alloc_iter(last.bodies.iter().map(|body| body.velocity));
        self.chase(last, velocities, &mut sparks);
        self.bump(last, velocities);
        for (body, velocity) in last.bodies.iter().zip(velocities) {
            // Not those that are gone since the last frame: their handles find nothing.
            if self.entities.contains(body.entity) {
                bodies.push(self.moved(body, *velocity));
            }
        }
        let missing = self.most - self.entities.len() as u32;
        for _ in 0..missing.min(self.most / 100 + 1) {
            bodies.push(self.spawn());
        }
        for (number, body) in (0..).zip(&bodies) {
            self.entities[body.entity].body = number;
        }
        Frame {
            grid: Grid::new(&bodies, self.side, 2 * RADIUS, arena),
            bodies: bodies.into_slice(),
            sparks: sparks.into_slice(),
        }
    }

    /// The missiles' part.
    fn chase(
        &mut self,
        last: &Frame<'_>,
        velocities: &mut [Vector],
        sparks: &mut ArenaVec<Spark, &Arena>,
    ) {
        let bodies = last.bodies.iter().enumerate();
        for (number, missile) in bodies.filter(|(_, body)| !body.is_rock) {
            let Kind::Missile { target, fuel } = self.entities[missile.entity].kind else {
                continue;
            };
            if fuel == 0 {
                self.end(missile.entity);
                self.tally.burnt_out += 1;
                continue;
            }
            let target = match target.map(|target| (target, self.entities.get(target))) {
                Some((target, Some(entity))) => {
                    let rock = &last.bodies[entity.body as usize];
                    let way = difference(rock.place, missile.place);
                    if is_near(way) {
                        self.remove(rock.entity);
                        self.tally.count(rock.velocity, -1);
                        self.end(missile.entity);
                        self.burst(rock, sparks);
                        continue;
                    }
                    let longer = way[0].abs().max(way[1].abs());
                    velocities[number] = way.map(|along| speed_along(along, longer));
                    Some(target)
                }
                found => {
                    // Another one has hit it, and whoever has its slot now is another entity.
                    self.tally.stale += usize::from(found.is_some());
                    self.choose(last)
                }
            };
            let fuel = fuel - 1;
            self.entities[missile.entity].kind = Kind::Missile { target, fuel };
        }
    }

    /// Some rock, if it is one at the first try.
    fn choose(&mut self, last: &Frame<'_>) -> Option<Handle<Entity>> {
        let chosen = self.random.below(last.bodies.len() as u32);
        let body = &last.bodies[chosen as usize];
        (body.is_rock && self.entities.contains(body.entity)).then_some(body.entity)
    }

    fn burst(&mut self, rock: &Body, sparks: &mut ArenaVec<Spark, &Arena>) {
        self.tally.hits += 1;
        for _ in 0..SPARKS {
            // Beyond what there is room for nobody will miss one.
            if sparks.len() == sparks.capacity() {
                break;
            }
            sparks.push(Spark {
                place: rock.place,
                velocity: self.vector(2 * ROCK_SPEED),
                left: GLOW,
            });
        }
    }

    /// Rocks that touch exchange their velocities, as balls of the same weight do that meet head on: so together they have
    /// the same momentum and energy after as before.
    fn bump(&mut self, last: &Frame<'_>, velocities: &mut [Vector]) {
        let is_there = |body: &Body| self.entities.contains(body.entity);
        let rocks = last.bodies.iter().enumerate();
        for (number, rock) in rocks.filter(|(_, body)| body.is_rock && is_there(body)) {
            for near in last.grid.near(rock).filter(|near| *near > number) {
                let other = &last.bodies[near];
                let way = difference(other.place, rock.place);
                if is_near(way) && is_there(other) {
                    let [x, y] = difference(velocities[near], velocities[number]);
                    if way[0] * x + way[1] * y < 0 {
                        velocities.swap(number, near);
                        self.tally.bumps += 1;
                    }
                }
            }
        }
    }

    /// The body a frame later. Walls throw it back.
    fn moved(&mut self, body: &Body, velocity: Vector) -> Body {
        let [mut place, mut after] = [body.place, velocity];
        let axes = place.iter_mut().zip(&mut after);
        for ((place, velocity), momentum) in axes.zip(&mut self.tally.momentum) {
            *place += *velocity;
            if !(0..self.side).contains(place) {
                let end = if *place < 0 { 0 } else { 2 * self.side - 1 };
                *place = end - *place;
                if body.is_rock {
                    *momentum -= 2 * i64::from(*velocity);
                }
                *velocity = -*velocity;
            }
        }
        Body {
            place,
            velocity: after,
            ..*body
        }
    }

    /// So that one in ten is a missile.
    fn spawn(&mut self) -> Body {
        let is_rock = self.missiles * 10 >= self.entities.len();
        let kind = if is_rock {
            Kind::Rock
        } else {
            self.missiles += 1;
            let (target, fuel) = (None, FUEL);
            Kind::Missile { target, fuel }
        };
        let place = [(); 2].map(|()| self.random.below(self.side as u32) as i32);
        let velocity = self.vector(ROCK_SPEED);
        if is_rock {
            self.tally.count(velocity, 1);
        }
        self.tally.spawned += 1;
        Body {
            // Its number follows, with that of the others.
            entity: self.entities.insert(Entity { kind, body: 0 }),
            place,
            velocity,
            is_rock,
        }
    }

    fn end(&mut self, missile: Handle<Entity>) {
        self.remove(missile);
        self.missiles -= 1;
    }

    fn remove(&mut self, entity: Handle<Entity>) {
        let gone = self.entities.remove(entity);
        assert!(gone.is_some(), "{entity:?} was there a moment ago");
        if self.graves.len() < GRAVES {
            self.graves.push(entity);
        } else {
            let grave = self.random.below(GRAVES as u32);
            self.graves[grave as usize] = entity;
        }
    }

    fn vector(&mut self, most: i32) -> Vector {
        [(); 2].map(|()| self.random.below(2 * most as u32 + 1) as i32 - most)
    }
}

impl Tally {
    /// A rock comes in (1), or goes (-1).
    fn count(&mut self, velocity: Vector, sign: i64) {
        let [x, y] = velocity.map(i64::from);
        self.energy += sign * (x * x + y * y);
        self.momentum[0] += sign * x;
        self.momentum[1] += sign * y;
    }
}

impl Spark {
    fn later(&self) -> Option<Spark> {
        Some(Spark {
            place: [0, 1].map(|axis| self.place[axis] + self.velocity[axis]),
            left: self.left.checked_sub(1)?,
            ..*self
        })
    }
}

fn difference(one: Vector, other: Vector) -> Vector {
    [one[0] - other[0], one[1] - other[1]]
}

/// Whether two bodies touch, the one this way from the other.
fn is_near([x, y]: Vector) -> bool {
    let touch = 2 * RADIUS;
    x.abs() <= touch && y.abs() <= touch && x * x + y * y <= touch * touch
}

fn speed_along(along: i32, longer: i32) -> i32 {
    (i64::from(along) * i64::from(MISSILE_SPEED) / i64::from(longer)) as i32
}

/// What must be so after each frame, and what came of all.
impl World {
    pub fn check(&self) {
        let World { frames, game } = self;
        let Tally {
            frames: frame,
            spawned,
            hits,
            burnt_out,
            ..
        } = game.tally;
        frames.with(|last| {
            let gone = 2 * hits + burnt_out;
            let count = game.entities.len();
            assert_eq!(count, spawned - gone, "entities in frame {frame}");
            assert_eq!(count, last.bodies.len(), "bodies in frame {frame}");
            let mut rocks = Tally::default();
            for (number, body) in (0..).zip(last.bodies) {
                let entity = &game.entities[body.entity];
                let is_rock = matches!(entity.kind, Kind::Rock);
                assert_eq!(
                    (entity.body, is_rock),
                    (number, body.is_rock),
                    "a body in frame {frame}"
                );
                if is_rock {
                    rocks.count(body.velocity, 1);
                }
            }
            let all = last.bodies.iter();
            let missiles = all.filter(|body| !body.is_rock).count();
            assert_eq!(missiles, game.missiles, "missiles in frame {frame}");
            assert_eq!(
                rocks.energy, game.tally.energy,
                "the energy in frame {frame}"
            );
            assert_eq!(
                rocks.momentum, game.tally.momentum,
                "the momentum in frame {frame}"
            );
        });
        let is_back = game
            .graves
            .iter()
            .find(|gone| game.entities.contains(**gone));
        assert_eq!(is_back, None, "a handle came back to life in frame {frame}");
    }

    pub fn report(&self) {
        let Game {
            entities, tally, ..
        } = &self.game;
        let sparks = self.frames.with(|last| last.sparks.len());
        let missiles = self.game.missiles;
        println!(
            "  {} entities were spawned, {} rocks were hit by missiles, {} missiles ran out of fuel.",
            tally.spawned, tally.hits, tally.burnt_out
        );
        println!(
            "  {} are alive: {} rocks and {missiles} missiles, among {sparks} sparks.",
            entities.len(),
            entities.len() - missiles,
        );
        println!(
            "  {} times a missile noticed that its target was gone: its handle found nothing.",
            tally.stale
        );
        println!("  Rocks bumped into each other {} times.", tally.bumps);
        println!(
            "  Checked in each frame: there are as many as were spawned less those gone; the rocks have the\n  \
             energy {} and the momentum {:?} that are left of what they came with;\n  \
             {} handles of entities that are gone find nothing.",
            tally.energy,
            tally.momentum,
            self.game.graves.len()
        );
        println!(
            "  The state of the last frame has the number {:016x}.",
            self.state()
        );
    }

    /// A number that is another one if any body is elsewhere.
    fn state(&self) -> u64 {
        self.frames.with(|last| {
            let numbers = last.bodies.iter().flat_map(|body| {
                let [x, y] = body.place;
                let [u, v] = body.velocity;
                [x, y, u, v].map(|number| number as u64)
            });
            numbers.fold(0, |state: u64, number| {
                (state ^ number)
                    .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                    .rotate_left(29)
            })
        })
    }

    /// What it takes.
    pub fn memory(&mut self) -> String {
        let [current, next] = self.frames.stats();
        format!(
            "{} entities had {} slots in turn. The two arenas of the frames hold {} and {} KiB.",
            self.game.tally.spawned,
            self.game.entities.capacity(),
            current.capacity / 1024,
            next.capacity / 1024
        )
    }
}
