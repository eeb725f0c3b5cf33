//! A vector that several threads write.

#![allow(unsafe_code)]

use std::ops::Range;

/// A vector of which each entry is written by one thread, before others read it.
pub(super) struct Shared(pub *mut f64);

// SAFETY: every use says why no entry is written by one thread while another uses it.
unsafe impl Sync for Shared {}

impl Shared {
    /// # Safety
    /// `at` is within the vector, and no thread writes it.
    #[inline(always)]
    pub(super) unsafe fn get(&self, at: usize) -> f64 {
        // SAFETY: the caller's promise.
        unsafe { *self.0.add(at) }
    }

    /// # Safety
    /// `at` is within the vector, and no other thread uses it.
    #[inline(always)]
    pub(super) unsafe fn set(&self, at: usize, value: f64) {
        // SAFETY: the caller's promise.
        unsafe { *self.0.add(at) = value };
    }

    /// # Safety
    /// The range is within the vector, and no thread writes to it.
    #[inline(always)]
    pub(super) unsafe fn row(&self, range: Range<usize>) -> &[f64] {
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts(self.0.add(range.start), range.len()) }
    }

    /// # Safety
    /// The range is within the vector, and no other reference to it is in use.
    #[inline(always)]
    #[expect(clippy::mut_from_ref)]
    pub(super) unsafe fn row_mut(&self, range: Range<usize>) -> &mut [f64] {
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.0.add(range.start), range.len()) }
    }
}
