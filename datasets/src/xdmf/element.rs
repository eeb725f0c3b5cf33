//! XML as a tree of elements.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// Elements within elements.
const DEEPEST: usize = 32;
/// Elements of a file: a series of thousands of steps has some ten for each.
const MOST_ELEMENTS: usize = 1 << 20;

/// An element and all that is in it.
#[derive(Debug, Default)]
pub(super) struct Element {
    /// Without the prefix of a namespace.
    pub name: String,
    attributes: Vec<(String, String)>,
    /// The text directly inside.
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    /// The value of an attribute, without blanks around it.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let mut all = self.attributes.iter();
        all.find(|(other, _)| other == name)
            .map(|(_, value)| value.trim())
    }

    /// The children of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first child of a name.
    pub fn first(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    fn new(start: &BytesStart<'_>) -> Result<Self, String> {
        let mut element = Self {
            name: local(start.name().as_ref()).to_owned(),
            ..Self::default()
        };
        // The check for repeated names is quadratic in their number, which a hostile file chooses.
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let key: &str = attribute.key.as_ref();
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| error.to_string())?;
            element
                .attributes
                .push((key.to_owned(), value.into_owned()));
        }
        Ok(element)
    }
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// Reads a file's outermost element.
pub(super) fn parse(bytes: &[u8]) -> Result<Element, String> {
    let mut reader = Reader::from_reader(bytes);
    let mut open = vec![Element::default()];
    let mut count = 0;
    loop {
        let event = reader.read_event();
        let at = reader.buffer_position();
        let failed = |problem: String| format!("byte {at}: {problem}");
        match event.map_err(|error| failed(error.to_string()))? {
            Event::Start(start) => open.push(Element::new(&start).map_err(failed)?),
            Event::Empty(start) => {
                let element = Element::new(&start).map_err(failed)?;
                close(&mut open, element);
            }
            Event::End(_) => {
                if let Some(element) = open.pop() {
                    close(&mut open, element);
                }
                continue;
            }
            Event::Text(text) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&text.into_inner());
                }
                continue;
            }
            Event::CData(text) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&text.into_inner());
                }
                continue;
            }
            Event::GeneralRef(_) => return Err(failed("a reference among the text".to_owned())),
            Event::Eof => break,
            _ => continue,
        }
        count += 1;
        if count > MOST_ELEMENTS || open.len() > DEEPEST {
            return Err(failed(format!(
                "more than {MOST_ELEMENTS} elements, or more than {DEEPEST} in each other"
            )));
        }
    }
    let (Some(mut top), true) = (open.pop(), open.is_empty()) else {
        return Err("the file is cut off within an element".to_owned());
    };
    top.children
        .pop()
        .ok_or_else(|| "there is no element".to_owned())
}

fn close(open: &mut [Element], element: Element) {
    if let Some(parent) = open.last_mut() {
        parent.children.push(element);
    }
}
