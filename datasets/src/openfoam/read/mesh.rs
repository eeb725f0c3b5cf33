//! Reads `constant/polyMesh`.

use std::path::Path;

use super::file::{FoamFile, Storage};
use super::scan::Scanner;
use crate::DatasetError;
use crate::openfoam::mesh::{FoamMesh, FoamPatch};

impl FoamMesh {
    /// Reads the mesh of the case in `folder`, and checks it.
    ///
    /// # Errors
    /// A file that is absent or damaged; indices that do not exist; patches with gaps. The message names
    /// the file.
    pub fn read(folder: &Path) -> Result<Self, DatasetError> {
        let folder = folder.join("constant/polyMesh");
        let open = |name: &str| FoamFile::open(&folder.join(name));
        let points_file = open("points")?;
        points_file.expect_class(&["vectorField"])?;
        let flat = points_file.scanner().scalars(points_file.storage, 3)?;
        let points: Vec<[f64; 3]> = flat.as_chunks().0.to_vec();
        let faces_file = open("faces")?;
        faces_file.expect_class(&["faceList", "faceCompactList"])?;
        let faces = faces(&faces_file)?;
        let owner_file = open("owner")?;
        let owner = labels(&owner_file)?;
        let neighbour_file = open("neighbour")?;
        let neighbour = labels(&neighbour_file)?;
        let boundary_file = open("boundary")?;
        boundary_file.expect_class(&["polyBoundaryMesh"])?;
        let patches = patches(&mut boundary_file.scanner())?;
        let n_cells = owner.iter().max().map_or(0, |&c| c as usize + 1);
        let mesh = Self {
            points,
            faces,
            owner,
            neighbour,
            patches,
            n_cells,
        };
        let check = |file: &FoamFile, problem: Option<String>| match problem {
            None => Ok(()),
            Some(problem) => Err(DatasetError::OpenFoamFile {
                path: file.path.clone(),
                problem,
            }),
        };
        check(&points_file, point_fault(&mesh))?;
        check(&faces_file, face_fault(&mesh))?;
        check(&owner_file, owner_fault(&mesh))?;
        check(&neighbour_file, neighbour_fault(&mesh))?;
        check(&boundary_file, patch_fault(&mesh))?;
        Ok(mesh)
    }
}

fn labels(file: &FoamFile) -> Result<Vec<u32>, DatasetError> {
    file.expect_class(&["labelList"])?;
    file.scanner().labels(file.storage)
}

fn faces(file: &FoamFile) -> Result<Vec<Vec<u32>>, DatasetError> {
    let mut scanner = file.scanner();
    if file.class == "faceList" {
        let count = scanner.length(4)?;
        let mut faces = Vec::with_capacity(count);
        scanner.expect(b'(')?;
        for _ in 0..count {
            faces.push(scanner.labels(Storage::Text)?);
        }
        scanner.expect(b')')?;
        return Ok(faces);
    }
    // Where each face begins among the corners, and the corners of all of them.
    let starts = scanner.labels(file.storage)?;
    let corners = scanner.labels(file.storage)?;
    let cut = |pair: &[u32]| Some(corners.get(pair[0] as usize..pair[1] as usize)?.to_vec());
    let faces: Option<Vec<_>> = starts.windows(2).map(cut).collect();
    faces.ok_or_else(|| scanner.fault("the starts of the faces do not fit the list of corners"))
}

fn patches(scanner: &mut Scanner<'_>) -> Result<Vec<FoamPatch>, DatasetError> {
    let count = scanner.length(2)?;
    let mut patches = Vec::with_capacity(count);
    scanner.expect(b'(')?;
    for _ in 0..count {
        let mut patch = FoamPatch {
            name: scanner.word()?.to_string(),
            kind: String::new(),
            start: usize::MAX,
            count: usize::MAX,
        };
        scanner.expect(b'{')?;
        while !scanner.accept(b'}') {
            match scanner.word()? {
                "type" => patch.kind = scanner.word()?.to_string(),
                "nFaces" => patch.count = scanner.number()?,
                "startFace" => patch.start = scanner.number()?,
                _ => {
                    scanner.skip_entry()?;
                    continue;
                }
            }
            scanner.expect(b';')?;
        }
        patches.push(patch);
    }
    scanner.expect(b')')?;
    Ok(patches)
}

fn point_fault(mesh: &FoamMesh) -> Option<String> {
    if mesh.points.is_empty() {
        return Some("holds no points".into());
    }
    let wrong = |p: &[f64; 3]| !p.iter().all(|c| c.is_finite());
    let index = mesh.points.iter().position(wrong)?;
    Some(format!("point {index} is {:?}", mesh.points[index]))
}

fn face_fault(mesh: &FoamMesh) -> Option<String> {
    let n = mesh.points.len();
    let wrong = |face: &Vec<u32>| face.len() < 3 || face.iter().any(|&p| p as usize >= n);
    let index = mesh.faces.iter().position(wrong)?;
    Some(format!(
        "face {index} is {:?}, but there are {n} points and a face needs three",
        mesh.faces[index]
    ))
}

fn owner_fault(mesh: &FoamMesh) -> Option<String> {
    // A count of cells that is out of proportion is a damaged index.
    if mesh.owner.len() != mesh.faces.len() {
        let (found, wanted) = (mesh.owner.len(), mesh.faces.len());
        Some(format!("has {found} entries for {wanted} faces"))
    } else if mesh.n_cells > mesh.faces.len() {
        let (cells, faces) = (mesh.n_cells, mesh.faces.len());
        Some(format!(
            "names cell {}, but there are {faces} faces",
            cells - 1
        ))
    } else {
        None
    }
}

fn neighbour_fault(mesh: &FoamMesh) -> Option<String> {
    if mesh.neighbour.len() > mesh.owner.len() {
        return Some("has more entries than there are faces".into());
    }
    let wrong = |(own, other): (&u32, &u32)| *other as usize >= mesh.n_cells || own >= other;
    let index = mesh.owner.iter().zip(&mesh.neighbour).position(wrong)?;
    Some(format!(
        "face {index} has the owner {} and the neighbour {} of {} cells: the owner must be the smaller",
        mesh.owner[index], mesh.neighbour[index], mesh.n_cells
    ))
}

fn patch_fault(mesh: &FoamMesh) -> Option<String> {
    let mut next = mesh.neighbour.len();
    for patch in &mesh.patches {
        let end = patch.start.checked_add(patch.count);
        if patch.start != next || end.is_none_or(|end| end > mesh.faces.len()) {
            return Some(format!(
                "patch \"{}\" must begin at face {next} and end within {}",
                patch.name,
                mesh.faces.len()
            ));
        }
        next += patch.count;
    }
    (next != mesh.faces.len()).then(|| {
        format!(
            "the patches end at face {next}, there are {}",
            mesh.faces.len()
        )
    })
}
