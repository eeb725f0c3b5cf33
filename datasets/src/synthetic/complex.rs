//! The little complex arithmetic that conformal maps need.

use std::ops::{Add, Div, Mul, Sub};

/// `re + i im`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Complex {
    pub(super) re: f64,
    pub(super) im: f64,
}

pub(super) const fn complex(re: f64, im: f64) -> Complex {
    Complex { re, im }
}

impl Complex {
    /// `r e^(i angle)`
    pub(super) fn polar(r: f64, angle: f64) -> Self {
        complex(r * angle.cos(), r * angle.sin())
    }

    pub(super) fn abs(self) -> f64 {
        self.re.hypot(self.im)
    }

    pub(super) fn scale(self, factor: f64) -> Self {
        complex(factor * self.re, factor * self.im)
    }

    /// Principal branch; 0 for 0.
    pub(super) fn power(self, exponent: f64) -> Self {
        if self.re == 0.0 && self.im == 0.0 {
            return self;
        }
        Self::polar(self.abs().powf(exponent), exponent * self.im.atan2(self.re))
    }
}

impl Add for Complex {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        complex(self.re + o.re, self.im + o.im)
    }
}

impl Sub for Complex {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        complex(self.re - o.re, self.im - o.im)
    }
}

impl Mul for Complex {
    type Output = Self;
    fn mul(self, o: Self) -> Self {
        complex(
            self.re * o.re - self.im * o.im,
            self.re * o.im + self.im * o.re,
        )
    }
}

impl Div for Complex {
    type Output = Self;
    fn div(self, o: Self) -> Self {
        let squared = o.re * o.re + o.im * o.im;
        (self * complex(o.re, -o.im)).scale(1.0 / squared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division_undoes_multiplication() {
        let (a, b) = (complex(1.5, -2.0), complex(-0.5, 3.0));
        let c = (a * b) / b;
        assert!((c - a).abs() < 1e-15);
        let root = complex(-2.0, 1.0).power(0.5);
        assert!((root * root - complex(-2.0, 1.0)).abs() < 1e-15);
    }
}
