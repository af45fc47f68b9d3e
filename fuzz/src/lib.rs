//! What the fuzz targets do: each reads a program from bytes, and runs it beside a model. Here, so that programs that were found
//! once can be run again without the fuzzer: see the tests below.

pub mod allocator;
pub mod arena;
mod backing;
mod bytes;
pub mod counting;
#[path = "../../tests/support/frame_model.rs"]
mod frame_model;
pub mod frames;
pub mod interner;
pub mod math;
pub mod owned;
pub mod pool;
pub mod serde;
pub mod string;
#[path = "../../tests/support/mod.rs"]
mod support;
#[cfg(test)]
use support::properties;
pub mod typed;

/// The programs in `seeds`, and beginnings of them, which are programs too.
#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::counting::Counting;

    #[global_allocator]
    static ALLOC: arenula::FrameAlloc<Counting> = arenula::FrameAlloc::with_parent(Counting);

    fn replay(target: &str, run: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("seeds")
            .join(target);
        let mut files: Vec<_> = (std::fs::read_dir(folder).unwrap())
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        assert!(!files.is_empty());
        for file in files {
            let bytes = std::fs::read(&file).unwrap();
            let outcome = std::panic::catch_unwind(|| {
                run(&bytes);
                run(&bytes[..bytes.len() / 2]);
            });
            assert!(outcome.is_ok(), "{} fails", file.display());
        }
    }

    macro_rules! targets {
        ($($name:ident),*) => {
            $(#[test]
            fn $name() {
                replay(stringify!($name), crate::$name::run);
            })*

            #[test]
            fn each_folder_is_of_a_target() {
                let folders = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/seeds"));
                for folder in folders.unwrap() {
                    let name = folder.unwrap().file_name().into_string().unwrap();
                    assert!([$(stringify!($name)),*].contains(&name.as_str()), "{name}");
                }
            }
        };
    }

    targets!(
        allocator, arena, frames, interner, math, owned, pool, serde, string, typed
    );
}
