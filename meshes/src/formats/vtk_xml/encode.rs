//! Encodes one array as text, base64 or raw bytes.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quick_xml::escape::escape;
use rayon::prelude::*;

use crate::field::for_values;
use crate::{Compression, Encoding, MeshError, Values, WriteOptions};

/// Bytes of a block before compression: larger than VTK's 32 KiB, which costs compression, small
/// enough for many blocks to be packed at once.
const BLOCK_BYTES: usize = 128 * 1024;
/// Numbers on a line of text.
const PER_LINE: usize = 12;

/// Writes `<DataArray>` elements and collects what is appended at the end of the file.
pub(super) struct Encoder {
    options: WriteOptions,
    pub xml: String,
    pub appended: Vec<u8>,
}

impl Encoder {
    pub fn new(options: WriteOptions) -> Self {
        Self {
            options,
            xml: String::new(),
            appended: Vec::new(),
        }
    }

    /// Adds one array.
    pub fn array(
        &mut self,
        name: &str,
        components: usize,
        values: &Values,
        unit: Option<&str>,
    ) -> Result<(), MeshError> {
        let format = match self.options.encoding {
            Encoding::Ascii => "ascii".to_owned(),
            Encoding::Base64 => "binary".to_owned(),
            Encoding::AppendedRaw => format!("appended\" offset=\"{}", self.appended.len()),
        };
        // Writing to a string cannot fail.
        let _ = write!(
            self.xml,
            "<DataArray type=\"{}\" Name=\"{}\" NumberOfComponents=\"{components}\" \
             format=\"{format}\">",
            values.type_name(),
            escape(name),
        );
        self.xml.push('\n');
        match self.options.encoding {
            Encoding::Ascii => text(&mut self.xml, values),
            Encoding::Base64 => {
                let (header, data, apart) = self.pack(values)?;
                if apart {
                    STANDARD.encode_string(&header, &mut self.xml);
                    STANDARD.encode_string(&data, &mut self.xml);
                } else {
                    let all = [header, data].concat();
                    STANDARD.encode_string(&all, &mut self.xml);
                }
                self.xml.push('\n');
            }
            Encoding::AppendedRaw => {
                let (header, data, _) = self.pack(values)?;
                self.appended.extend_from_slice(&header);
                self.appended.extend_from_slice(&data);
            }
        }
        // Behind the numbers: VTK takes what stands right after the start tag for the data.
        if let Some(unit) = unit {
            let _ = writeln!(
                self.xml,
                "<InformationKey name=\"UNITS_LABEL\" location=\"vtkDataArray\">{}\
                 </InformationKey>",
                escape(unit)
            );
        }
        self.xml.push_str("</DataArray>\n");
        Ok(())
    }

    /// The header and the data of an array, and whether base64 encodes the two apart.
    fn pack(&self, values: &Values) -> Result<(Vec<u8>, Vec<u8>, bool), MeshError> {
        let bytes: &[u8] = for_values!(values, v => bytemuck::cast_slice(v));
        let pack: fn(&[u8]) -> io::Result<Vec<u8>> = match self.options.compression {
            Compression::None => {
                let header = (bytes.len() as u64).to_ne_bytes().to_vec();
                return Ok((header, bytes.to_vec(), false));
            }
            Compression::Zlib => zlib,
            Compression::Lz4 => |bytes| Ok(lz4_flex::block::compress(bytes)),
            Compression::Lzma => lzma,
        };
        let blocks: io::Result<Vec<Vec<u8>>> = bytes.par_chunks(BLOCK_BYTES).map(pack).collect();
        let blocks = blocks.map_err(|error| MeshError::Operator {
            operator: "compressing an array",
            problem: error.to_string(),
        })?;
        let partial = bytes.len() % BLOCK_BYTES;
        let header = [blocks.len() as u64, BLOCK_BYTES as u64, partial as u64]
            .into_iter()
            .chain(blocks.iter().map(|block| block.len() as u64))
            .flat_map(u64::to_ne_bytes)
            .collect();
        Ok((header, blocks.concat(), true))
    }
}

fn zlib(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn lzma(bytes: &[u8]) -> io::Result<Vec<u8>> {
    use liblzma::stream::{Check, Filters, LzmaOptions, Stream};
    let mut settings = LzmaOptions::new_preset(6)?;
    // The preset's dictionary of 8 MiB would cost time and memory for every block.
    settings.dict_size(BLOCK_BYTES as u32);
    let stream = Stream::new_stream_encoder(Filters::new().lzma2(&settings), Check::Crc32)?;
    let mut encoder = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Decimal text, with as many digits as reading the same number back needs.
fn text(xml: &mut String, values: &Values) {
    for_values!(values, v => {
        for line in v.chunks(PER_LINE) {
            for number in line {
                // `{:?}` switches to exponents for very large and small numbers.
                let _ = write!(xml, "{number:?} ");
            }
            xml.pop();
            xml.push('\n');
        }
    });
}
