//! A page of plain parts: text, tables and charts, for measurements of any kind.
//!
//! Texts are labels: `_x`, `^x`, `_{..}` and `^{..}` lower and raise, everything else is shown as it stands.

use std::path::{Path, PathBuf};

use super::charts::{DotsChart, LinesChart};
use super::error::ReportError;
use super::page::document;
use super::page::facts::terms;
use super::page::html::{Section, figure, fold, pair, section, table};
use super::picture::inline_svg;
use super::richtext::{escape, to_html};
use super::write::write_file;

/// Everything that a page shows.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// Heading.
    pub title: String,
    /// One or two sentences under it.
    pub lead: String,
    /// How it was measured: terms and values. Empty values are left out.
    pub facts: Vec<(&'static str, String)>,
    /// Sections in their order; one without content is left out.
    pub parts: Vec<Part>,
}

/// A section.
#[derive(Clone, Debug)]
pub struct Part {
    /// Anchor: letters, digits and hyphens.
    pub id: String,
    /// Heading.
    pub title: String,
    /// Content.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Clone, Debug)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// A paragraph in small print.
    Note(String),
    /// A finding; how good it is.
    Finding(Tone, String),
    /// A table.
    Table(SheetTable),
    /// Charts with their captions, side by side where there is room.
    Charts(Vec<(Chart, String)>),
    /// A heading inside a section.
    Heading(String),
    /// Something that the reader opens.
    Fold(String, Vec<Block>),
}

/// How good a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As hoped.
    Good,
    /// In part.
    Mixed,
    /// Not as hoped.
    Bad,
}

/// A chart of a page.
#[derive(Clone, Debug)]
pub enum Chart {
    /// Curves.
    Lines(LinesChart),
    /// A mark for each value, in rows.
    Dots(DotsChart),
}

/// A table whose first column is a name.
#[derive(Clone, Debug, Default)]
pub struct SheetTable {
    /// What it shows, for readers who cannot see it.
    pub caption: String,
    /// Headings.
    pub head: Vec<String>,
    /// Rows.
    pub rows: Vec<SheetRow>,
}

/// A row of a table.
#[derive(Clone, Debug)]
pub struct SheetRow {
    /// Name in the first column.
    pub name: String,
    /// Whether the row is to stand out.
    pub ours: bool,
    /// The other columns.
    pub cells: Vec<SheetCell>,
}

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SheetCell {
    /// What it says; empty cells show a dash.
    pub text: String,
    /// Marked as the best of its column.
    pub best: bool,
    /// Marked as a fault.
    pub fault: bool,
    /// More words, shown below in small print.
    pub detail: String,
}

impl SheetCell {
    /// A cell without marks.
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }
}

/// Writes `report.html` into a folder that is there; returns its path. The file is replaced as a whole.
///
/// # Errors
/// [`ReportError::Write`] when it cannot be written, [`ReportError::Draw`] when a chart cannot be drawn.
pub fn write_sheet(sheet: &Sheet, folder: &Path) -> Result<PathBuf, ReportError> {
    let path = folder.join("report.html");
    write_file(&path, render_sheet(sheet)?.as_bytes())?;
    Ok(path)
}

