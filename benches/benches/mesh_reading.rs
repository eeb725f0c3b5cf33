//! Reading VTK XML: megabytes of decoded arrays per second on one core, files included.
//!
//! - `all cases`: every file of `../shared/data/airfoil-openfoam` (skipped when it is not there),
//!   zlib blocks of 32 KiB in inline base64, as VTK 9.2 wrote them.
//! - `180k points`: a C-grid of the size of a real AirfRANS case with the same four point fields,
//!   written by this crate: zlib in base64, and for comparison LZ4 and no compression as raw bytes.
//!
//! Decoded bytes are those of the arrays as they lie in the files: points in 32 bits, node numbers
//! and offsets in 64 bits (32 in files of this crate), types in 8, fields in their own type.

// `criterion_group!` makes a public function without documentation.
#![allow(missing_docs)]

use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use karman_meshes::{
    CellType, Compression, Encoding, Field, Location, Mesh, MeshError, MeshFile, Values,
    WriteOptions, read_mesh, write_mesh,
};

fn value_bytes(values: &Values) -> usize {
    let one = match values {
        Values::I8(_) | Values::U8(_) => 1,
        Values::I16(_) | Values::U16(_) => 2,
        Values::I32(_) | Values::U32(_) | Values::F32(_) => 4,
        Values::I64(_) | Values::U64(_) | Values::F64(_) => 8,
    };
    one * values.len()
}

/// Bytes of all arrays of a file whose indices take `index` bytes each.
fn decoded_bytes(file: &MeshFile, index: usize, poly_data: bool) -> u64 {
    let mesh = &file.mesh;
    let types = if poly_data { 0 } else { mesh.n_cells() };
    let cells = index * (mesh.connectivity().len() + mesh.n_cells()) + types;
    let fields: usize = file
        .fields
        .iter()
        .map(|field| value_bytes(field.values()))
        .sum();
    (12 * mesh.n_points() + cells + fields) as u64
}

/// All `.vtu` and `.vtp` files one folder down, in order.
fn case_files(root: &Path) -> Vec<PathBuf> {
    let folders = std::fs::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let files = folders
        .filter(|folder| folder.is_dir())
        .flat_map(|folder| std::fs::read_dir(folder).into_iter().flatten().flatten())
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "vtu" || e == "vtp"));
    let mut files: Vec<PathBuf> = files.collect();
    files.sort();
    files
}

/// A C-grid of 900 x 200 points wrapped around the chord, with smooth fields. The file sizes that
/// the bench prints say how well they compress.
fn c_grid() -> Result<MeshFile, MeshError> {
    let (n, m) = (900u32, 200u32);
    let mut points = Vec::new();
    let (mut velocity, mut pressure, mut nut, mut distance) = (vec![], vec![], vec![], vec![]);
    for j in 0..m {
        for i in 0..n {
            let angle = std::f64::consts::TAU * (f64::from(i) / f64::from(n - 1) - 0.5);
            let radius = 0.6 + 1e-5 * (1.06f64.powi(j as i32) - 1.0) / 0.06;
            let (x, y) = (0.5 + radius * angle.cos(), radius * angle.sin());
            points.push([f64::from(x as f32), f64::from(y as f32), 0.0]);
            let wall = radius - 0.6;
            let speed = 50.0 * (1.0 - (-wall * 300.0).exp());
            velocity.extend([
                speed as f32 * (1.0 + y as f32),
                (speed * x * 0.1) as f32,
                0.0,
            ]);
            pressure.push((-400.0 * (3.0 * angle).cos() / (1.0 + 5.0 * wall)) as f32);
            nut.push((1e-3 * wall * (-20.0 * wall).exp()) as f32);
            distance.push(-wall);
        }
    }
    let mut builder = Mesh::builder().points(points);
    for j in 0..m - 1 {
        for i in 0..n - 1 {
            let a = j * n + i;
            builder = builder.cell(CellType::Quad, &[a, a + 1, a + n + 1, a + n]);
        }
    }
    let fields = vec![
        Field::new("U", Location::Point, 3, velocity)?,
        Field::new("p", Location::Point, 1, pressure)?,
        Field::new("nut", Location::Point, 1, nut)?,
        Field::new("implicit_distance", Location::Point, 1, distance)?,
    ];
    Ok(MeshFile {
        mesh: builder.build()?,
        fields,
    })
}

fn all_cases(criterion: &mut Criterion) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/airfoil-openfoam");
    let files = case_files(&root);
    if files.is_empty() {
        eprintln!(
            "mesh_reading/all cases: skipped, {} is not there",
            root.display()
        );
        return;
    }
    let mut bytes = 0;
    for path in &files {
        let poly_data = path.extension().is_some_and(|e| e == "vtp");
        bytes += decoded_bytes(&read_mesh(path).expect("a sound case"), 8, poly_data);
    }
    println!(
        "{} files, {:.1} MB decoded",
        files.len(),
        bytes as f64 / 1e6
    );
    let mut group = criterion.benchmark_group("mesh_reading");
    group
        .sample_size(10)
        .throughput(Throughput::BytesDecimal(bytes));
    group.bench_function("all cases", |bencher| {
        bencher.iter(|| {
            for path in &files {
                black_box(read_mesh(path).expect("a sound case"));
            }
        });
    });
    group.finish();
}

fn one_large_case(criterion: &mut Criterion) {
    let grid = c_grid().expect("a sound grid");
    let folder = std::env::temp_dir().join(format!("karman-mesh-reading-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let mut group = criterion.benchmark_group("mesh_reading");
    group
        .sample_size(10)
        .throughput(Throughput::BytesDecimal(decoded_bytes(&grid, 4, false)));
    for (name, encoding, compression) in [
        ("zlib base64", Encoding::Base64, Compression::Zlib),
        ("lz4 raw", Encoding::AppendedRaw, Compression::Lz4),
        ("plain raw", Encoding::AppendedRaw, Compression::None),
    ] {
        let path = folder.join("case.vtu");
        let options = WriteOptions {
            encoding,
            compression,
        };
        write_mesh(&path, &grid.mesh, &grid.fields, &options).expect("written");
        let size = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
        println!("180k points, {name}: {:.1} MB file", size as f64 / 1e6);
        group.bench_function(format!("180k points, {name}"), |bencher| {
            bencher.iter(|| black_box(read_mesh(&path).expect("a sound file")));
        });
        group.bench_function(format!("180k points, {name}, write"), |bencher| {
            bencher.iter(|| write_mesh(&path, &grid.mesh, &grid.fields, &options));
        });
    }
    group.finish();
    // What is left in the temporary folder is not worth failing for.
    let _ = std::fs::remove_dir_all(&folder);
}

criterion_group!(benches, all_cases, one_large_case);
criterion_main!(benches);
