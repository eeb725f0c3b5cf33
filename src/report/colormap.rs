//! Colour maps: viridis and inferno for magnitudes, a blue-white-red map for
//! signed errors.
//!
//! viridis and inferno: Nathaniel Smith and Stefan van der Walt, 2015, released
//! as CC0; every fourth entry of the 256. The diverging map is built here: its
//! lightness falls evenly from the middle to both ends in Oklab (Bjorn Ottosson,
//! "A perceptual color space for image processing", 2020), so that errors of
//! equal size look equally strong on both sides.

/// A map from [0, 1] to colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colormap {
    /// Dark blue over green to yellow.
    Viridis,
    /// Black over red to pale yellow.
    Inferno,
    /// Blue over near-white to red; the middle is 0.5.
    Diverging,
}

impl Colormap {
    /// Colour at `t`, clamped to [0, 1]; the low end for NaN.
    pub fn color(self, t: f64) -> [u8; 3] {
        let t = if t.is_nan() { 0.0 } else { t.clamp(0.0, 1.0) };
        match self {
            Self::Viridis => from_table(&VIRIDIS, t),
            Self::Inferno => from_table(&INFERNO, t),
            Self::Diverging => diverging(t),
        }
    }

    /// The map at `n` evenly spaced places, ends included (`n` at least 2).
    pub fn palette(self, n: usize) -> Vec<[u8; 3]> {
        let last = n.saturating_sub(1).max(1) as f64;
        (0..n).map(|i| self.color(i as f64 / last)).collect()
    }
}

/// Linear interpolation between the entries of a table of 0xRRGGBB.
fn from_table(table: &[u32; 65], t: f64) -> [u8; 3] {
    let place = t * (table.len() - 1) as f64;
    let i = (place as usize).min(table.len() - 2);
    let weight = place - i as f64;
    let channel = |shift: u32| {
        let at = |k: usize| f64::from((table[k] >> shift) & 0xff);
        (at(i) * (1.0 - weight) + at(i + 1) * weight).round() as u8
    };
    [channel(16), channel(8), channel(0)]
}

/// Blue to near-white to red with even lightness steps in Oklab.
fn diverging(t: f64) -> [u8; 3] {
    let signed = 2.0 * t - 1.0;
    let size = signed.abs();
    let hue = if signed < 0.0 { 255f64 } else { 30f64 }.to_radians();
    // Chroma rises quickly and then eases off, so that small errors already show their sign.
    let chroma = 0.155 * size * (1.75 - 0.75 * size);
    let lightness = 0.975 - 0.545 * size;
    oklab_to_srgb([lightness, chroma * hue.cos(), chroma * hue.sin()])
}

/// Oklab to 8-bit sRGB, clipped into the gamut.
fn oklab_to_srgb([lightness, a, b]: [f64; 3]) -> [u8; 3] {
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548 * b).powi(3);
    let linear = [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s,
    ];
    linear.map(|c| {
        let c = c.clamp(0.0, 1.0);
        let encoded = if c <= 0.003_130_8 {
            12.92 * c
        } else {
            1.055 * c.powf(1.0 / 2.4) - 0.055
        };
        (255.0 * encoded).round() as u8
    })
}

#[rustfmt::skip]
const VIRIDIS: [u32; 65] = [
    0x440154, 0x46075a, 0x470d60, 0x471365, 0x48186a, 0x481d6f, 0x482374, 0x482878, 0x472d7b, 0x46327e,
    0x453781, 0x443b84, 0x424086, 0x404588, 0x3e4989, 0x3d4e8a, 0x3b528b, 0x39568c, 0x375b8d, 0x355f8d,
    0x33638d, 0x31678e, 0x2f6b8e, 0x2e6f8e, 0x2c728e, 0x2a768e, 0x297a8e, 0x277e8e, 0x26828e, 0x25858e,
    0x23898e, 0x228d8d, 0x21918c, 0x1f948c, 0x1f988b, 0x1e9c89, 0x1fa088, 0x20a386, 0x22a785, 0x25ab82,
    0x28ae80, 0x2db27d, 0x32b67a, 0x38b977, 0x3fbc73, 0x46c06f, 0x4ec36b, 0x56c667, 0x5ec962, 0x67cc5c,
    0x70cf57, 0x7ad151, 0x84d44b, 0x8ed645, 0x98d83e, 0xa2da37, 0xaddc30, 0xb8de29, 0xc2df23, 0xcde11d,
    0xd8e219, 0xe2e418, 0xece51b, 0xf6e620, 0xfde725,
];

