//! Writing the report's files.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::case_picture::CasePicture;
use super::charts::{
    ChordChart, Coefficient, DistanceChart, DragChart, FrictionChart, LayerChart, MethodsChart,
    PressureChart, ScatterChart, TrainingChart, role_name,
};
use super::data::ReportData;
use super::error::ReportError;
use super::fields::{FieldStrip, Window};
use super::page::render_html;
use super::picture::{Picture, png_file, svg_file};
use super::profiles::ErrorByChord;

/// Raster pixels for one nominal pixel of a field in a file.
const FILE_DENSITY: f64 = 2.0;

/// Where a report was written.
#[derive(Clone, Debug, Default)]
pub struct ReportFiles {
    /// The page.
    pub html: PathBuf,
    /// The pictures: charts as PNG and SVG, fields as PNG.
    pub pictures: Vec<PathBuf>,
}

/// Writes `report.html` into `folder` and the pictures into `folder/pictures`,
/// making both where needed and replacing files of the same names. Each file is
/// written under a temporary name, synced and renamed.
///
/// # Errors
/// [`ReportError::Shape`] when lists inside `data` do not fit together,
/// [`ReportError::Write`] when a file cannot be written, [`ReportError::Draw`]
/// when a picture cannot be drawn.
pub fn write_report(data: &ReportData, folder: &Path) -> Result<ReportFiles, ReportError> {
    let html = render_html(data)?;
    let pictures = folder.join("pictures");
    fs::create_dir_all(&pictures).map_err(|source| ReportError::Write {
        path: pictures.clone(),
        source,
    })?;
    let page = folder.join("report.html");
    write_file(&page, html.as_bytes())?;
    let mut written = Written {
        folder: pictures,
        files: Vec::new(),
    };
    write_charts(data, &mut written)?;
    data.pictures
        .iter()
        .try_for_each(|picture| write_case(picture, &mut written))?;
    Ok(ReportFiles {
        html: page,
        pictures: written.files,
    })
}

/// Pictures written so far.
struct Written {
    folder: PathBuf,
    files: Vec<PathBuf>,
}

impl Written {
    fn chart(&mut self, useful: bool, picture: &impl Picture) -> Result<(), ReportError> {
        if !useful {
            return Ok(());
        }
        self.put(picture, "svg", svg_file(picture)?.as_bytes())?;
        self.png(picture)
    }

    fn png(&mut self, picture: &impl Picture) -> Result<(), ReportError> {
        self.put(picture, "png", &png_file(picture)?)
    }

    fn put(
        &mut self,
        picture: &impl Picture,
        extension: &str,
        bytes: &[u8],
    ) -> Result<(), ReportError> {
        let path = self.folder.join(format!("{}.{extension}", picture.name()));
        write_file(&path, bytes)?;
        self.files.push(path);
        Ok(())
    }
}

fn write_charts(data: &ReportData, written: &mut Written) -> Result<(), ReportError> {
    let methods = MethodsChart(&data.methods);
    written.chart(methods.is_useful(), &methods)?;
    for coefficient in [Coefficient::Lift, Coefficient::Drag] {
        let scatter = ScatterChart {
            cases: &data.cases,
            coefficient,
        };
        written.chart(scatter.is_useful(), &scatter)?;
    }
    let training = TrainingChart {
        curves: &data.curves,
        axis: &data.epoch_label,
    };
    written.chart(training.is_useful(), &training)?;
    if let Some(profile) = &data.by_distance {
        let chart = DistanceChart(profile);
        written.chart(chart.is_useful(), &chart)?;
    }
    if let Some(profile) = &data.by_chord {
        let (chord, drag) = (
            ChordChart(profile),
            DragChart {
                profile,
                name: "drag".to_owned(),
            },
        );
        written.chart(chord.is_useful(), &chord)?;
        written.chart(drag.is_useful(), &drag)?;
    }
    Ok(())
}

/// Wall charts and field strips of one case.
fn write_case(picture: &CasePicture, written: &mut Written) -> Result<(), ReportError> {
    let pressure = PressureChart(picture);
    written.chart(pressure.is_useful(), &pressure)?;
    let mut profile = ErrorByChord::new();
    profile.add_case(&picture.wall);
    let drag = DragChart {
        profile: &profile,
        name: format!("drag-{}", role_name(picture.role)),
    };
    written.chart(drag.is_useful(), &drag)?;
    let (profiles, friction) = (LayerChart(picture), FrictionChart(picture));
    written.chart(profiles.is_useful(), &profiles)?;
    written.chart(friction.is_useful(), &friction)?;
    if picture.triangles.is_empty() {
        return Ok(());
    }
    for window in Window::ALL {
        for field in 0..4 {
            written.png(&FieldStrip::new(picture, field, window, FILE_DENSITY))?;
        }
    }
    Ok(())
}

/// Writes a file so that a kill at any moment leaves the old one or the new one.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), ReportError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    let fail = |source| ReportError::Write {
        path: path.to_owned(),
        source,
    };
    let write = || {
        let mut file = File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().map_err(|source| {
        // Half a file is of no use to anyone; that it cannot be removed changes nothing.
        let _ = fs::remove_file(&temporary);
        fail(source)
    })
}
