//! Builds a [`Mesh`] and checks everything a mesh promises.

use std::collections::HashSet;

use super::{Mesh, Zone};
use crate::{CellType, Location, MeshError};

/// Collects points, cells and zones; [`Self::build`] checks them.
#[derive(Debug, Clone)]
pub struct MeshBuilder {
    points: Vec<[f64; 3]>,
    types: Vec<CellType>,
    offsets: Vec<usize>,
    connectivity: Vec<u32>,
    zones: Vec<Zone>,
}

impl Default for MeshBuilder {
    fn default() -> Self {
        Self {
            points: Vec::new(),
            types: Vec::new(),
            offsets: vec![0],
            connectivity: Vec::new(),
            zones: Vec::new(),
        }
    }
}

impl MeshBuilder {
    /// Sets the points (metres), replacing those set before.
    #[must_use]
    pub fn points(mut self, points: Vec<[f64; 3]>) -> Self {
        self.points = points;
        self
    }

    /// Appends one cell; `nodes` in VTK's order.
    #[must_use]
    pub fn cell(mut self, kind: CellType, nodes: &[u32]) -> Self {
        self.types.push(kind);
        self.connectivity.extend_from_slice(nodes);
        self.offsets.push(self.connectivity.len());
        self
    }

    /// Sets all cells at once, replacing those set before.
    ///
    /// `offsets` has one entry more than `types`, starts at 0 and ends at `connectivity.len()`.
    #[must_use]
    pub fn cells(
        mut self,
        types: Vec<CellType>,
        offsets: Vec<usize>,
        connectivity: Vec<u32>,
    ) -> Self {
        self.types = types;
        self.offsets = offsets;
        self.connectivity = connectivity;
        self
    }

    /// Appends a zone.
    #[must_use]
    pub fn zone(mut self, zone: Zone) -> Self {
        self.zones.push(zone);
        self
    }

    /// Checks everything and returns the mesh.
    ///
    /// # Errors
    /// The first broken promise, with the index of the point, cell or zone entry at fault: no
    /// points, a coordinate that is not finite, offsets that do not rise, a node count that the
    /// kind does not allow, a node or zone index out of range, a zone name used twice.
    pub fn build(self) -> Result<Mesh, MeshError> {
        self.check_points()?;
        self.check_cells()?;
        self.check_zones()?;
        let Self {
            points,
            types,
            offsets,
            connectivity,
            zones,
        } = self;
        Ok(Mesh {
            points,
            types,
            offsets,
            connectivity,
            zones,
        })
    }

    fn check_points(&self) -> Result<(), MeshError> {
        if self.points.is_empty() {
            return Err(MeshError::EmptyMesh);
        }
        for (what, count) in [("points", self.points.len()), ("cells", self.types.len())] {
            if u32::try_from(count).is_err() {
                return Err(MeshError::TooManyIndices { what, count });
            }
        }
        for (point, coordinates) in self.points.iter().enumerate() {
            if let Some(axis) = coordinates.iter().position(|x| !x.is_finite()) {
                return Err(MeshError::PointNotFinite {
                    point,
                    axis,
                    value: coordinates[axis],
                });
            }
        }
        Ok(())
    }

    fn check_cells(&self) -> Result<(), MeshError> {
        let length = self.connectivity.len();
        if self.offsets.len() != self.types.len() + 1
            || self.offsets.first() != Some(&0)
            || self.offsets.last() != Some(&length)
        {
            return Err(MeshError::CellArrays {
                types: self.types.len(),
                offsets: self.offsets.len(),
                connectivity: length,
            });
        }
        let n_points = self.points.len();
        for (cell, (&kind, ends)) in self.types.iter().zip(self.offsets.windows(2)).enumerate() {
            let (start, end) = (ends[0], ends[1]);
            let nodes = self.connectivity.get(start..end);
            let nodes = nodes.ok_or(MeshError::CellOffsets {
                cell,
                start,
                end,
                length,
            })?;
            if !kind.allows_node_count(nodes.len()) {
                return Err(MeshError::CellNodeCount {
                    cell,
                    kind,
                    found: nodes.len(),
                });
            }
            if let Some(position) = nodes.iter().position(|&node| node as usize >= n_points) {
                let node = i64::from(nodes[position]);
                return Err(MeshError::NodeOutOfRange {
                    cell,
                    position,
                    node,
                    n_points,
                });
            }
        }
        Ok(())
    }

