//! The three panels of a field as one picture file.

use plotters::prelude::DrawingBackend;

use super::super::canvas::{Align, Canvas, Drawn, Type};
use super::super::case_picture::CasePicture;
use super::super::charts::role_name;
use super::super::picture::{Picture, Underlay};
use super::super::style::{HEADING, INK, Weight};
use super::panel::{FIELD, FieldPanel, PANEL, PANEL_HEIGHT, panels};
use super::window::Window;

/// File name of a strip.
pub fn strip_name(picture: &CasePicture, field: usize, window: Window) -> String {
    let field = ["ux", "uy", "p", "nut"][field];
    format!(
        "field-{}-{field}-{}",
        role_name(picture.role),
        window.word()
    )
}

/// The three panels of a field in one picture, with the case's name, for a file.
pub struct FieldStrip {
    panels: [FieldPanel; 3],
    heading: String,
    name: String,
}

/// Room for the heading of a strip.
const STRIP_HEAD: f64 = 30.0;

impl FieldStrip {
    /// Puts a case's panels into one picture.
    pub fn new(picture: &CasePicture, field: usize, window: Window, density: f64) -> Self {
        let role = role_name(picture.role);
        let initial = role[..1].to_uppercase();
        Self {
            panels: panels(picture, field, window, density),
            heading: format!("{initial}{} case: {}", &role[1..], picture.name),
            name: strip_name(picture, field, window),
        }
    }
}

impl Picture for FieldStrip {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn alt(&self) -> String {
        self.heading.clone()
    }

    fn size(&self) -> (u32, u32) {
        (3 * PANEL as u32, (PANEL_HEIGHT + STRIP_HEAD) as u32)
    }

    fn underlays(&self) -> Vec<Underlay> {
        let moved = |(i, panel): (usize, &FieldPanel)| {
            panel.underlays().into_iter().map(move |mut underlay| {
                underlay.place.x += i as f64 * PANEL;
                underlay.place.y += STRIP_HEAD;
                underlay
            })
        };
        self.panels.iter().enumerate().flat_map(moved).collect()
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn {
        let look = Type {
            size: HEADING,
            weight: Weight::SemiBold,
            color: INK,
        };
        canvas.plain(&self.heading, (FIELD.x, 22.0), Align::Left, look)?;
        self.panels
            .iter()
            .enumerate()
            .try_for_each(|(i, panel)| panel.draw(&canvas.moved(i as f64 * PANEL, STRIP_HEAD)))
    }
}
