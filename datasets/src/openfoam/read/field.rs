//! Reads a field: values in the cells and on the patches.

use std::collections::BTreeMap;
use std::path::Path;

use super::file::{FoamFile, Storage};
use super::scan::{Scanner, short};
use crate::DatasetError;

/// Values of a field on one patch.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchField {
    /// The boundary condition, such as `fixedValue` or `zeroGradient`.
    pub kind: String,
    /// Its values, one tuple for each face or one for all; absent where the condition writes none.
    pub values: Option<Vec<f64>>,
}

/// A field of OpenFOAM's.
#[derive(Debug, Clone, PartialEq)]
pub struct FoamField {
    /// The file it came from.
    pub path: std::path::PathBuf,
    /// Numbers in a tuple: 1 or 3.
    pub components: usize,
    /// Exponents of kg, m, s, K, mol, A, cd.
    pub dimensions: [f64; 7],
    /// Values in the cells: one tuple for each, or one for all.
    pub internal: Vec<f64>,
    /// The patches by name.
    pub patches: BTreeMap<String, PatchField>,
}

impl FoamField {
    /// Reads a `volScalarField` or `volVectorField`.
    ///
    /// # Errors
    /// A file of another class, damaged, or without values; the message names file and line.
    pub fn read(path: &Path) -> Result<Self, DatasetError> {
        let file = FoamFile::open(path)?;
        file.expect_class(&["volScalarField", "volVectorField"])?;
        let components = if file.class == "volVectorField" { 3 } else { 1 };
        let mut field = Self {
            path: file.path.clone(),
            components,
            dimensions: [0.0; 7],
            internal: Vec::new(),
            patches: BTreeMap::new(),
        };
        let mut scanner = file.scanner();
        while scanner.peek().is_some() {
            match scanner.word()? {
                "dimensions" => field.dimensions = dimensions(&mut scanner)?,
                "internalField" => {
                    field.internal = values(&mut scanner, file.storage, components)?;
                }
                "boundaryField" => {
                    field.patches = boundary(&mut scanner, file.storage, components)?;
                }
                _ => scanner.skip_entry()?,
            }
        }
        if field.internal.is_empty() {
            return Err(scanner.fault("there is no internalField, or it is empty"));
        }
        Ok(field)
    }

    /// The values in `n_cells` cells.
    ///
    /// # Errors
    /// A field of another number of cells, or with a value that is not finite.
    pub fn cell_values(&self, n_cells: usize) -> Result<Vec<f64>, DatasetError> {
        self.spread(&self.internal, n_cells, "internalField", "cells")
    }

    /// The values on a patch, whose cells are `cells`: written ones, zero at a `noSlip` wall, those of the
    /// cells at `zeroGradient`.
    ///
    /// # Errors
    /// No such patch, another number of faces, a value that is not finite, or a boundary condition that
    /// does not write its values.
    pub fn patch_values(
        &self,
        patch: &str,
        cells: &[u32],
        internal: &[f64],
    ) -> Result<Vec<f64>, DatasetError> {
        let n = self.components;
        let entry = self.patches.get(patch).ok_or_else(|| {
            let known: Vec<&str> = self.patches.keys().map(String::as_str).collect();
            self.fault(format!(
                "no patch \"{patch}\"; there are: {}",
                known.join(", ")
            ))
        })?;
        match (&entry.values, entry.kind.as_str()) {
            (Some(values), _) => {
                self.spread(values, cells.len(), &format!("patch {patch}"), "faces")
            }
            (None, "noSlip") => Ok(vec![0.0; n * cells.len()]),
            (None, "zeroGradient") => Ok(cells
                .iter()
                .flat_map(|&cell| &internal[n * cell as usize..n * (cell as usize + 1)])
                .copied()
                .collect()),
            (None, kind) => Err(self.fault(format!(
                "patch \"{patch}\" ({kind}) has no values; run the solver for an iteration, which \
                 writes them"
            ))),
        }
    }

