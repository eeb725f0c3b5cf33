//! `karman mesh info` of an airfoil's coordinates.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use karman_meshes::{AirfoilMeasures, Contour, DatAirfoil, DatLayout};
use serde::Serialize;

use crate::commands::error::CommandError;
use crate::commands::number::number;
use crate::commands::table::Table;

/// What a coordinate file holds. Lengths are in chords, but for the chord itself.
#[derive(Serialize)]
pub(super) struct Airfoil {
    file: PathBuf,
    title: String,
    layout: &'static str,
    n_points: usize,
    /// In the units of the file.
    chord: f64,
    /// Enclosed area, in squared chords.
    area: f64,
    perimeter: f64,
    /// Camber and thickness, by name.
    measures: BTreeMap<&'static str, f64>,
}

impl Airfoil {
    pub(super) fn read(path: &Path) -> Result<Self, CommandError> {
        let found = DatAirfoil::read(path)?;
        let contour: &Contour = &found.contour;
        let chord = contour.chord().length();
        let measures = AirfoilMeasures::new(contour);
        let names = AirfoilMeasures::names().iter().copied();
        Ok(Self {
            file: path.to_path_buf(),
            title: found.title,
            layout: match found.layout {
                DatLayout::Selig => "Selig",
                DatLayout::Lednicer => "Lednicer",
            },
            n_points: contour.len(),
            chord,
            area: contour.signed_area().abs() / (chord * chord),
            perimeter: contour.perimeter() / chord,
            measures: names.zip(measures.values().iter().copied()).collect(),
        })
    }

    pub(super) fn text(&self) -> String {
        let mut text = format!(
            "{}: {} ({} layout, {} points)\n\n",
            self.file.display(),
            self.title,
            self.layout,
            self.n_points
        );
        text += &format!("chord      {}\n", number(self.chord, 6));
        text += &format!("area       {} chord²\n", number(self.area, 4));
        text += &format!("perimeter  {} chords\n\n", number(self.perimeter, 4));
        let mut table = Table::new(["x/c", "camber", "thickness"]);
        let stations = self
            .measures
            .keys()
            .filter_map(|n| n.strip_prefix("camber_"));
        for at in ["max"].into_iter().chain(stations) {
            let value = |what: &str| {
                let name = match at {
                    "max" => format!("max_{what}"),
                    station => format!("{what}_{station}"),
                };
                number(self.measures.get(name.as_str()).copied(), 4)
            };
            let place = match at {
                "max" => "largest".to_owned(),
                station => format!("0.{station}"),
            };
            table.row([place, value("camber"), value("thickness")]);
        }
        text + &table.to_string()
    }
}