    fn check_zones(&self) -> Result<(), MeshError> {
        let mut names = HashSet::new();
        for zone in &self.zones {
            if !names.insert(zone.name.as_str()) {
                return Err(MeshError::DuplicateZone {
                    name: zone.name.clone(),
                });
            }
            let count = match zone.location {
                Location::Point => self.points.len(),
                Location::Cell => self.types.len(),
            };
            if let Some(position) = zone
                .indices
                .iter()
                .position(|&index| index as usize >= count)
            {
                return Err(MeshError::ZoneOutOfRange {
                    zone: zone.name.clone(),
                    location: zone.location,
                    position,
                    index: zone.indices[position],
                    count,
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn triangle() -> MeshBuilder {
        let points = vec![[0.0; 3], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
        Mesh::builder()
            .points(points)
            .cell(CellType::Triangle, &[0, 1, 2])
    }

    fn message(builder: MeshBuilder) -> String {
        builder.build().unwrap_err().to_string()
    }

    #[test]
    fn sound_meshes_are_built() {
        let zone = Zone {
            name: "wall".into(),
            location: Location::Point,
            indices: vec![0, 2],
        };
        let mesh = triangle().zone(zone.clone()).build().unwrap();
        assert_eq!(mesh.zone("wall"), Some(&zone));
        assert_eq!(mesh.zone("inlet"), None);
        assert_eq!(
            Mesh::builder()
                .points(vec![[0.0; 3]])
                .build()
                .unwrap()
                .n_cells(),
            0
        );
    }

    #[test]
    fn points_are_checked() {
        assert_eq!(message(Mesh::builder()), "the mesh has no points");
        let builder = Mesh::builder().points(vec![[0.0; 3], [0.0, f64::NAN, 0.0]]);
        assert_eq!(
            message(builder),
            "point 1: coordinate y is NaN, not a finite number"
        );
    }

    #[test]
    fn cells_are_checked() {
        assert_eq!(
            message(triangle().cell(CellType::Triangle, &[0, 2, 3])),
            "cell 1, node 2: refers to point 3, but there are 3 points"
        );
        assert_eq!(
            message(triangle().cell(CellType::Polygon, &[0, 2])),
            "cell 1: a Polygon has at least 3 nodes, this one has 2"
        );
        let backwards = vec![0, 3, 2, 3];
        let cells = triangle().cells(vec![CellType::Triangle; 3], backwards, vec![0, 1, 2]);
        assert_eq!(
            message(cells),
            "cell 1: its nodes would lie from 3 to 2 in a connectivity of 3"
        );
        let far = triangle().cells(vec![CellType::Line; 2], vec![0, 9, 3], vec![0, 1, 2]);
        assert!(matches!(
            far.build(),
            Err(MeshError::CellOffsets {
                cell: 0,
                end: 9,
                ..
            })
        ));
        let short = triangle().cells(vec![CellType::Triangle], vec![0], vec![0, 1, 2]);
        assert!(matches!(short.build(), Err(MeshError::CellArrays { .. })));
    }

    #[test]
    fn zones_are_checked() {
        let zone = |name: &str, index| Zone {
            name: name.into(),
            location: Location::Cell,
            indices: vec![0, index],
        };
        assert_eq!(
            message(triangle().zone(zone("wall", 1))),
            "zone `wall`, entry 1: cell 1 does not exist, there are 1"
        );
        assert_eq!(
            message(triangle().zone(zone("a", 0)).zone(zone("a", 0))),
            "zone `a` is defined twice"
        );
    }
}