    fn spread(
        &self,
        values: &[f64],
        count: usize,
        place: &str,
        of: &str,
    ) -> Result<Vec<f64>, DatasetError> {
        let n = self.components;
        let all = if values.len() == n {
            values.repeat(count)
        } else {
            values.to_vec()
        };
        if all.len() != n * count {
            return Err(self.fault(format!(
                "{place} has {} values, the mesh has {count} {of}",
                all.len() / n
            )));
        }
        match all.iter().position(|v| !v.is_finite()) {
            None => Ok(all),
            Some(i) => Err(self.fault(format!(
                "{place} is {} at index {}, component {}: the solution has diverged",
                all[i],
                i / n,
                i % n
            ))),
        }
    }

    fn fault(&self, problem: String) -> DatasetError {
        DatasetError::OpenFoamFile {
            path: self.path.clone(),
            problem,
        }
    }
}

fn dimensions(scanner: &mut Scanner<'_>) -> Result<[f64; 7], DatasetError> {
    let mut exponents = [0.0; 7];
    scanner.expect(b'[')?;
    for exponent in &mut exponents {
        // The last two may be left out.
        if scanner.peek() == Some(b']') {
            break;
        }
        *exponent = scanner.number()?;
    }
    scanner.expect(b']')?;
    scanner.expect(b';')?;
    Ok(exponents)
}

/// `uniform V;` or `nonuniform List<..> N (..);`
fn values(
    scanner: &mut Scanner<'_>,
    storage: Storage,
    components: usize,
) -> Result<Vec<f64>, DatasetError> {
    let values = match scanner.word()? {
        "uniform" => scanner.tuple(components)?,
        "nonuniform" => {
            // An empty list comes without its type.
            if scanner.peek().is_some_and(|b| !b.is_ascii_digit()) {
                let found = scanner.word()?;
                let wanted = ["List<scalar>", "List<vector>"][usize::from(components == 3)];
                if found != wanted {
                    let problem = format!("found `{}`, {wanted} is needed", short(found));
                    return Err(scanner.fault(problem));
                }
            }
            scanner.scalars(storage, components)?
        }
        other => {
            let problem = format!("found `{}`; uniform or nonuniform is needed", short(other));
            return Err(scanner.fault(problem));
        }
    };
    scanner.expect(b';')?;
    Ok(values)
}

fn boundary(
    scanner: &mut Scanner<'_>,
    storage: Storage,
    components: usize,
) -> Result<BTreeMap<String, PatchField>, DatasetError> {
    let mut patches = BTreeMap::new();
    scanner.expect(b'{')?;
    while !scanner.accept(b'}') {
        let name = scanner.word()?.to_string();
        scanner.expect(b'{')?;
        let (mut kind, mut on_faces) = (String::new(), None);
        while !scanner.accept(b'}') {
            match scanner.word()? {
                "type" => {
                    kind = scanner.word()?.to_string();
                    scanner.expect(b';')?;
                }
                "value" => on_faces = Some(values(scanner, storage, components)?),
                _ => other_entry(scanner, storage)?,
            }
        }
        let patch = PatchField {
            kind,
            values: on_faces,
        };
        patches.insert(name, patch);
    }
    Ok(patches)
}

/// An entry that is not needed; it may hold a list of binary numbers.
fn other_entry(scanner: &mut Scanner<'_>, storage: Storage) -> Result<(), DatasetError> {
    scanner.skip();
    if !scanner.bytes[scanner.at..].starts_with(b"nonuniform") {
        return scanner.skip_entry();
    }
    scanner.word()?;
    let mut components = 1;
    if scanner.peek().is_some_and(|b| !b.is_ascii_digit()) {
        components = match scanner.word()? {
            "List<scalar>" => 1,
            "List<vector>" => 3,
            "List<symmTensor>" => 6,
            "List<tensor>" => 9,
            other => {
                let problem = format!("lists of the kind `{}` are not read", short(other));
                return Err(scanner.fault(problem));
            }
        };
    }
    scanner.scalars(storage, components)?;
    scanner.expect(b';')
}
