//! Attributes of start tags.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;

use super::Parser;
use crate::MeshError;

impl Parser<'_, '_> {
    /// The value of one attribute.
    pub fn attribute<'s>(
        &self,
        start: &'s BytesStart<'_>,
        name: &str,
    ) -> Result<Option<Cow<'s, str>>, MeshError> {
        // The check for repeated names is quadratic in their number, which a hostile file chooses.
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| self.malformed(error.to_string()))?;
            if AsRef::<str>::as_ref(&attribute.key) == name {
                let value = attribute.normalized_value(XmlVersion::Implicit1_0);
                return value
                    .map(Some)
                    .map_err(|error| self.malformed(error.to_string()));
            }
        }
        Ok(None)
    }

    /// An attribute that counts something.
    pub fn count(&self, start: &BytesStart<'_>, name: &str) -> Result<Option<u64>, MeshError> {
        let Some(text) = self.attribute(start, name)? else {
            return Ok(None);
        };
        match text.trim().parse() {
            Ok(count) => Ok(Some(count)),
            Err(_) => {
                let text: String = text.chars().take(40).collect();
                Err(self.malformed(format!("`{name}` is `{text}`, not a count")))
            }
        }
    }
}
