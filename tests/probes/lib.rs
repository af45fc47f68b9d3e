//! Functions whose machine code `tests/budgets.rs` counts: each is one call of the arena.
#![no_std]

extern crate alloc;

use alloc::boxed::Box;
use alloc::string::String;
use core::alloc::Layout;
use core::ptr::NonNull;

use allocator_api2::alloc::{AllocError, Allocator};
use arenula::{Arena, DropArena, FrozenArena, Id, TypedArena};

/// A value of 24 bytes, as large as a `String`.
#[derive(Debug)]
pub struct Node(pub [u64; 3]);

/// `Arena::alloc::<u32>`.
#[unsafe(no_mangle)]
pub fn alloc_u32(arena: &Arena, value: u32) -> &mut u32 {
    arena.alloc(value)
}

/// `Arena::try_alloc::<u32>`.
#[unsafe(no_mangle)]
pub fn try_alloc_u32(arena: &Arena, value: u32) -> Result<&mut u32, AllocError> {
    arena.try_alloc(value)
}

/// `Arena::alloc::<u32>` at `MIN_ALIGN` 1.
#[unsafe(no_mangle)]
pub fn alloc_u32_min_align_1(arena: &Arena<1>, value: u32) -> &mut u32 {
    arena.alloc(value)
}

/// `Allocator::allocate` of a layout known at run time.
#[unsafe(no_mangle)]
pub fn allocate(arena: &Arena, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
    arena.allocate(layout)
}

/// `Allocator::grow` of layouts known at run time.
///
/// # Safety
///
/// That of `Allocator::grow`.
#[unsafe(no_mangle)]
pub unsafe fn grow(
    arena: &Arena,
    block: NonNull<u8>,
    old: Layout,
    new: Layout,
) -> Result<NonNull<[u8]>, AllocError> {
    // SAFETY: the caller keeps the contract.
    unsafe { arena.grow(block, old, new) }
}

/// `Allocator::deallocate` of a layout known at run time.
///
/// # Safety
///
/// That of `Allocator::deallocate`.
#[unsafe(no_mangle)]
pub unsafe fn deallocate(arena: &Arena, block: NonNull<u8>, layout: Layout) {
    // SAFETY: the caller keeps the contract.
    unsafe { arena.deallocate(block, layout) }
}

/// `Allocator::deallocate` at `MIN_ALIGN` 1.
///
/// # Safety
///
/// That of `Allocator::deallocate`.
#[unsafe(no_mangle)]
pub unsafe fn deallocate_min_align_1(arena: &Arena<1>, block: NonNull<u8>, layout: Layout) {
    // SAFETY: the caller keeps the contract.
    unsafe { arena.deallocate(block, layout) }
}

/// `Arena::try_alloc_slice_copy`.
#[unsafe(no_mangle)]
pub fn try_alloc_slice_copy<'a>(
    arena: &'a Arena,
    source: &[u64],
) -> Result<&'a mut [u64], AllocError> {
    arena.try_alloc_slice_copy(source)
}

/// `Arena::try_alloc_str`.
#[unsafe(no_mangle)]
pub fn try_alloc_str<'a>(arena: &'a Arena, text: &str) -> Result<&'a mut str, AllocError> {
    arena.try_alloc_str(text)
}

/// `Arena::try_alloc_slice_fill_copy`.
#[unsafe(no_mangle)]
pub fn try_alloc_slice_fill_copy(
    arena: &Arena,
    len: usize,
    value: u64,
) -> Result<&mut [u64], AllocError> {
    arena.try_alloc_slice_fill_copy(len, value)
}

/// `Arena::try_alloc_layout`.
#[unsafe(no_mangle)]
pub fn try_alloc_layout(arena: &Arena, layout: Layout) -> Result<NonNull<u8>, AllocError> {
    arena.try_alloc_layout(layout)
}

/// `Arena::try_alloc_concat`.
#[unsafe(no_mangle)]
pub fn try_alloc_concat<'a>(arena: &'a Arena, pieces: &[&str]) -> Result<&'a mut str, AllocError> {
    arena.try_alloc_concat(pieces)
}

/// `Arena::try_alloc_slice_fill_iter` over a slice.
#[unsafe(no_mangle)]
pub fn try_alloc_slice_fill_iter<'a>(
    arena: &'a Arena,
    source: &[u32],
) -> Result<&'a mut [u32], AllocError> {
    arena.try_alloc_slice_fill_iter(source.iter().copied())
}

/// `Arena::try_alloc_iter` over what a closure lets through.
#[unsafe(no_mangle)]
pub fn try_alloc_iter<'a>(arena: &'a Arena, source: &[u32]) -> Result<&'a mut [u32], AllocError> {
    arena.try_alloc_iter(source.iter().copied().filter(|n| n % 2 == 0))
}

/// `Arena::try_alloc_with`.
#[unsafe(no_mangle)]
pub fn try_alloc_with(arena: &Arena, value: u64) -> Result<&mut [u64; 4], AllocError> {
    arena.try_alloc_with(|| [value; 4])
}

/// `Arena::try_reserve`.
#[unsafe(no_mangle)]
pub fn try_reserve(arena: &Arena, bytes: usize) -> Result<(), AllocError> {
    arena.try_reserve(bytes)
}

/// `Arena::scope` with one `alloc::<u64>` in it.
#[unsafe(no_mangle)]
pub fn scope_u64(arena: &mut Arena, value: u64) -> u64 {
    arena.scope(|scope| *scope.alloc(value))
}

