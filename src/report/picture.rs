//! A picture and its two outputs: SVG text and PNG bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use plotters::prelude::{BitMapBackend, DrawingBackend, IntoDrawingArea, SVGBackend};

use super::canvas::{Canvas, DrawFault, Drawn, Medium, Rect, SCALE};
use super::encode::{Indexed, encode_indexed, encode_rgb};
use super::error::ReportError;
use super::richtext::escape;
use super::style;

/// Pixels of a PNG file for one nominal pixel.
const PNG_SCALE: usize = 2;

/// A raster and the place where it lies, under everything that is drawn.
pub struct Underlay {
    /// Place in nominal pixels.
    pub place: Rect,
    /// What lies there.
    pub image: Indexed,
}

/// Something that can be drawn.
pub trait Picture {
    /// File name without extension; letters, digits and hyphens.
    fn name(&self) -> String;
    /// One sentence for readers who cannot see it.
    fn alt(&self) -> String;
    /// Nominal width and height.
    fn size(&self) -> (u32, u32);
    /// Rasters under the drawing.
    fn underlays(&self) -> Vec<Underlay> {
        Vec::new()
    }
    /// Draws everything but the underlays.
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn;
}

/// The picture as an SVG document for a page: no declaration, no namespace, no font.
pub fn inline_svg(picture: &impl Picture) -> Result<String, ReportError> {
    let body = svg_body(picture)?;
    let (w, h) = picture.size();
    let alt = escape(&picture.alt());
    Ok(format!(
        "<svg viewBox=\"0 0 {w} {h}\" role=\"img\" aria-label=\"{alt}\">{body}</svg>"
    ))
}

/// The picture as an SVG file that needs no other file: the font is inside.
pub fn svg_file(picture: &impl Picture) -> Result<String, ReportError> {
    let body = svg_body(picture)?;
    let (w, h) = picture.size();
    let faces = font_faces();
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\">\
         <style>{faces}</style><rect width=\"{w}\" height=\"{h}\" fill=\"#fff\"/>{body}</svg>\n"
    ))
}

/// The bundled font as CSS, inside data URIs.
pub fn font_faces() -> String {
    let face = |weight: &str, bytes: &[u8]| {
        let data = BASE64.encode(bytes);
        let family = style::FONT;
        format!(
            "@font-face{{font-family:{family};font-weight:{weight};\
             src:url(data:font/ttf;base64,{data}) format(\"truetype\")}}"
        )
    };
    face("100 500", style::REGULAR) + &face("501 900", style::SEMI_BOLD)
}

/// What lies inside the outer `svg` element.
fn svg_body(picture: &impl Picture) -> Result<String, ReportError> {
    let fault = |what| draw_error(picture, what);
    let mut text = String::new();
    let (w, h) = backend_size(picture);
    {
        ready().map_err(fault)?;
        let area = SVGBackend::with_string(&mut text, (w, h)).into_drawing_area();
        picture
            .draw(&Canvas::new(&area, Medium::Svg))
            .map_err(fault)?;
        area.present()
            .map_err(|e| draw_error(picture, DrawFault(e.to_string())))?;
    }
    let drawn = inside(&text).replace(
        &format!("font-family=\"{}\"", style::FONT),
        &format!("font-family=\"{},system-ui,sans-serif\"", style::FONT),
    );
    let mut body = String::new();
    for underlay in picture.underlays() {
        body += &image_tag(&underlay).map_err(|e| draw_error(picture, DrawFault(e.to_string())))?;
    }
    let undo = 1.0 / SCALE;
    body += &format!("<g transform=\"scale({undo})\" stroke-linejoin=\"round\">{drawn}</g>");
    Ok(body)
}

/// Everything between the tags of plotters' own `svg` element, one line.
fn inside(svg: &str) -> String {
    let from = svg
        .find("<svg")
        .and_then(|i| svg[i..].find('>').map(|j| i + j + 1))
        .unwrap_or(0);
    let to = svg.rfind("</svg>").unwrap_or(svg.len());
    svg[from..to]
        .replace(['\n', '\r'], "")
        .replace(" \"/>", "\"/>")
}

fn image_tag(underlay: &Underlay) -> Result<String, png::EncodingError> {
    let Rect { x, y, w, h } = underlay.place;
    let data = BASE64.encode(encode_indexed(&underlay.image)?);
    Ok(format!(
        "<image x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" preserveAspectRatio=\"none\" \
         href=\"data:image/png;base64,{data}\"/>"
    ))
}

