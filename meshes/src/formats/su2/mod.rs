//! Files of SU2: meshes (`.su2`) and binary solutions (`.dat`).
//!
//! Format of meshes: "Mesh File", <https://su2code.github.io/docs_v7/Mesh-File/>. Solutions have no
//! description but the program that writes them (`CSU2BinaryFileWriter` and
//! `CSolver::Read_SU2_Restart_Binary` of SU2 7).

mod mesh;
mod solution;

pub use mesh::read_su2;
pub use solution::{is_su2_solution, read_su2_solution};
