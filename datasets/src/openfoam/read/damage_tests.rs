//! Damaged files give errors or other numbers, never a panic.

use proptest::prelude::*;

use super::FoamField;
use super::tests::binary_field;
use crate::openfoam::FoamMesh;
use crate::openfoam::mesh::write_poly_mesh;
use crate::openfoam::testing::sheared;

fn read(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("U");
    std::fs::write(&path, bytes).unwrap();
    if let Ok(field) = FoamField::read(&path)
        && let Ok(cells) = field.cell_values(2)
    {
        let _ = field.patch_values("freestream", &[0], &cells);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn changed_bytes(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = binary_field();
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        read(&bytes);
    }

    #[test]
    fn missing_bytes(from in any::<prop::sample::Index>(), count in 1usize..80) {
        let mut bytes = binary_field();
        let from = from.index(bytes.len());
        bytes.drain(from..(from + count).min(bytes.len()));
        read(&bytes);
    }

    #[test]
    fn changed_mesh_files(
        name in prop::sample::select(vec!["faces", "owner", "neighbour", "boundary"]),
        place in any::<prop::sample::Index>(),
        value in prop::sample::select(b"0123456789()-; x{}".to_vec()),
    ) {
        let case = tempfile::tempdir().unwrap();
        let mesh = FoamMesh::extrude(&sheared(3, 2, 0.3), 1.0).unwrap();
        let folder = case.path().join("constant/polyMesh");
        write_poly_mesh(&mesh, &folder).unwrap();
        let path = folder.join(name);
        let mut bytes = std::fs::read(&path).unwrap();
        let place = place.index(bytes.len());
        bytes[place] = value;
        std::fs::write(&path, bytes).unwrap();
        if let Ok(mesh) = FoamMesh::read(case.path()) {
            let _ = crate::MeshQuality::new(&mesh);
        }
    }
}
