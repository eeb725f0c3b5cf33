//! An XDMF file beside a trajectory, so that ParaView and VisIt open it as a series.
//!
//! It holds no numbers: each attribute is a hyperslab of a dataset in the HDF5 file, which must lie in
//! the same folder. Attributes are scalars, one for each component, and vectors where there are three
//! components.
//!
//! All grids are of three axes, those of fewer one cell thick: VTK's readers put the grids that XDMF calls
//! two-dimensional into the plane of y and z, and find no cells in a grid without thickness.

use std::fmt::Write;
use std::path::Path;

use super::layout::{FIELDS, Precision, STATIC, TrajectoryField, TrajectoryHeader};
use crate::DatasetError;
use crate::files::write_atomically;

/// Writes `text_of(header, ..)` beside the HDF5 file, with the extension `.xdmf`.
///
/// # Errors
/// A file that cannot be written.
pub(crate) fn write(hdf5: &Path, header: &TrajectoryHeader) -> Result<(), DatasetError> {
    let name = hdf5.file_name().unwrap_or_default().to_string_lossy();
    let text = text_of(header, &name);
    write_atomically(&hdf5.with_extension("xdmf"), text.as_bytes())
}

/// The XDMF file of the trajectory in `file`.
fn text_of(header: &TrajectoryHeader, file: &str) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\"?>\n<Xdmf Version=\"3.0\">\n <Domain>\n  \
         <Grid Name=\"trajectory\" GridType=\"Collection\" CollectionType=\"Temporal\">\n",
    );
    for (step, time) in header.times.iter().enumerate() {
        text += &format!("   <Grid Name=\"step_{step}\" GridType=\"Uniform\">\n");
        text += &format!("    <Time Value=\"{time:?}\"/>\n");
        text += &mesh(header);
        for field in &header.fields {
            text += &attributes(header, field, file, Some(step));
        }
        for fixed in &header.statics {
            text += &attributes(header, &fixed.field, file, None);
        }
        text += "   </Grid>\n";
    }
    text + "  </Grid>\n </Domain>\n</Xdmf>\n"
}

/// The cells along z, y and x.
fn cells(shape: &[usize]) -> Vec<usize> {
    [&vec![1; 3 - shape.len()], shape].concat()
}

/// Topology and geometry: points are the corners of the cells. Axes that the grid lacks have one cell
/// around 0.
fn mesh(header: &TrajectoryHeader) -> String {
    let grid = &header.grid;
    let points: Vec<usize> = cells(&grid.shape).iter().map(|n| n + 1).collect();
    let lacking = 3 - grid.shape.len();
    let thickness = grid.spacing.iter().copied().fold(f64::INFINITY, f64::min);
    let sizes = [&vec![thickness; lacking], &grid.spacing[..]].concat();
    let centres = [&vec![0.0; lacking], &grid.origin[..]].concat();
    let corner: Vec<f64> = (0..3)
        .map(|axis| centres[axis] - 0.5 * sizes[axis])
        .collect();
    format!(
        "    <Topology TopologyType=\"3DCoRectMesh\" Dimensions=\"{}\"/>\n    \
         <Geometry GeometryType=\"ORIGIN_DXDYDZ\">\n     \
         <DataItem Dimensions=\"3\" NumberType=\"Float\" Precision=\"8\" Format=\"XML\">{}</DataItem>\n     \
         <DataItem Dimensions=\"3\" NumberType=\"Float\" Precision=\"8\" Format=\"XML\">{}</DataItem>\n    \
         </Geometry>\n",
        words(&points),
        words(&corner),
        words(&sizes)
    )
}

/// The attributes of a field at a step, or of a static one.
fn attributes(
    header: &TrajectoryHeader,
    field: &TrajectoryField,
    file: &str,
    step: Option<usize>,
) -> String {
    if field.components == 3 && header.grid.shape.len() == 3 {
        return attribute(header, field, file, step, &field.name, 0..3);
    }
    let names = field.component_names(header.grid.shape.len());
    let one = |(c, name): (usize, String)| attribute(header, field, file, step, &name, c..c + 1);
    names.into_iter().enumerate().map(one).collect()
}

/// One attribute: some components of a field.
fn attribute(
    header: &TrajectoryHeader,
    field: &TrajectoryField,
    file: &str,
    step: Option<usize>,
    name: &str,
    components: std::ops::Range<usize>,
) -> String {
    let n = components.len();
    let mut whole = header.grid.shape.clone();
    whole.push(field.components);
    let mut count = header.grid.shape.clone();
    count.push(n);
    let mut start = vec![0; header.grid.shape.len()];
    start.push(components.start);
    let group = match step {
        Some(step) => {
            whole.insert(0, header.times.len());
            count.insert(0, 1);
            start.insert(0, step);
            FIELDS
        }
        None => STATIC,
    };
    // What the hyperslab is taken for: the cells, and components where there are several.
    let mut shape = cells(&header.grid.shape);
    if n > 1 {
        shape.push(n);
    }
    let (kind, rank) = (if n > 1 { "Vector" } else { "Scalar" }, whole.len());
    let precision = match header.precision {
        Precision::Single => 4,
        Precision::Double => 8,
    };
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "    <Attribute Name=\"{name}\" AttributeType=\"{kind}\" Center=\"Cell\">\n     \
         <DataItem ItemType=\"HyperSlab\" Dimensions=\"{}\" Type=\"HyperSlab\">\n      \
         <DataItem Dimensions=\"3 {rank}\" Format=\"XML\">{} {} {}</DataItem>\n      \
         <DataItem Dimensions=\"{}\" NumberType=\"Float\" Precision=\"{precision}\" Format=\"HDF\">\
         {file}:/{group}/{}</DataItem>\n     </DataItem>\n    </Attribute>\n",
        words(&shape),
        words(&start),
        words(&vec![1; rank]),
        words(&count),
        words(&whole),
        field.name,
    );
    text
}

fn words<T: std::fmt::Debug>(values: &[T]) -> String {
    let words: Vec<String> = values.iter().map(|v| format!("{v:?}")).collect();
    words.join(" ")
}