/// The page as text.
///
/// # Errors
/// [`ReportError::Draw`] when a chart cannot be drawn.
pub fn render_sheet(sheet: &Sheet) -> Result<String, ReportError> {
    let label = |(name, value): &(&'static str, String)| (*name, to_html(value));
    let facts: Vec<(&str, String)> = sheet.facts.iter().map(label).collect();
    let part = |part: &Part| -> Result<Option<Section>, ReportError> {
        Ok(section(&part.id, &part.title, &blocks(&part.blocks)?))
    };
    let sections: Result<Vec<_>, _> = sheet.parts.iter().map(part).collect();
    Ok(document(
        &sheet.title,
        &sheet.lead,
        &terms(&facts),
        &sections?,
    ))
}

fn blocks(blocks: &[Block]) -> Result<String, ReportError> {
    blocks.iter().map(block).collect()
}

fn block(block: &Block) -> Result<String, ReportError> {
    Ok(match block {
        Block::Text(text) => format!("<p>{}</p>\n", to_html(text)),
        Block::Note(text) => format!("<p class=\"note\">{}</p>\n", to_html(text)),
        Block::Heading(text) => format!("<h3>{}</h3>\n", to_html(text)),
        Block::Finding(tone, text) => {
            let class = match tone {
                Tone::Good => "good",
                Tone::Mixed => "mixed",
                Tone::Bad => "bad",
            };
            format!("<p class=\"verdict {class}\">{}</p>\n", to_html(text))
        }
        Block::Table(content) => html_table(content),
        Block::Charts(charts) => charts_html(charts)?,
        Block::Fold(summary, content) => fold(&to_html(summary), &blocks(content)?, false),
    })
}

fn charts_html(charts: &[(Chart, String)]) -> Result<String, ReportError> {
    let mut figures = String::new();
    for (chart, caption) in charts {
        let svg = match chart {
            Chart::Lines(chart) => inline_svg(chart)?,
            Chart::Dots(chart) => inline_svg(chart)?,
        };
        figures += &figure(&svg, &to_html(caption));
    }
    Ok(pair(&figures))
}

fn html_table(content: &SheetTable) -> String {
    if content.rows.is_empty() {
        return String::new();
    }
    let head: String = content
        .head
        .iter()
        .map(|name| format!("<th>{}</th>", to_html(name)))
        .collect();
    let rows: String = content.rows.iter().map(html_row).collect();
    let caption = escape(&content.caption);
    table("sheet", &caption, &format!("<tr>{head}</tr>\n"), &rows)
}

fn html_row(row: &SheetRow) -> String {
    let class = if row.ours { "ours" } else { "baseline" };
    let cells: String = row.cells.iter().map(html_cell).collect();
    let name = to_html(&row.name);
    format!("<tr class=\"{class}\"><th scope=\"row\">{name}</th>{cells}</tr>\n")
}

fn html_cell(cell: &SheetCell) -> String {
    let text = if cell.text.is_empty() {
        super::page::numbers::DASH.to_owned()
    } else {
        to_html(&cell.text)
    };
    let detail = match cell.detail.as_str() {
        "" => String::new(),
        detail => format!(" <small>{}</small>", to_html(detail)),
    };
    match (cell.best, cell.fault) {
        (true, _) => format!("<td class=\"best\"><b>{text}</b>{detail}</td>"),
        (_, true) => format!("<td class=\"missed\">{text}{detail}</td>"),
        _ => format!("<td>{text}{detail}</td>"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        let cell = SheetCell {
            best: true,
            ..SheetCell::plain("1 < 2")
        };
        Sheet {
            title: "A <page>".to_owned(),
            lead: "Measured.".to_owned(),
            facts: vec![("Threads", "2".to_owned()), ("Unknown", String::new())],
            parts: vec![
                Part {
                    id: "one".to_owned(),
                    title: "One & all".to_owned(),
                    blocks: vec![
                        Block::Finding(Tone::Good, "10^{-6} reached".to_owned()),
                        Block::Table(SheetTable {
                            caption: "numbers".to_owned(),
                            head: vec!["name".to_owned(), "value".to_owned()],
                            rows: vec![SheetRow {
                                name: "a".to_owned(),
                                ours: true,
                                cells: vec![cell, SheetCell::default()],
                            }],
                        }),
                        Block::Fold("more".to_owned(), vec![Block::Text("inside".to_owned())]),
                    ],
                },
                Part {
                    id: "empty".to_owned(),
                    title: "Empty".to_owned(),
                    blocks: vec![Block::Table(SheetTable::default())],
                },
            ],
        }
    }

    #[test]
    fn a_page_holds_its_parts_and_leaves_out_empty_ones() {
        let html = render_sheet(&sheet()).unwrap();
        for expected in [
            "<h1>A &lt;page&gt;</h1>",
            "<h2>One &amp; all</h2>",
            "verdict good\">10<sup>-6</sup> reached",
            "<td class=\"best\"><b>1 &lt; 2</b></td><td>–</td>",
            "<summary>more</summary>",
            "<dt>Threads</dt>",
        ] {
            assert!(html.contains(expected), "{expected}");
        }
        assert!(!html.contains("Empty") && !html.contains("Unknown"));
        assert!(!html.contains("<script") && !html.contains("http://"));
    }
}
