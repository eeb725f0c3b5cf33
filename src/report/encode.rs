//! PNG encoding: true colour for whole pictures, palette for field rasters
//! (a palette picture of a smooth field is several times smaller).

use png::{BitDepth, ColorType, Compression, Encoder, Filter};

/// A picture with at most 256 colours; index 0 is transparent.
#[derive(Clone, Debug)]
pub struct Indexed {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Palette index of each pixel, row by row from the top.
    pub pixels: Vec<u8>,
    /// Colours; the first is never seen.
    pub palette: Vec<[u8; 3]>,
}

/// Encodes an indexed picture.
pub fn encode_indexed(image: &Indexed) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, image.width as u32, image.height as u32);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_palette(image.palette.concat());
    encoder.set_trns(vec![0u8]);
    encoder.set_compression(Compression::Balanced);
    // Neighbouring indices of a smooth field differ by 0 or 1, which differences catch.
    encoder.set_filter(Filter::Adaptive);
    encoder.write_header()?.write_image_data(&image.pixels)?;
    Ok(bytes)
}

/// Encodes a picture of red, green, blue bytes.
pub fn encode_rgb(width: u32, height: u32, rgb: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Balanced);
    encoder.write_header()?.write_image_data(rgb)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_indexed_picture_reads_back() {
        let image = Indexed {
            width: 3,
            height: 2,
            pixels: vec![0, 1, 2, 2, 1, 0],
            palette: vec![[0, 0, 0], [10, 20, 30], [255, 128, 7]],
        };
        let bytes = encode_indexed(&image).unwrap();
        let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!(pixels[..8], [0, 0, 0, 0, 10, 20, 30, 255]);
        assert_eq!(pixels[12..16], [255, 128, 7, 255]);
    }
}
