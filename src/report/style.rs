//! What all pictures share: font, colours, sizes.

use std::sync::OnceLock;

use plotters::style::{FontStyle, RGBColor, register_font};

/// Font family, registered with plotters and embedded in every page and SVG.
pub const FONT: &str = "Inter";

/// Weight 400 of the bundled font (SIL Open Font License, see `assets`).
pub const REGULAR: &[u8] = include_bytes!("assets/Inter-Regular.ttf");
/// Weight 600 of the bundled font.
pub const SEMI_BOLD: &[u8] = include_bytes!("assets/Inter-SemiBold.ttf");

/// Text and axes.
pub const INK: RGBColor = RGBColor(0x1c, 0x25, 0x30);
/// Tick labels and secondary text.
pub const MUTED: RGBColor = RGBColor(0x5a, 0x66, 0x73);
/// Grid lines.
pub const GRID: RGBColor = RGBColor(0xe3, 0xe7, 0xec);
/// Axis lines.
pub const AXIS: RGBColor = RGBColor(0x9a, 0xa5, 0xb1);
/// Paper.
pub const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xff);
/// First series; upper side of an airfoil.
pub const BLUE: RGBColor = RGBColor(0x1f, 0x62, 0xa8);
/// Second series; lower side of an airfoil.
pub const ORANGE: RGBColor = RGBColor(0xd0, 0x68, 0x12);
/// Third series.
pub const GREEN: RGBColor = RGBColor(0x1d, 0x84, 0x63);
/// Fourth series.
pub const PURPLE: RGBColor = RGBColor(0x8b, 0x4b, 0xa6);
/// Fifth series.
pub const PINK: RGBColor = RGBColor(0xc2, 0x3b, 0x6b);

/// Colours of series in the order in which they are used; they differ in
/// lightness too, so that they stay apart for colour-blind readers.
pub const SERIES: [RGBColor; 5] = [BLUE, ORANGE, GREEN, PURPLE, PINK];

/// Text size of labels, in the pixels of a picture's nominal size.
pub const TEXT: f64 = 12.5;
/// Text size of a picture's own heading.
pub const HEADING: f64 = 14.5;

/// Weight of a piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Weight 400.
    Regular,
    /// Weight 600.
    SemiBold,
}

impl Weight {
    /// The name that plotters knows the weight by.
    pub fn font_style(self) -> FontStyle {
        match self {
            Self::Regular => FontStyle::Normal,
            Self::SemiBold => FontStyle::Bold,
        }
    }
}

/// A colour mixed with paper; `strength` 1 leaves it as it is.
pub fn pale(RGBColor(r, g, b): RGBColor, strength: f64) -> RGBColor {
    let mix = |c: u8| (255.0 - strength * (255.0 - f64::from(c))).round() as u8;
    RGBColor(mix(r), mix(g), mix(b))
}

/// Gives the bundled font to plotters, once in a process; false when it cannot be read.
pub fn load_fonts() -> bool {
    static LOADED: OnceLock<bool> = OnceLock::new();
    *LOADED.get_or_init(|| {
        register_font(FONT, FontStyle::Normal, REGULAR).is_ok()
            && register_font(FONT, FontStyle::Bold, SEMI_BOLD).is_ok()
    })
}
