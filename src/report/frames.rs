//! A field on a uniform grid as a picture of cells: PNG for one time, GIF for a series.

use super::colormap::Colormap;
use super::encode::encode_rgb;
use super::error::ReportError;

/// Where nothing flows.
const SOLID: [u8; 3] = [118, 118, 118];
/// Colours beside that one, as many as a GIF may have.
const LEVELS: usize = 255;

/// Frames of the same size with the same colours.
#[derive(Clone, Debug)]
pub struct Frames {
    /// Cells in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Values of each frame, row by row from the top; NaN is drawn in grey.
    pub values: Vec<Vec<f32>>,
    /// The values of the first and of the last colour.
    pub range: [f32; 2],
    /// Whether the colours tell signs apart, white in the middle of the range.
    pub signed: bool,
    /// Pixels along the side of a cell.
    pub zoom: usize,
}

impl Frames {
    fn palette(&self) -> Vec<[u8; 3]> {
        let map = match self.signed {
            true => Colormap::Diverging,
            false => Colormap::Viridis,
        };
        let mut palette = vec![SOLID];
        palette.extend(map.palette(LEVELS));
        palette
    }

    /// Palette indices of a frame, enlarged.
    fn pixels(&self, frame: &[f32]) -> Vec<u8> {
        let [low, high] = self.range;
        let scale = (LEVELS - 1) as f32 / (high - low).max(f32::MIN_POSITIVE);
        let level = |value: &f32| match value.is_nan() {
            true => 0,
            false => {
                1 + ((value - low) * scale)
                    .round()
                    .clamp(0.0, (LEVELS - 1) as f32) as u8
            }
        };
        let mut pixels = Vec::with_capacity(frame.len() * self.zoom * self.zoom);
        for row in frame.chunks(self.width.max(1)) {
            let line: Vec<u8> = (row.iter().map(level))
                .flat_map(|level| std::iter::repeat_n(level, self.zoom))
                .collect();
            (0..self.zoom).for_each(|_| pixels.extend(&line));
        }
        pixels
    }

    /// Pixels in a row, and rows.
    ///
    /// # Errors
    /// More than the formats can hold.
    fn size(&self) -> Result<(u16, u16), ReportError> {
        let side = |cells: usize| u16::try_from(cells.saturating_mul(self.zoom));
        match (side(self.width), side(self.height)) {
            (Ok(width), Ok(height)) if width > 0 && height > 0 => Ok((width, height)),
            _ => Err(draw(format!(
                "{} x {} cells, enlarged {} times, are none or more than 65535 pixels along a side",
                self.width, self.height, self.zoom
            ))),
        }
    }

    /// The frame numbered `frame` as PNG.
    ///
    /// # Errors
    /// A picture that is too large.
    pub fn png(&self, frame: usize) -> Result<Vec<u8>, ReportError> {
        let (width, height) = self.size()?;
        let palette = self.palette();
        let pixels = self.pixels(&self.values[frame]);
        let rgb: Vec<u8> = (pixels.iter())
            .flat_map(|pixel| palette[usize::from(*pixel)])
            .collect();
        encode_rgb(width.into(), height.into(), &rgb).map_err(draw)
    }

    /// All frames as a GIF that runs for ever, with `seconds` between frames.
    ///
    /// # Errors
    /// Pictures that are too large.
    pub fn gif(&self, seconds: f64) -> Result<Vec<u8>, ReportError> {
        let (width, height) = self.size()?;
        let mut bytes = Vec::new();
        let palette = self.palette().concat();
        let mut encoder = gif::Encoder::new(&mut bytes, width, height, &palette).map_err(draw)?;
        encoder.set_repeat(gif::Repeat::Infinite).map_err(draw)?;
        for values in &self.values {
            let pixels = self.pixels(values);
            let mut frame = gif::Frame::from_indexed_pixels(width, height, pixels, None);
            // Hundredths of a second; many programs slow down below two.
            frame.delay = (100.0 * seconds).round().clamp(2.0, 1000.0) as u16;
            encoder.write_frame(&frame).map_err(draw)?;
        }
        drop(encoder);
        Ok(bytes)
    }
}

fn draw(what: impl ToString) -> ReportError {
    ReportError::Draw {
        picture: "frames".to_owned(),
        what: what.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames() -> Frames {
        Frames {
            width: 3,
            height: 2,
            values: vec![vec![0.0, 1.0, f32::NAN, 0.5, 2.0, -1.0], vec![1.0; 6]],
            range: [0.0, 1.0],
            signed: false,
            zoom: 2,
        }
    }

    #[test]
    fn values_become_colours_and_nothing_becomes_grey() {
        let frames = frames();
        let bytes = frames.png(0).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
            .read_info()
            .unwrap();
        let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut rgb).unwrap();
        assert_eq!((info.width, info.height), (6, 4));
        let pixel = |x: usize, y: usize| &rgb[3 * (6 * y + x)..][..3];
        let (low, high) = (Colormap::Viridis.color(0.0), Colormap::Viridis.color(1.0));
        assert_eq!(pixel(1, 1), low);
        assert_eq!(pixel(3, 0), high);
        assert_eq!(pixel(5, 1), SOLID);
        // Out of range is the end of the range.
        assert_eq!(pixel(2, 3), high);
        assert_eq!(pixel(4, 2), low);
    }

    #[test]
    fn a_gif_has_all_frames_and_its_time() {
        let bytes = frames().gif(0.05).unwrap();
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::Indexed);
        let mut decoder = options.read_info(std::io::Cursor::new(bytes)).unwrap();
        let mut seen = Vec::new();
        while let Some(frame) = decoder.read_next_frame().unwrap() {
            seen.push((frame.width, frame.height, frame.delay, frame.buffer[2]));
        }
        assert_eq!(seen, [(6, 4, 5, 255), (6, 4, 5, 255)]);
    }

    #[test]
    fn too_large_is_an_error() {
        let frames = Frames {
            zoom: 40_000,
            ..frames()
        };
        assert!(frames.gif(0.1).is_err() && frames.png(0).is_err());
    }
}
