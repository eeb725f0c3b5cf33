//! Slices over the caller's memory, after every check that can be made.

#![allow(unsafe_code)]

use std::ffi::c_char;
use std::ops::Range;
use std::slice;

use crate::status::Failure;

/// Null, misaligned, or longer than memory can be.
fn check<T>(what: &str, data: *const T, count: usize) -> Result<(), Failure> {
    if data.is_null() {
        return Err(Failure::null(what));
    }
    if !data.is_aligned() {
        return Err(Failure::argument(format!(
            "{what} at {data:p} is not aligned to {} bytes",
            align_of::<T>()
        )));
    }
    let fits =
        |bytes: usize| isize::try_from(bytes).is_ok() && data.addr().checked_add(bytes).is_some();
    if !count.checked_mul(size_of::<T>()).is_some_and(fits) {
        return Err(Failure::argument(format!(
            "{what} cannot have {count} entries"
        )));
    }
    Ok(())
}

/// An input array.
///
/// # Safety
/// `data`, where it passes the checks, points to `count` initialised values that nobody changes
/// during `'a`.
pub(crate) unsafe fn input<'a, T>(
    what: &str,
    data: *const T,
    count: usize,
) -> Result<&'a [T], Failure> {
    if count == 0 {
        return Ok(&[]);
    }
    check(what, data, count)?;
    // SAFETY: not null, aligned, of a size that memory can have; the rest is the caller's promise.
    Ok(unsafe { slice::from_raw_parts(data, count) })
}

/// An output array.
///
/// # Safety
/// `data`, where it passes the checks, points to `count` initialised values that nobody else reads
/// or changes during `'a`.
pub(crate) unsafe fn output<'a, T>(
    what: &str,
    data: *mut T,
    count: usize,
) -> Result<&'a mut [T], Failure> {
    if count == 0 {
        return Ok(&mut []);
    }
    check(what, data, count)?;
    // SAFETY: as in `input`; that nobody else uses it is the caller's promise.
    Ok(unsafe { slice::from_raw_parts_mut(data, count) })
}

/// An input and an output of `count` values each, which must not overlap.
///
/// # Safety
/// As [`input`] and [`output`], but for their overlap, which is checked.
pub(crate) unsafe fn pair<'a, T>(
    names: [&str; 2],
    data: *const T,
    result: *mut T,
    count: usize,
) -> Result<(&'a [T], &'a mut [T]), Failure> {
    check(names[0], data, count)?;
    check(names[1], result, count)?;
    let bytes = |start: usize| -> Range<usize> { start..start + count * size_of::<T>() };
    let (a, b) = (bytes(data.addr()), bytes(result.addr()));
    if a.start < b.end && b.start < a.end {
        return Err(Failure::argument(format!(
            "{} and {} overlap; give them memory of their own",
            names[0], names[1]
        )));
    }
    // SAFETY: the caller's promise, and no overlap.
    Ok(unsafe {
        (
            input(names[0], data, count)?,
            output(names[1], result, count)?,
        )
    })
}

/// Writes one value where the caller asked for it.
///
/// # Safety
/// `place`, where it passes the checks, points to memory for a `T`, initialised or not.
pub(crate) unsafe fn put<T>(what: &str, place: *mut T, value: T) -> Result<(), Failure> {
    check(what, place, 1)?;
    // SAFETY: not null and aligned; that it is writable is the caller's promise.
    unsafe { place.write(value) };
    Ok(())
}

/// Copies text with a zero at its end into a buffer of `capacity` bytes, cut where it does not fit.
///
/// # Safety
/// `buffer` is null with `capacity` 0, or points to `capacity` writable bytes.
pub(crate) unsafe fn put_text(
    text: &str,
    buffer: *mut c_char,
    capacity: usize,
) -> Result<(), Failure> {
    if capacity == 0 {
        return Ok(());
    }
    check("buffer", buffer, capacity)?;
    let kept = text.floor_char_boundary(capacity - 1);
    // SAFETY: `kept < capacity` bytes and the zero behind them fit; the buffer is the caller's, so
    // it does not overlap `text`.
    unsafe {
        buffer
            .cast::<u8>()
            .copy_from_nonoverlapping(text.as_ptr(), kept);
        buffer.add(kept).write(0);
    }
    Ok(())
}
