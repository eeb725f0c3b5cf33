//! The nodes and elements read so far.

use super::element::ElementKind;
use super::tags::TagIndex;
use crate::{CellType, MeshError};

use super::source::Source;

/// Points and cells as a mesh wants them, and the tags that the file knows them by.
#[derive(Debug)]
pub(super) struct Grid {
    pub points: Vec<[f64; 3]>,
    pub nodes: TagIndex,
    pub types: Vec<CellType>,
    pub offsets: Vec<usize>,
    pub connectivity: Vec<u32>,
    pub elements: TagIndex,
    /// Whether elements of second order become linear ones.
    linearise: bool,
    /// Nodes between the corners of second-order elements.
    between: Vec<u32>,
}

impl Grid {
    pub fn new(linearise: bool) -> Self {
        Self {
            points: Vec::new(),
            nodes: TagIndex::default(),
            types: Vec::new(),
            offsets: vec![0],
            connectivity: Vec::new(),
            elements: TagIndex::default(),
            linearise,
            between: Vec::new(),
        }
    }

    /// Appends a node.
    pub fn push_node(&mut self, tag: u64, point: [f64; 3]) -> Result<(), String> {
        let position = u32::try_from(self.points.len()).map_err(|_| "more than 2^32 nodes")?;
        if !self.nodes.insert(tag, position) {
            return Err(format!("node {tag} is there twice"));
        }
        self.points.push(point);
        Ok(())
    }

    /// The kind with Gmsh's number, if it can be read.
    pub fn kind(&self, number: i64, source: &Source<'_>) -> Result<ElementKind, MeshError> {
        let kind = ElementKind::from_number(number).map_err(|why| source.scan.unsupported(why))?;
        if kind.is_second_order() && !self.linearise {
            return Err(source.scan.unsupported(format!(
                "elements of type {number} are of second order ({} nodes); write the mesh with \
                 `gmsh -order 1`, or take their corners only with `ReadOptions::linearise`",
                kind.nodes
            )));
        }
        Ok(kind)
    }

    /// Appends an element whose nodes have these tags; its position.
    pub fn push_element(
        &mut self,
        tag: u64,
        kind: ElementKind,
        nodes: &[u64],
    ) -> Result<u32, String> {
        let position = u32::try_from(self.types.len()).map_err(|_| "more than 2^32 elements")?;
        for (place, &node) in nodes.iter().enumerate() {
            let point = self.nodes.get(node).ok_or_else(|| {
                format!("element {tag}, node {place}: there is no node with the tag {node}")
            })?;
            match place < kind.corners() {
                true => self.connectivity.push(point),
                false => self.between.push(point),
            }
        }
        self.types.push(kind.cell);
        self.offsets.push(self.connectivity.len());
        // Elements on the border of partitions may be there for each; fields then go to the last.
        self.elements.insert(tag, position);
        Ok(position)
    }

    /// Whether the last element is of this kind with these nodes: version 2 writes an element once
    /// for each of its physical groups.
    pub fn repeats_last(&self, kind: ElementKind, nodes: &[u64]) -> bool {
        let Some((&last, ends)) = self.types.last().zip(self.offsets.last_chunk::<2>()) else {
            return false;
        };
        let former = &self.connectivity[ends[0]..ends[1]];
        let same = |(&point, &node): (&u32, &u64)| self.nodes.get(node) == Some(point);
        last == kind.cell && former.len() == kind.corners() && former.iter().zip(nodes).all(same)
    }

    /// Enters another tag of the last element; its position.
    pub fn last_element_again(&mut self, tag: u64) -> u32 {
        let position = self.types.len().saturating_sub(1) as u32;
        self.elements.insert(tag, position);
        position
    }

    /// Points that only stand between corners are left out; which of the points stay, if not all.
    pub fn drop_nodes_between(&mut self) -> Option<Vec<bool>> {
        if self.between.is_empty() {
            return None;
        }
        let mut stays = vec![true; self.points.len()];
        for &point in &self.between {
            stays[point as usize] = false;
        }
        for &point in &self.connectivity {
            stays[point as usize] = true;
        }
        let mut renumbered = Vec::with_capacity(self.points.len());
        let mut next = 0;
        for &stay in &stays {
            renumbered.push(next);
            next += u32::from(stay);
        }
        for point in &mut self.connectivity {
            *point = renumbered[*point as usize];
        }
        let mut stay = stays.iter();
        self.points
            .retain(|_| stay.next().is_some_and(|&stay| stay));
        Some(stays)
    }
}