/// The picture as a PNG file of twice the nominal size.
pub fn png_file(picture: &impl Picture) -> Result<Vec<u8>, ReportError> {
    let fault = |what| draw_error(picture, what);
    let (w, h) = backend_size(picture);
    let mut pixels = vec![255u8; w as usize * h as usize * 3];
    for underlay in picture.underlays() {
        blit(&mut pixels, w as usize, &underlay);
    }
    {
        ready().map_err(fault)?;
        let area = BitMapBackend::with_buffer(&mut pixels, (w, h)).into_drawing_area();
        picture
            .draw(&Canvas::new(&area, Medium::Bitmap))
            .map_err(fault)?;
        area.present()
            .map_err(|e| draw_error(picture, DrawFault(e.to_string())))?;
    }
    let shrink = SCALE as usize / PNG_SCALE;
    let small = scale_down(&pixels, w as usize, shrink);
    let (w, h) = (w / shrink as u32, h / shrink as u32);
    encode_rgb(w, h, &small).map_err(|e| draw_error(picture, DrawFault(e.to_string())))
}

fn ready() -> Drawn {
    let missing = || DrawFault("the bundled font cannot be read".to_owned());
    style::load_fonts().then_some(()).ok_or_else(missing)
}

fn draw_error(picture: &impl Picture, DrawFault(what): DrawFault) -> ReportError {
    ReportError::Draw {
        picture: picture.name(),
        what,
    }
}

fn backend_size(picture: &impl Picture) -> (u32, u32) {
    let (w, h) = picture.size();
    (w * SCALE as u32, h * SCALE as u32)
}

/// Paints an underlay into a buffer of RGB rows, nearest pixel.
fn blit(pixels: &mut [u8], row_pixels: usize, underlay: &Underlay) {
    let image = &underlay.image;
    let to = |v: f64| (v * SCALE).round().max(0.0) as usize;
    let (x0, y0) = (to(underlay.place.x), to(underlay.place.y));
    let (w, h) = (
        to(underlay.place.right()) - x0,
        to(underlay.place.bottom()) - y0,
    );
    for row in 0..h {
        let source = row * image.height / h;
        for column in 0..w {
            let index = image.pixels[source * image.width + column * image.width / w];
            let target = 3 * ((y0 + row) * row_pixels + x0 + column);
            if let (Some(out), 1..) = (pixels.get_mut(target..target + 3), index) {
                out.copy_from_slice(&image.palette[usize::from(index)]);
            }
        }
    }
}

/// Averages blocks of `by` x `by` pixels of RGB rows.
fn scale_down(pixels: &[u8], row_pixels: usize, by: usize) -> Vec<u8> {
    let (w, h) = (row_pixels / by, pixels.len() / 3 / row_pixels / by);
    let mut small = Vec::with_capacity(3 * w * h);
    for row in 0..h {
        for column in 0..w {
            let mut sums = [0usize; 3];
            for y in row * by..(row + 1) * by {
                let from = 3 * (y * row_pixels + column * by);
                for pixel in pixels[from..from + 3 * by].chunks_exact(3) {
                    sums.iter_mut()
                        .zip(pixel)
                        .for_each(|(sum, c)| *sum += usize::from(*c));
                }
            }
            small.extend(sums.map(|sum| ((sum + by * by / 2) / (by * by)) as u8));
        }
    }
    small
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_down_averages_blocks() {
        let row = |a: u8, b: u8| [[a; 3], [a; 3], [b; 3], [b; 3]].concat();
        let pixels = [row(10, 200), row(20, 100)].concat();
        assert_eq!(scale_down(&pixels, 4, 2), [15, 15, 15, 150, 150, 150]);
    }

    #[test]
    fn transparent_pixels_leave_the_paper() {
        let image = Indexed {
            width: 2,
            height: 1,
            pixels: vec![0, 1],
            palette: vec![[0; 3], [9, 8, 7]],
        };
        let place = Rect {
            x: 0.0,
            y: 0.0,
            w: 2.0,
            h: 1.0,
        };
        let mut pixels = vec![255u8; 8 * 4 * 3];
        blit(&mut pixels, 8, &Underlay { place, image });
        assert_eq!(pixels[..3], [255, 255, 255]);
        assert_eq!(pixels[4 * 3..5 * 3], [9, 8, 7]);
    }
}
