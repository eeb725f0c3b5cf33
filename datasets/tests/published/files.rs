//! Small files of the kinds that others publish.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A text in a pickle.
pub fn text(value: &str) -> Vec<u8> {
    [
        &b"X"[..],
        &(value.len() as u32).to_le_bytes(),
        value.as_bytes(),
    ]
    .concat()
}

/// An integer in a pickle.
pub fn int(value: i32) -> Vec<u8> {
    [&b"J"[..], &value.to_le_bytes()].concat()
}

fn around(start: &[u8], items: &[Vec<u8>], end: &[u8]) -> Vec<u8> {
    [start, &items.concat(), end].concat()
}

/// A tuple in a pickle.
pub fn tuple(items: &[Vec<u8>]) -> Vec<u8> {
    around(b"(", items, b"t")
}

/// A list in a pickle.
pub fn list(items: &[Vec<u8>]) -> Vec<u8> {
    around(b"](", items, b"e")
}

/// A dictionary in a pickle.
pub fn dictionary(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let items: Vec<_> = entries
        .iter()
        .map(|(key, value)| [text(key), value.clone()].concat())
        .collect();
    around(b"}(", &items, b"u")
}

/// A tensor in a pickle.
pub struct Tensor<'a> {
    pub key: &'a str,
    pub kind: &'a str,
    pub elements: i32,
    pub offset: i32,
    pub shape: &'a [i32],
    pub strides: &'a [i32],
}

impl Tensor<'_> {
    pub fn pickle(&self) -> Vec<u8> {
        let ints = |values: &[i32]| tuple(&values.iter().map(|v| int(*v)).collect::<Vec<_>>());
        let name = |text: &str| text.as_bytes().to_vec();
        let storage = tuple(&[
            text("storage"),
            name(&format!("ctorch\n{}\n", self.kind)),
            text(self.key),
            text("cpu"),
            int(self.elements),
        ]);
        let arguments = tuple(&[
            [storage, name("Q")].concat(),
            int(self.offset),
            ints(self.shape),
            ints(self.strides),
            vec![0x89],
            name("ccollections\nOrderedDict\n)R"),
        ]);
        [
            name("ctorch._utils\n_rebuild_tensor_v2\n"),
            arguments,
            name("R"),
        ]
        .concat()
    }
}

/// A tensor whose elements lie in C order and fill their storage.
pub fn whole_tensor(key: &str, kind: &str, shape: &[i32]) -> Vec<u8> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    let elements = shape.iter().product();
    Tensor {
        key,
        kind,
        elements,
        offset: 0,
        shape,
        strides: &strides,
    }
    .pickle()
}