/// `Arena::reset`.
#[unsafe(no_mangle)]
pub fn reset(arena: &mut Arena) {
    arena.reset();
}

/// An arena that is made, used once and dropped.
#[unsafe(no_mangle)]
pub fn new_u64_drop(value: u64) -> u64 {
    *Arena::new().alloc(value)
}

/// `Arena::alloc::<String>`.
#[unsafe(no_mangle)]
pub fn alloc_string(arena: &Arena, value: String) -> &mut String {
    arena.alloc(value)
}

/// `TypedArena::alloc` of a `u32`.
#[unsafe(no_mangle)]
pub fn typed_alloc_u32(arena: &TypedArena<u32>, value: u32) -> &mut u32 {
    arena.alloc(value)
}

/// `TypedArena::try_alloc` of a `u32`.
#[unsafe(no_mangle)]
pub fn typed_try_alloc_u32(arena: &TypedArena<u32>, value: u32) -> Result<&mut u32, AllocError> {
    arena.try_alloc(value)
}

/// `TypedArena::alloc` of a [`Node`].
#[unsafe(no_mangle)]
pub fn typed_alloc_node(arena: &TypedArena<Node>, value: Node) -> &mut Node {
    arena.alloc(value)
}

/// `TypedArena::try_alloc_iter` over what a closure lets through.
#[unsafe(no_mangle)]
pub fn typed_try_alloc_iter<'a>(
    arena: &'a TypedArena<u32>,
    source: &[u32],
) -> Result<&'a mut [u32], AllocError> {
    arena.try_alloc_iter(source.iter().copied().filter(|n| n % 2 == 0))
}

/// `FrozenArena::push` of a [`Node`].
#[unsafe(no_mangle)]
pub fn frozen_push_node(arena: &FrozenArena<Node>, value: Node) -> Id<Node> {
    arena.push(value)
}

/// `FrozenArena::try_push` of a [`Node`].
#[unsafe(no_mangle)]
pub fn frozen_try_push_node(
    arena: &FrozenArena<Node>,
    value: Node,
) -> Result<Id<Node>, AllocError> {
    arena.try_push(value)
}

/// `FrozenArena::get` of a [`Node`].
#[unsafe(no_mangle)]
pub fn frozen_get_node(arena: &FrozenArena<Node>, id: Id<Node>) -> Option<&Node> {
    arena.get(id)
}

/// A [`Node`] of a `FrozenArena` by its id.
#[unsafe(no_mangle)]
pub fn frozen_index_node(arena: &FrozenArena<Node>, id: Id<Node>) -> &Node {
    &arena[id]
}

/// `DropArena::alloc` of a `u32`, which needs no destructor.
#[unsafe(no_mangle)]
pub fn drop_alloc_u32<'a>(arena: &'a DropArena<'_>, value: u32) -> &'a mut u32 {
    arena.alloc(value)
}

/// `DropArena::alloc` of a [`Node`], which needs no destructor.
#[unsafe(no_mangle)]
pub fn drop_alloc_node<'a>(arena: &'a DropArena<'_>, value: Node) -> &'a mut Node {
    arena.alloc(value)
}

/// `Arena::alloc` of a [`Node`].
#[unsafe(no_mangle)]
pub fn alloc_node(arena: &Arena, value: Node) -> &mut Node {
    arena.alloc(value)
}

/// `DropArena::alloc` of a `String`, which needs its destructor.
#[unsafe(no_mangle)]
pub fn drop_alloc_string<'a>(arena: &'a DropArena<'_>, value: String) -> &'a mut String {
    arena.alloc(value)
}

/// `DropArena::try_alloc` of a `String`.
#[unsafe(no_mangle)]
pub fn drop_try_alloc_string<'a>(
    arena: &'a DropArena<'_>,
    value: String,
) -> Result<&'a mut String, AllocError> {
    arena.try_alloc(value)
}

/// `Arena::alloc` of a `Box`.
#[unsafe(no_mangle)]
pub fn alloc_box(arena: &Arena, value: Box<u32>) -> &mut Box<u32> {
    arena.alloc(value)
}

/// `DropArena::alloc` of a `Box`, which needs its destructor.
#[unsafe(no_mangle)]
pub fn drop_alloc_box<'a>(arena: &'a DropArena<'_>, value: Box<u32>) -> &'a mut Box<u32> {
    arena.alloc(value)
}

/// `String::push` of any character.
#[unsafe(no_mangle)]
pub fn string_push(text: &mut arenula::string::String<&Arena>, ch: char) {
    text.push(ch);
}

/// `String::try_push` of any character.
#[unsafe(no_mangle)]
pub fn string_try_push(
    text: &mut arenula::string::String<&Arena>,
    ch: char,
) -> Result<(), AllocError> {
    text.try_push(ch)
}

/// `String::try_push_str`.
#[unsafe(no_mangle)]
pub fn string_try_push_str(
    text: &mut arenula::string::String<&Arena>,
    more: &str,
) -> Result<(), AllocError> {
    text.try_push_str(more)
}

/// `String::try_from_str_in`.
#[unsafe(no_mangle)]
pub fn string_try_from_str<'a>(
    text: &str,
    arena: &'a Arena,
) -> Result<arenula::string::String<&'a Arena>, AllocError> {
    arenula::string::String::try_from_str_in(text, arena)
}

/// `String::into_str`.
#[unsafe(no_mangle)]
pub fn string_into_str(text: arenula::string::String<&Arena>) -> &mut str {
    text.into_str()
}
