//! XDMF series as trajectories: one sample, whose steps are those of the series.

use std::path::Path;
use std::sync::Arc;

use super::{PublishedField, PublishedFile, Source, SpaceAxis, problem};
use crate::{Array, DatasetError, XdmfFile};

/// A series, and the names of the fields in it.
#[derive(Debug, Clone)]
pub(super) struct Series {
    file: Arc<XdmfFile>,
}

/// Opens a series. Its fields are those that lie where the first one does: at points or in cells. The
/// only axis of an unstructured mesh is called `point` or `cell`.
pub(super) fn open(path: &Path) -> Result<PublishedFile, DatasetError> {
    let file = XdmfFile::open(path)?;
    let Some(first) = file.fields().first() else {
        return Err(problem(path, "has no fields".to_owned()));
    };
    let location = first.location;
    let axes = match file.grid_axes(location) {
        Some(axes) => axes,
        None => vec![SpaceAxis {
            name: location.to_string(),
            length: file.n_values(location)?,
            coordinates: None,
        }],
    };
    let n_times = file.times().len();
    let fields = file
        .fields()
        .iter()
        .filter(|field| field.location == location);
    Ok(PublishedFile {
        path: path.to_owned(),
        layout_name: "XDMF",
        n_samples: 1,
        times: Some(file.times().to_vec()),
        axes,
        fields: fields
            .map(|field| PublishedField {
                name: field.name.clone(),
                components: field.components,
                n_times,
            })
            .collect(),
        source: Source::Series(Series {
            file: Arc::new(file),
        }),
    })
}

impl Series {
    /// All steps of a field; nothing for no samples.
    pub fn read(
        &self,
        field: &PublishedField,
        shape: Vec<usize>,
    ) -> Result<Array<f64>, DatasetError> {
        let mut values = Vec::new();
        if shape[0] > 0 {
            for step in 0..field.n_times {
                values.extend(self.file.read(step, &field.name)?.values);
            }
        }
        let expected: usize = shape.iter().product();
        if values.len() != expected {
            let found = values.len();
            return Err(problem(
                self.file.path(),
                format!(
                    "holds {found} values of \"{}\" instead of {expected}",
                    field.name
                ),
            ));
        }
        Ok(Array { shape, values })
    }
}
