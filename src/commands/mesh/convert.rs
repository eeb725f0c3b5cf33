//! `karman mesh convert`: the same mesh and arrays in another file.

use std::path::PathBuf;

use clap::ValueEnum;
use karman_meshes::{Compression, Encoding, WriteOptions, read_mesh, write_mesh};
use serde::Serialize;

use crate::commands::error::CommandError;
use crate::commands::number::bytes;
use crate::commands::{Context, Run};

/// Write a mesh file in another encoding, compression or format
///
/// All points, cells and arrays are kept, with their number types; zones are not, which .vtu and
/// .vtp do not have. The formats follow from the extensions: .vtu holds any cells, .vtp vertices,
/// lines and faces. OUT is replaced if it exists, and only once it is complete.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Convert {
    /// The file to read (.vtu, .vtp, .msh, .su2, or a binary solution of SU2, .dat)
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// The file to write (.vtu, .vtp)
    #[arg(value_name = "OUT")]
    output: PathBuf,
    /// How numbers are written
    #[arg(long, value_enum, default_value_t = EncodingName::Base64)]
    encoding: EncodingName,
    /// How numbers are compressed; ascii text never is
    #[arg(long, value_enum, default_value_t = CompressionName::Zlib)]
    compression: CompressionName,
}

const EXAMPLES: &str = "\
Examples:
  karman mesh convert case.vtu smallest.vtu --encoding raw --compression lzma
  karman mesh convert case.vtu readable.vtu --encoding ascii
  karman mesh convert outline.vtp outline.vtu
  karman mesh convert channel.msh channel.vtu";

#[derive(Clone, Copy, PartialEq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum EncodingName {
    /// Decimal text
    Ascii,
    /// Text that stands for bytes: opens everywhere
    Base64,
    /// Bytes behind the text: smallest and fastest
    Raw,
}

#[derive(Clone, Copy, PartialEq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum CompressionName {
    /// Not at all: fastest
    None,
    /// Deflate: opens everywhere
    Zlib,
    /// Fast, less small
    Lz4,
    /// Slow, smallest
    Lzma,
}

/// What was written.
#[derive(Serialize)]
struct Written {
    file: PathBuf,
    encoding: EncodingName,
    compression: CompressionName,
    n_points: usize,
    n_cells: usize,
    n_arrays: usize,
    bytes_before: u64,
    bytes_after: u64,
}

impl Run for Convert {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        let size = |path: &PathBuf| {
            let metadata = std::fs::metadata(path).map_err(CommandError::io("look at", path));
            metadata.map(|found| found.len())
        };
        let file = read_mesh(&self.input)?;
        // Before OUT is written: it may be the same file.
        let bytes_before = size(&self.input)?;
        write_mesh(&self.output, &file.mesh, &file.fields, &self.options())?;
        let written = Written {
            encoding: self.encoding,
            compression: match self.encoding {
                EncodingName::Ascii => CompressionName::None,
                _ => self.compression,
            },
            n_points: file.mesh.n_points(),
            n_cells: file.mesh.n_cells(),
            n_arrays: file.fields.len(),
            bytes_before,
            bytes_after: size(&self.output)?,
            file: self.output,
        };
        context.output.show(&written, || written.text())
    }
}

impl Convert {
    fn options(&self) -> WriteOptions {
        WriteOptions {
            encoding: match self.encoding {
                EncodingName::Ascii => Encoding::Ascii,
                EncodingName::Base64 => Encoding::Base64,
                EncodingName::Raw => Encoding::AppendedRaw,
            },
            compression: match self.compression {
                CompressionName::None => Compression::None,
                CompressionName::Zlib => Compression::Zlib,
                CompressionName::Lz4 => Compression::Lz4,
                CompressionName::Lzma => Compression::Lzma,
            },
        }
    }
}

impl Written {
    fn text(&self) -> String {
        format!(
            "wrote {}: {} points, {} cells, {} arrays; {} (was {})",
            self.file.display(),
            self.n_points,
            self.n_cells,
            self.n_arrays,
            bytes(self.bytes_after),
            bytes(self.bytes_before)
        )
    }
}
