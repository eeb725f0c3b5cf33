//! Small pieces of HTML.

use super::super::richtext::escape;

/// A part of the page with its heading.
pub struct Section {
    /// Anchor: letters, digits and hyphens.
    pub id: String,
    /// Heading, as HTML.
    pub title: String,
    /// Complete element.
    pub html: String,
}

/// A section, or nothing when its content is empty.
pub fn section(id: &str, title: &str, content: &str) -> Option<Section> {
    let title = escape(title);
    let html = format!("<section id=\"{id}\">\n<h2>{title}</h2>\n{content}</section>\n");
    let id = id.to_owned();
    (!content.trim().is_empty()).then_some(Section { id, title, html })
}

/// Links to the sections that are there.
pub fn contents(sections: &[Option<Section>]) -> String {
    let link = |s: &Section| format!("<a href=\"#{}\">{}</a>", s.id, s.title);
    let links: Vec<String> = sections.iter().flatten().map(link).collect();
    format!("<nav aria-label=\"Contents\">{}</nav>", links.join("\n"))
}

/// A paragraph of plain text.
pub fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", escape(text))
}

/// A table that scrolls sideways where it does not fit. `head` and `rows` are HTML.
pub fn table(class: &str, caption: &str, head: &str, rows: &str) -> String {
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\"><table class=\"{class}\">\n\
         <thead>\n{head}</thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n"
    )
}

/// A figure with its caption; both are HTML.
pub fn figure(svg: &str, caption: &str) -> String {
    format!("<figure>{svg}<figcaption>{caption}</figcaption></figure>\n")
}

/// Figures side by side where there is room.
pub fn pair(figures: &str) -> String {
    if figures.is_empty() {
        String::new()
    } else {
        format!("<div class=\"figures\">\n{figures}</div>\n")
    }
}

/// Something that the reader opens; both are HTML.
pub fn fold(summary: &str, content: &str, open: bool) -> String {
    let open = if open { " open" } else { "" };
    format!("<details{open}><summary>{summary}</summary>\n{content}</details>\n")
}
