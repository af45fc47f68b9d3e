//! Where machine code lies.

/// Puts the code that follows `SHIFT` bytes behind an address that is divisible by 64, the size of
/// the blocks that processors fetch instructions in.
///
/// Called at the start of a body that is not inlined, this moves all of the body's loops. Multiples
/// of 16 are enough, since that is how the compiler aligns them.
#[inline(always)]
pub fn place_code<const SHIFT: usize>() {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    {
        const NOP: usize = if cfg!(target_arch = "x86_64") { 1 } else { 4 };
        // SAFETY: nothing is executed but instructions that do nothing.
        unsafe {
            std::arch::asm!(
                ".balign 64",
                ".rept {count}",
                "nop",
                ".endr",
                count = const SHIFT / NOP,
                options(nomem, nostack, preserves_flags),
            );
        }
    }
}

/// The builds of a row, for [`Comparison::run`](crate::Comparison::run), with the code in each of
/// the places that [`place_code`] can give it.
///
/// Before the arrow stands a name for the shift, behind it the expression for the row.
#[macro_export]
macro_rules! builds {
    (@build $shift:ident = $value:literal => $row:expr) => {
        Box::new(move || {
            const $shift: usize = $value;
            $row
        }) as $crate::Build
    };
    ($shift:ident => $row:expr) => {
        vec![
            $crate::builds!(@build $shift = 0 => $row),
            $crate::builds!(@build $shift = 16 => $row),
            $crate::builds!(@build $shift = 32 => $row),
            $crate::builds!(@build $shift = 48 => $row),
        ]
    };
}
