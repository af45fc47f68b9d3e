//! `&Arena` and `&Scope` speak each version of the `Allocator` trait that is turned on.
#![cfg_attr(std_allocator, feature(allocator_api))]

macro_rules! version {
    ($name:ident, $vec:path) => {
        #[test]
        fn $name() {
            use $vec as ArenaVec;

            let mut arena = arenula::Arena::new();
            let mut vec = ArenaVec::new_in(&arena);
            for i in 0..10_000_u32 {
                vec.push(i);
            }
            assert!(vec.iter().copied().eq(0..10_000));
            vec.truncate(10);
            vec.shrink_to_fit();
            assert!(vec.iter().copied().eq(0..10));
            drop(vec);
            arena.reset();
            arena.scope(|s| {
                let mut vec = ArenaVec::with_capacity_in(4, &*s);
                vec.extend(0..1000_u64);
                assert_eq!(vec.iter().sum::<u64>(), 499_500);
            });
            assert_eq!(arena.allocated_bytes(), 0);
        }
    };
}

version!(allocator_api2_0_2, allocator_api2::vec::Vec);
#[cfg(feature = "allocator-api2-03")]
version!(allocator_api2_0_3, allocator_api2_03::vec::Vec);
#[cfg(feature = "allocator-api2-04")]
version!(allocator_api2_0_4, allocator_api2_04::vec::Vec);
#[cfg(std_allocator)]
version!(the_standard_library, std::vec::Vec);