#[rustfmt::skip]
const INFERNO: [u32; 65] = [
    0x000004, 0x02010a, 0x040312, 0x07051b, 0x0b0724, 0x10092d, 0x150b37, 0x1b0c41, 0x210c4a, 0x280b53,
    0x2f0a5b, 0x360961, 0x3d0965, 0x440a68, 0x4a0c6b, 0x510e6c, 0x57106e, 0x5d126e, 0x64156e, 0x6a176e,
    0x71196e, 0x771c6d, 0x7d1e6d, 0x84206b, 0x8a226a, 0x902568, 0x972766, 0x9d2964, 0xa32c61, 0xa92e5e,
    0xb0315b, 0xb63458, 0xbc3754, 0xc13a50, 0xc73e4c, 0xcc4248, 0xd24644, 0xd74b3f, 0xdb503b, 0xe05536,
    0xe45a31, 0xe8602d, 0xeb6628, 0xef6c23, 0xf1731d, 0xf47918, 0xf68013, 0xf8870e, 0xf98e09, 0xfb9606,
    0xfb9d07, 0xfca50a, 0xfcac11, 0xfcb418, 0xfbbc21, 0xfac42a, 0xf9cb35, 0xf7d340, 0xf5db4c, 0xf3e35a,
    0xf2ea69, 0xf1f179, 0xf3f68a, 0xf8fb9a, 0xfcffa4,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Rough lightness, enough to compare neighbours.
    fn luma([r, g, b]: [u8; 3]) -> f64 {
        0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b)
    }

    #[test]
    fn ends_are_the_published_colours() {
        assert_eq!(Colormap::Viridis.color(0.0), [0x44, 0x01, 0x54]);
        assert_eq!(Colormap::Viridis.color(1.0), [0xfd, 0xe7, 0x25]);
        assert_eq!(Colormap::Inferno.color(0.0), [0x00, 0x00, 0x04]);
        assert_eq!(Colormap::Inferno.color(1.0), [0xfc, 0xff, 0xa4]);
    }

    #[test]
    fn values_outside_and_nan_stay_on_the_map() {
        for map in [Colormap::Viridis, Colormap::Inferno, Colormap::Diverging] {
            assert_eq!(map.color(-3.0), map.color(0.0));
            assert_eq!(map.color(f64::INFINITY), map.color(1.0));
            assert_eq!(map.color(f64::NAN), map.color(0.0));
        }
    }

    #[test]
    fn magnitude_maps_get_lighter_all_the_way() {
        for map in [Colormap::Viridis, Colormap::Inferno] {
            let light: Vec<f64> = map.palette(40).into_iter().map(luma).collect();
            assert!(light.windows(2).all(|w| w[1] > w[0]), "{map:?} {light:?}");
        }
    }

    #[test]
    fn the_diverging_map_is_pale_in_the_middle_and_blue_below_red() {
        let [r, g, b] = Colormap::Diverging.color(0.5);
        assert!(r > 240 && r.abs_diff(g) < 4 && g.abs_diff(b) < 4);
        let (low, high) = (
            Colormap::Diverging.color(0.0),
            Colormap::Diverging.color(1.0),
        );
        assert!(
            low[2] > low[0] + 80 && high[0] > high[2] + 80,
            "{low:?} {high:?}"
        );
        for i in 1..20 {
            let step = f64::from(i) / 40.0;
            assert!(
                luma(Colormap::Diverging.color(0.5 - step))
                    < luma(Colormap::Diverging.color(0.525 - step))
            );
            assert!(
                luma(Colormap::Diverging.color(0.5 + step))
                    < luma(Colormap::Diverging.color(0.475 + step))
            );
        }
    }
}
