//! The number types of arrays: their bytes and their text.

/// A number that can be read from raw bytes and from text.
pub(super) trait Number: bytemuck::Pod + std::str::FromStr + PartialEq {
    /// The number with its bytes in reverse order.
    fn swapped(self) -> Self;
}

macro_rules! number {
    ($($number:ty),*) => {$(
        impl Number for $number {
            fn swapped(self) -> Self {
                let mut bytes = self.to_ne_bytes();
                bytes.reverse();
                Self::from_ne_bytes(bytes)
            }
        }
    )*};
}
number!(i8, u8, i16, u16, i32, u32, i64, u64, f32, f64);

/// Turns numbers whose bytes lie in the file's order into numbers of this machine.
pub(super) fn to_native<T: Number>(numbers: &mut [T], big_endian: bool) {
    if big_endian != cfg!(target_endian = "big") && size_of::<T>() > 1 {
        numbers
            .iter_mut()
            .for_each(|number| *number = number.swapped());
    }
}