/// A file of `torch.save`: a pickle and members, in a folder `archive`.
pub fn torch_file(path: &Path, object: &[u8], members: &[(&str, &[u8])], deflated: bool) {
    let pickle = [b"\x80\x02", object, b"."].concat();
    let mut zip = ZipWriter::new(File::create(path).unwrap());
    let method = match deflated {
        true => CompressionMethod::Deflated,
        false => CompressionMethod::Stored,
    };
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in [("data.pkl", &pickle[..]), ("version", b"3\n")]
        .iter()
        .chain(members)
    {
        zip.start_file(format!("archive/{name}"), options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

pub fn f32s(values: impl IntoIterator<Item = f32>) -> Vec<u8> {
    values.into_iter().flat_map(f32::to_le_bytes).collect()
}

/// A MATLAB v5 file of dense arrays of doubles, the first axis running fastest.
pub fn matlab_file(path: &Path, arrays: &[(&str, &[u32], &[f64])], compressed: bool) {
    let element = |kind: u32, data: &[u8]| {
        let mut bytes = [kind.to_le_bytes(), (data.len() as u32).to_le_bytes()].concat();
        bytes.extend_from_slice(data);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    };
    let mut file = b"MATLAB 5.0 MAT-file, made by a test".to_vec();
    file.resize(124, b' ');
    file.extend(b"\x00\x01IM");
    for (name, sizes, values) in arrays {
        let sizes: Vec<u8> = sizes.iter().flat_map(|n| n.to_le_bytes()).collect();
        let values: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let array = [
            element(6, &[6, 0, 0, 0, 0, 0, 0, 0]),
            element(5, &sizes),
            element(1, name.as_bytes()),
            element(9, &values),
        ];
        let array = element(14, &array.concat());
        if compressed {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Default::default());
            encoder.write_all(&array).unwrap();
            let data = encoder.finish().unwrap();
            file.extend(15u32.to_le_bytes());
            file.extend((data.len() as u32).to_le_bytes());
            file.extend(data);
        } else {
            file.extend(array);
        }
    }
    std::fs::write(path, file).unwrap();
}

/// Writes HDF5 datasets of f32 by path; groups are made.
pub fn hdf5_file(path: &Path, datasets: &[(&str, &[usize], &[f32])]) {
    let file = hdf5_metno::File::create(path).unwrap();
    for (name, shape, values) in datasets {
        let (group, name) = name.rsplit_once('/').unwrap_or(("", name));
        let mut parent = file.group("/").unwrap();
        for part in group.split('/').filter(|part| !part.is_empty()) {
            parent = match parent.group(part) {
                Ok(there) => there,
                Err(_) => parent.create_group(part).unwrap(),
            };
        }
        let dataset = parent
            .new_dataset::<f32>()
            .shape(shape.to_vec())
            .create(name)
            .unwrap();
        dataset.write_raw(values).unwrap();
    }
    file.close().unwrap();
}

/// 0, 1, 2, ..
pub fn rising(n: usize) -> Vec<f32> {
    (0..n).map(|k| k as f32).collect()
}

/// A series of two steps on two triangles, in HDF5, with one mesh for both.
pub const SERIES: &str = r#"<?xml version="1.0"?>
<!DOCTYPE Xdmf SYSTEM "Xdmf.dtd" []>
<Xdmf Version="3.0" xmlns:xi="http://www.w3.org/2001/XInclude">
<Domain>
<Grid Name="mesh" GridType="Uniform">
<Topology TopologyType="Triangle" NumberOfElements="2" NodesPerElement="3">
<DataItem Dimensions="2 3" NumberType="UInt" Format="HDF">series.h5:/mesh/cells</DataItem></Topology>
<Geometry GeometryType="XY"><DataItem Dimensions="4 2" Format="HDF">series.h5:/mesh/points</DataItem></Geometry>
</Grid>
<Grid Name="u" GridType="Collection" CollectionType="Temporal">
<Grid Name="0"><xi:include xpointer="xpointer(/Xdmf/Domain/Grid[1]/*[self::Topology or self::Geometry])"/>
<Time Value="0.25"/>
<Attribute Name="u" AttributeType="Vector" Center="Node"><DataItem ItemType="HyperSlab" Dimensions="1 4 2">
<DataItem Dimensions="3 3" Format="XML">0 0 1  1 1 1  1 4 2</DataItem>
<DataItem Dimensions="2 4 3" Format="HDF">series.h5:/u</DataItem></DataItem></Attribute>
<Attribute Name="q" Center="Cell"><DataItem Dimensions="2" Format="XML">5 6</DataItem></Attribute>
</Grid>
<Grid Name="1"><xi:include xpointer="xpointer(/Xdmf/Domain/Grid[1]/*[self::Topology or self::Geometry])"/>
<Time Value="0.5"/>
<Attribute Name="u" AttributeType="Vector" Center="Node"><DataItem ItemType="HyperSlab" Dimensions="1 4 2">
<DataItem Dimensions="3 3" Format="XML">1 0 1  1 1 1  1 4 2</DataItem>
<DataItem Dimensions="2 4 3" Format="HDF">series.h5:/u</DataItem></DataItem></Attribute>
<Attribute Name="q" Center="Cell"><DataItem Dimensions="2" Format="XML">7 8</DataItem></Attribute>
</Grid>
</Grid>
</Domain>
</Xdmf>
"#;

/// Writes the series and its HDF5 file.
pub fn series_files(folder: &Path) {
    std::fs::write(folder.join("series.xdmf"), SERIES).unwrap();
    hdf5_file(
        &folder.join("series.h5"),
        &[
            ("mesh/cells", &[2, 3], &[0.0, 1.0, 2.0, 1.0, 3.0, 2.0]),
            (
                "mesh/points",
                &[4, 2],
                &[0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0],
            ),
            ("u", &[2, 4, 3], &rising(24)),
        ],
    );
}

/// A grid of 2 x 3 x 4 points in one file.
pub const BOX: &str = r#"<Xdmf Version="2.0"><Domain><Grid>
<Topology TopologyType="3DCoRectMesh" Dimensions="2 3 4"/>
<Geometry GeometryType="ORIGIN_DXDYDZ">
<DataItem Dimensions="3">0.5 1 2</DataItem><DataItem Dimensions="3">1 0.5 0.25</DataItem></Geometry>
<Attribute Name="p" Center="Node"><DataItem Dimensions="2 3 4" NumberType="Int" Format="Binary" Precision="2" Endian="Big" Seek="2">box.bin</DataItem></Attribute>
<Attribute Name="flag" Center="Cell"><DataItem Dimensions="1 2 3">0 1 2 3 4 5</DataItem></Attribute>
<Attribute Name="case" Center="Grid"><DataItem Dimensions="1">7</DataItem></Attribute>
</Grid></Domain></Xdmf>"#;
