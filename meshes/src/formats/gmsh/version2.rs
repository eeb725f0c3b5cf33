//! `$Nodes` and `$Elements` of versions 2.0 to 2.2.

use super::element::ElementKind;
use super::grid::Grid;
use super::groups::Groups;
use super::source::{Encoding, Source};
use crate::MeshError;

/// Reads `$Nodes`.
pub(super) fn read_nodes(source: &mut Source<'_>, grid: &mut Grid) -> Result<(), MeshError> {
    let count = source.line_number("the number of nodes")?;
    grid.points.reserve(source.trusted(count, 4));
    for _ in 0..count {
        let tag = source.tag("the tag of a node")?;
        let mut point = [0.0; 3];
        for coordinate in &mut point {
            *coordinate = source.real("a coordinate")?;
        }
        source.end_line()?;
        let pushed = grid.push_node(tag, point);
        pushed.map_err(|problem| source.scan.malformed(problem))?;
    }
    source.end()
}

/// Elements of one kind behind each other; in text each stands alone.
struct Block {
    kind: ElementKind,
    count: u64,
    n_tags: u64,
    /// The tag of the only element, which text puts first.
    tag: Option<u64>,
}

impl Block {
    fn read(source: &mut Source<'_>, grid: &Grid) -> Result<Self, MeshError> {
        let (tag, number, count) = match source.encoding {
            Encoding::Text => {
                let tag = source.tag("the tag of an element")?;
                (Some(tag), source.int("the type of an element")?, 1)
            }
            Encoding::Bytes { .. } => {
                let number = source.int("the type of elements")?;
                (
                    None,
                    number,
                    source.tag("the number of elements of a type")?,
                )
            }
        };
        Ok(Self {
            kind: grid.kind(number, source)?,
            count,
            n_tags: source.tag("the number of tags")?,
            tag,
        })
    }
}

/// Reads `$Elements`. The first tag of an element is its physical group; the geometric entity and
/// the partitions that may follow are not needed.
pub(super) fn read_elements(
    source: &mut Source<'_>,
    grid: &mut Grid,
    groups: &mut Groups,
) -> Result<(), MeshError> {
    let count = source.line_number("the number of elements")?;
    let mut read = 0u64;
    let mut nodes = Vec::new();
    while read < count {
        let block = Block::read(source, grid)?;
        read = read.saturating_add(block.count);
        if read > count {
            return Err(source.scan.malformed(format!(
                "a block of {} elements, but there are {count} in all",
                block.count
            )));
        }
        for _ in 0..block.count {
            read_element(source, grid, groups, &block, &mut nodes)?;
        }
    }
    source.end()
}

fn read_element(
    source: &mut Source<'_>,
    grid: &mut Grid,
    groups: &mut Groups,
    block: &Block,
    nodes: &mut Vec<u64>,
) -> Result<(), MeshError> {
    let tag = match block.tag {
        Some(tag) => tag,
        None => source.tag("the tag of an element")?,
    };
    let mut group = 0;
    for k in 0..block.n_tags {
        let value = source.int("a tag of an element")?;
        if k == 0 {
            group = value;
        }
    }
    nodes.clear();
    for _ in 0..block.kind.nodes {
        nodes.push(source.tag("a node of an element")?);
    }
    source.end_line()?;
    let element = if group != 0 && grid.repeats_last(block.kind, nodes) {
        grid.last_element_again(tag)
    } else {
        let pushed = grid.push_element(tag, block.kind, nodes);
        pushed.map_err(|problem| source.scan.malformed(problem))?
    };
    groups.add(block.kind.cell.dimension() as u8, group, element);
    Ok(())
}
