//! probe
mod syntax;
use std::time::Instant;
use std::hint::black_box;
use syntax::{*, visit::Census};
fn main() {
    println!("sizes: type {} {} ", size_of::<tree::Type<heap::Heap>>(), size_of::<tree::Type<arena::InArena>>());
    for n in [100, 1000, 10000] {
        let source = generate::generate(n, 1);
        let reps = 20000 / n;
        println!("{n}: {} bytes", source.len());
        for _ in 0..3 {
            let mut t = [0.0f64; 3];
            let mut nodes = 0;
            for _ in 0..reps {
                let a = Instant::now();
                let p = black_box(heap::parse(&source).unwrap());
                let b = Instant::now();
                nodes = black_box(Census::of(Node::File(p.file()))).nodes;
                let c = Instant::now();
                drop(p);
                let d = Instant::now();
                t[0] += (b-a).as_secs_f64(); t[1] += (c-b).as_secs_f64(); t[2] += (d-c).as_secs_f64();
            }
            let t1 = t;
            for warm in [false, true] {
            let mut arena = arenula::Arena::new();
            let mut t = [0.0f64; 3];
            for _ in 0..reps {
                let a = Instant::now();
                let p = black_box(arena::parse_in(std::mem::take(&mut arena), &source).map_err(|e| e.0).unwrap());
                let b = Instant::now();
                black_box(p.with(|f| Census::of(Node::File(f))));
                let c = Instant::now();
                if warm { arena = p.into_arena() } else { drop(p) }
                let d = Instant::now();
                t[0] += (b-a).as_secs_f64(); t[1] += (c-b).as_secs_f64(); t[2] += (d-c).as_secs_f64();
            }
            let k = 1e9 / nodes as f64 / reps as f64;
            println!("nodes {nodes} ns/node heap parse {:.1} walk {:.1} drop {:.1} | arena warm={warm} {:.1} {:.1} {:.3} | ratios {:.2} {:.2} {:.1} all {:.2}", t1[0]*k, t1[1]*k, t1[2]*k, t[0]*k, t[1]*k, t[2]*k, t1[0]/t[0], t1[1]/t[1], t1[2]/t[2], (t1[0]+t1[1]+t1[2])/(t[0]+t[1]+t[2]));
            }
        }
    }
}
