//! The HTML page: one file, no script, nothing fetched.

pub mod facts;
mod figures;
pub mod html;
mod measures;
pub mod numbers;
mod tables;
mod verdict;

use super::data::ReportData;
use super::error::ReportError;
use super::picture::font_faces;
use super::richtext::escape;
use html::{Section, paragraph, section};

const STYLE: &str = include_str!("../assets/report.css");

/// Lets the page load nothing but what is inside of it, whatever a name may hold.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:";

/// Raster pixels for one nominal pixel of a field: what looks best, and what is
/// taken when a field so rough that it does not compress makes the page too big.
const DENSITIES: [f64; 2] = [1.5, 0.75];

/// Bytes of field pictures above which the second density is taken.
const MOST_BYTES: usize = 3_500_000;

/// The whole page as text.
///
/// # Errors
/// [`ReportError::Shape`] when lists inside `data` do not fit together,
/// [`ReportError::Draw`] when a picture cannot be drawn.
pub fn render_html(data: &ReportData) -> Result<String, ReportError> {
    data.validate()?;
    let title = match data.title.trim() {
        "" => "Karman report",
        title => title,
    };
    Ok(document(
        title,
        &data.lead,
        &facts::list(&data.run),
        &sections(data)?,
    ))
}

/// A page from its parts. Title and lead are plain text, `facts` is HTML.
pub fn document(title: &str, lead: &str, facts: &str, sections: &[Option<Section>]) -> String {
    let title = escape(title);
    let lead = match lead.trim() {
        "" => String::new(),
        lead => format!("<p class=\"lead\">{}</p>\n", escape(lead)),
    };
    let fonts = font_faces();
    let contents = html::contents(sections);
    let body: String = sections.iter().flatten().map(|s| s.html.as_str()).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"generator\" content=\"karman\">\n<title>{title}</title>\n\
         <style>{fonts}\n{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<h1>{title}</h1>\n{lead}{facts}\n{contents}\n</header>\n<main>\n{body}</main>\n\
         </body>\n</html>\n"
    )
}

/// All parts of the page in their order; those without content are `None`.
fn sections(data: &ReportData) -> Result<[Option<Section>; 8], ReportError> {
    let summary = verdict::sentence(&data.methods)
        + &tables::methods(&data.methods)
        + &figures::methods(data)?;
    let coefficients = tables::coefficients(&data.coefficients) + &figures::coefficients(data)?;
    let notes: String = data.notes.iter().map(|note| paragraph(note)).collect();
    Ok([
        section("summary", "Summary", &summary),
        section("coefficients", "Lift and drag", &coefficients),
        section("fields", "Fields and wall pressure", &fields(data)?),
        section("error", "Where the error sits", &figures::location(data)?),
        section("training", "Training", &figures::training(data)?),
        section("cases", "Test cases", &tables::cases(&data.cases)),
        section("run", "Configuration", &facts::configuration(&data.run)),
        section("notes", "Notes", &notes),
    ])
}

/// Field pictures in a density that keeps the page small.
fn fields(data: &ReportData) -> Result<String, ReportError> {
    let fine = figures::cases(data, DENSITIES[0])?;
    if fine.len() <= MOST_BYTES {
        Ok(fine)
    } else {
        figures::cases(data, DENSITIES[1])
    }
}
