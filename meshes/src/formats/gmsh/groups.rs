//! Physical groups, which become zones.

use std::collections::{BTreeMap, HashMap};

use super::super::budget::Budget;
use super::source::Source;
use crate::{Location, MeshError, Zone};

/// A physical group: the dimension of its elements, and its tag.
pub(super) type Group = (u8, i64);

/// What the file says about physical groups.
#[derive(Debug, Default)]
pub(super) struct Groups {
    names: HashMap<Group, String>,
    /// Groups of the entities of version 4, by dimension and tag.
    entities: HashMap<Group, Vec<i64>>,
    members: BTreeMap<Group, Vec<u32>>,
}

impl Groups {
    /// Reads `$PhysicalNames`, which is text in every file.
    pub fn read_names(&mut self, source: &mut Source<'_>) -> Result<(), MeshError> {
        let count = source.line_number("the number of names")?;
        for _ in 0..count {
            let line = source.scan.line().unwrap_or_default();
            let parsed = std::str::from_utf8(line).ok().and_then(parse_name);
            let Some((group, name)) = parsed else {
                return Err(source.scan.malformed(
                    "a dimension (0 to 3), a tag and a name in quotes expected".to_owned(),
                ));
            };
            self.names.insert(group, name.to_owned());
        }
        source.end()
    }

    /// Enters the groups of an entity.
    pub fn enter_entity(&mut self, entity: Group, groups: Vec<i64>) {
        if !groups.is_empty() {
            self.entities.insert(entity, groups);
        }
    }

    /// Puts an element into a group; 0 stands for none.
    pub fn add(&mut self, dimension: u8, tag: i64, element: u32) {
        // The sign is that of an orientation.
        if tag != 0 {
            let members = self.members.entry((dimension, tag.saturating_abs()));
            members.or_default().push(element);
        }
    }

    /// Puts a block of elements into the groups of their entity.
    pub fn add_block(
        &mut self,
        entity: Group,
        elements: std::ops::Range<u32>,
        budget: &mut Budget,
        file: &str,
    ) -> Result<(), MeshError> {
        for &tag in self.entities.get(&entity).into_iter().flatten() {
            budget.take(
                elements.len(),
                size_of::<u32>(),
                file,
                "$Elements: physical groups",
            )?;
            let members = self.members.entry((entity.0, tag.saturating_abs()));
            members.or_default().extend(elements.clone());
        }
        Ok(())
    }

    /// The zones: one for each group that has elements, by rising dimension and tag.
    ///
    /// A group without a name is called `physical 1 13` after its dimension and tag. A name that
    /// groups of several dimensions share is followed by the dimension, `wall (1D)`; groups of one
    /// dimension that share a name are one zone.
    pub fn into_zones(self) -> Vec<Zone> {
        let mut dimensions: HashMap<&str, [bool; 4]> = HashMap::new();
        for group in self.members.keys() {
            if let Some(name) = self.names.get(group) {
                dimensions.entry(name).or_default()[usize::from(group.0)] = true;
            }
        }
        let mut zones: Vec<Zone> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        for ((dimension, tag), members) in &self.members {
            let name = match self.names.get(&(*dimension, *tag)) {
                None => format!("physical {dimension} {tag}"),
                Some(name) if dimensions[name.as_str()].iter().filter(|&&d| d).count() > 1 => {
                    format!("{name} ({dimension}D)")
                }
                Some(name) => name.clone(),
            };
            let place = *known.entry(name.clone()).or_insert(zones.len());
            if place == zones.len() {
                zones.push(Zone {
                    name,
                    location: Location::Cell,
                    indices: Vec::new(),
                });
            }
            zones[place].indices.extend_from_slice(members);
        }
        for zone in &mut zones {
            zone.indices.sort_unstable();
            zone.indices.dedup();
        }
        zones
    }
}

/// `1 13 "Inflow"`.
fn parse_name(line: &str) -> Option<(Group, &str)> {
    let line = line.trim_ascii();
    let (dimension, rest) = line.split_once(char::is_whitespace)?;
    let (tag, name) = rest.trim_ascii_start().split_once(char::is_whitespace)?;
    let dimension: u8 = dimension.parse().ok().filter(|&d| d <= 3)?;
    let name = name.trim_ascii().strip_prefix('"')?.strip_suffix('"')?;
    Some(((dimension, tag.parse().ok()?), name))
}
