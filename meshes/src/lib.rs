//! Geometry, meshes, mesh formats and differential operators on meshes.
//!
//! A [`Mesh`] holds points, cells and named zones; it is checked once, when it is built, and does
//! not change afterwards. It never stores fields: a [`Field`] has a name, a [`Location`], a
//! component count, values and an optional unit, and lies beside the mesh it belongs to.
//!
//! Files are read with [`read_mesh`] and written with [`write_mesh`]; the format is chosen by the
//! extension. Read and written are VTK XML unstructured grids (`.vtu`) and poly data (`.vtp`); read
//! are Gmsh meshes (`.msh`), SU2 meshes (`.su2`) and SU2's binary solutions (`.dat`).
//!
//! ```no_run
//! use karman_meshes::{Location, read_mesh};
//!
//! let file = read_mesh("case_internal.vtu".as_ref())?;
//! let pressure = file.field("p", Location::Point)?.to_f64();
//! println!("{} points, first p = {}", file.mesh.n_points(), pressure[0]);
//! # Ok::<(), karman_meshes::MeshError>(())
//! ```

mod cell;
mod csr;
mod error;
mod field;
mod formats;
mod geometry;
mod mesh;
mod operators;

pub use cell::{Cell, CellType};
pub use csr::Csr;
pub use error::MeshError;
pub use field::{Field, Location, Values};
pub use formats::{
    Compression, Encoding, FieldSelection, MeshFile, ReadOptions, StlFile, VtkDataSet,
    WriteOptions, is_su2_solution, read_gmsh, read_mesh, read_mesh_with, read_su2,
    read_su2_solution, read_vtk_xml, write_file_atomically, write_mesh, write_vtk_xml,
};
pub use geometry::{
    AirfoilMeasures, AirfransName, CGrid, CGridBounds, CGridOptions, ChordFrame, ClosedSurface,
    Contour, Cst, CstFit, CstOptions, DatAirfoil, DatLayout, FarFieldOptions, Naca,
    NacaTrailingEdge, Nearest, Reflex, SegmentTree, TrailingEdge, naca4, naca5, parse_dat,
    read_dat,
};
pub use mesh::{Mesh, MeshBuilder, Zone};
pub use operators::{
    BoundaryFace, GradientRule, Located, PointLocator, boundary_edges, boundary_faces,
    boundary_loops, cell_centroids, cell_measures, line_integral, line_segments, nodal_gradient,
    nodal_gradient_with, segment_lengths,
};
