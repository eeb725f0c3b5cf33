//! `$Entities`, `$PartitionedEntities`, `$Nodes` and `$Elements` of version 4.1.

use super::super::budget::Budget;
use super::grid::Grid;
use super::groups::{Group, Groups};
use super::source::Source;
use crate::MeshError;

/// Reads `$Entities`, of which only the physical groups are needed.
pub(super) fn read_entities(source: &mut Source<'_>, groups: &mut Groups) -> Result<(), MeshError> {
    entities(source, groups, false)?;
    source.end()
}

/// Reads `$PartitionedEntities`: the same for the pieces of entities that partitions made.
pub(super) fn read_partitioned_entities(
    source: &mut Source<'_>,
    groups: &mut Groups,
) -> Result<(), MeshError> {
    source.size("the number of partitions")?;
    for _ in 0..source.size("the number of ghost entities")? {
        source.int("the tag of a ghost entity")?;
        source.int("the partition of a ghost entity")?;
    }
    entities(source, groups, true)?;
    source.end()
}

fn entities(
    source: &mut Source<'_>,
    groups: &mut Groups,
    partitioned: bool,
) -> Result<(), MeshError> {
    let mut counts = [0; 4];
    for count in &mut counts {
        *count = source.size("the number of entities")?;
    }
    for (dimension, count) in (0u8..).zip(counts) {
        for _ in 0..count {
            let tag = source.int("the tag of an entity")?;
            if partitioned {
                source.int("the dimension of a parent entity")?;
                source.int("the tag of a parent entity")?;
                skip_ints(source, "the number of partitions of an entity")?;
            }
            // A point, or the corners of a box.
            source.skip_reals(if dimension == 0 { 3 } else { 6 })?;
            let mut tags = Vec::new();
            for _ in 0..source.size("the number of physical groups")? {
                tags.push(source.int("the tag of a physical group")?);
            }
            groups.enter_entity((dimension, tag), tags);
            if dimension > 0 {
                skip_ints(source, "the number of bounding entities")?;
            }
            source.end_line()?;
        }
    }
    Ok(())
}

/// Passes over a count and as many tags.
fn skip_ints(source: &mut Source<'_>, what: &str) -> Result<(), MeshError> {
    let count = source.size(what)?;
    (0..count).try_for_each(|_| source.int("a tag").map(drop))
}

/// The entity that a block of nodes or elements belongs to.
fn block_entity(source: &mut Source<'_>) -> Result<Group, MeshError> {
    let dimension = source.int("the dimension of an entity")?;
    let tag = source.int("the tag of an entity")?;
    match u8::try_from(dimension) {
        Ok(dimension @ 0..=3) => Ok((dimension, tag)),
        _ => Err(source
            .scan
            .malformed(format!("an entity of dimension {dimension}"))),
    }
}

/// What `$Nodes` and `$Elements` begin with: the number of blocks and of things in them all.
fn block_counts(source: &mut Source<'_>) -> Result<(u64, u64), MeshError> {
    let blocks = source.size("the number of blocks")?;
    let things = source.size("the number in all blocks")?;
    source.size("the lowest tag")?;
    source.size("the highest tag")?;
    source.end_line()?;
    Ok((blocks, things))
}

/// Checks that blocks held together what the section's first line said.
fn check_count(
    source: &Source<'_>,
    what: &str,
    expected: u64,
    found: usize,
) -> Result<(), MeshError> {
    match expected == found as u64 {
        true => Ok(()),
        false => Err(source.scan.malformed(format!(
            "the blocks hold {found} {what}, the first line says {expected}"
        ))),
    }
}

/// Reads `$Nodes`: blocks of tags and then of coordinates.
pub(super) fn read_nodes(source: &mut Source<'_>, grid: &mut Grid) -> Result<(), MeshError> {
    let (blocks, count) = block_counts(source)?;
    let before = grid.points.len();
    grid.points.reserve(source.trusted(count, 4));
    let mut tags = Vec::new();
    for _ in 0..blocks {
        let (dimension, _) = block_entity(source)?;
        // Nodes may carry their parameters on the curve, surface or volume they lie on.
        let parametric = source.int("whether there are parameters")? != 0;
        let parameters = if parametric {
            usize::from(dimension)
        } else {
            0
        };
        let n = source.size("the number of nodes of a block")?;
        source.end_line()?;
        tags.clear();
        for _ in 0..n {
            tags.push(source.size("the tag of a node")?);
        }
        for &tag in &tags {
            let mut point = [0.0; 3];
            for coordinate in &mut point {
                *coordinate = source.real("a coordinate")?;
            }
            source.skip_reals(parameters)?;
            source.end_line()?;
            let pushed = grid.push_node(tag, point);
            pushed.map_err(|problem| source.scan.malformed(problem))?;
        }
    }
    check_count(source, "nodes", count, grid.points.len() - before)?;
    source.end()
}

/// Reads `$Elements`: blocks of one kind on one entity.
pub(super) fn read_elements(
    source: &mut Source<'_>,
    grid: &mut Grid,
    groups: &mut Groups,
    budget: &mut Budget,
    file: &str,
) -> Result<(), MeshError> {
    let (blocks, count) = block_counts(source)?;
    let before = grid.types.len();
    let mut nodes = Vec::new();
    for _ in 0..blocks {
        let entity = block_entity(source)?;
        let number = source.int("the type of elements")?;
        let kind = grid.kind(number, source)?;
        let n = source.size("the number of elements of a block")?;
        source.end_line()?;
        let first = grid.types.len() as u32;
        for _ in 0..n {
            let tag = source.size("the tag of an element")?;
            nodes.clear();
            for _ in 0..kind.nodes {
                nodes.push(source.size("a node of an element")?);
            }
            source.end_line()?;
            let pushed = grid.push_element(tag, kind, &nodes);
            pushed.map_err(|problem| source.scan.malformed(problem))?;
        }
        groups.add_block(entity, first..grid.types.len() as u32, budget, file)?;
    }
    check_count(source, "elements", count, grid.types.len() - before)?;
    source.end()
}
