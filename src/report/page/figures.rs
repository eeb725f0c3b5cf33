//! Sections made of pictures.

use super::super::case_picture::CasePicture;
use super::super::charts::{
    ChordChart, Coefficient, DistanceChart, DragChart, FIELD_NAMES, FrictionChart, LayerChart,
    MethodsChart, PressureChart, ScatterChart, TrainingChart, role_name,
};
use super::super::data::ReportData;
use super::super::error::ReportError;
use super::super::fields::{Window, panels};
use super::super::picture::inline_svg;
use super::super::profiles::ErrorByChord;
use super::super::richtext::{escape, to_html};
use super::html::{figure, fold, pair};
use super::numbers::{fixed, significant};

type Html = Result<String, ReportError>;

/// All methods at a glance.
pub fn methods(data: &ReportData) -> Html {
    let chart = MethodsChart(&data.methods);
    if !chart.is_useful() {
        return Ok(String::new());
    }
    let caption = "Every error divided by that of the best baseline. A filled mark left of 1 is a measure on which the surrogate is better than all baselines.";
    Ok(format!(
        "<div class=\"single\">{}</div>\n",
        figure(&inline_svg(&chart)?, caption)
    ))
}

/// Scatter of lift and drag.
pub fn coefficients(data: &ReportData) -> Html {
    let mut figures = String::new();
    for (coefficient, letter) in [(Coefficient::Lift, "L"), (Coefficient::Drag, "D")] {
        let chart = ScatterChart {
            cases: &data.cases,
            coefficient,
        };
        if chart.is_useful() {
            let caption = format!(
                "C<sub>{letter}</sub> of the test cases. A perfect prediction lies on the line."
            );
            figures += &figure(&inline_svg(&chart)?, &caption);
        }
    }
    Ok(pair(&figures))
}

/// Field pictures and wall pressure of the chosen cases. `density` is the number
/// of raster pixels for one nominal pixel of a field.
pub fn cases(data: &ReportData, density: f64) -> Html {
    data.pictures
        .iter()
        .map(|picture| case(picture, density))
        .collect()
}

fn case(picture: &CasePicture, density: f64) -> Html {
    let role = role_name(picture.role);
    let title = format!("{}{} case", role[..1].to_uppercase(), &role[1..]);
    let mut html = format!(
        "<article class=\"case\">\n<h3>{title}</h3>\n<p class=\"name\">{}</p>\n",
        description(picture)
    );
    html += &windows(picture, density)?;
    html += &wall(picture)?;
    Ok(html + "</article>\n")
}

/// Name, speed, angle and score of a case.
fn description(picture: &CasePicture) -> String {
    let mut parts = vec![format!("<code>{}</code>", escape(&picture.name))];
    if picture.wall.speed > 0.0 {
        parts.push(format!(
            "{} m/s, {}°",
            fixed(picture.wall.speed, 1),
            fixed(picture.wall.aoa, 2)
        ));
    }
    if let Some(score) = picture.score {
        parts.push(format!("error {}", significant(score, 2)));
    }
    parts.join(" · ")
}

/// The near view, and the close-up to be opened.
fn windows(picture: &CasePicture, density: f64) -> Html {
    if picture.triangles.is_empty() {
        return Ok(String::new());
    }
    let near = strips(picture, Window::Near, density)?;
    let close = strips(picture, Window::Close, density)?;
    Ok(near
        + &fold(
            "Close-up: the nose, and the trailing edge for ν<sub>t</sub>",
            &close,
            false,
        ))
}

/// One row of truth, prediction and error for each field.
fn strips(picture: &CasePicture, window: Window, density: f64) -> Html {
    let mut html = String::new();
    for (field, name) in FIELD_NAMES.iter().enumerate() {
        let mut row = String::new();
        for panel in panels(picture, field, window, density) {
            row += &inline_svg(&panel)?;
        }
        let name = to_html(name);
        html += &format!(
            "<div class=\"strip\" tabindex=\"0\" role=\"group\" aria-label=\"{}\">{row}</div>\n",
            strip_label(&name)
        );
    }
    Ok(html)
}

fn strip_label(name: &str) -> String {
    format!(
        "truth, prediction and error of {}",
        name.replace("<sub>", "").replace("</sub>", "")
    )
}

/// Pressure coefficient, drag error and boundary layer of one case.
fn wall(picture: &CasePicture) -> Html {
    let chart = PressureChart(picture);
    if !chart.is_useful() {
        return Ok(String::new());
    }
    let mut figures = figure(
        &inline_svg(&chart)?,
        "Pressure coefficient on the wall; the axis runs downwards, so that suction is up. Wide: true; thin: predicted.",
    );
    let mut profile = ErrorByChord::new();
    profile.add_case(&picture.wall);
    let drag = DragChart {
        profile: &profile,
        name: format!("drag-{}", role_name(picture.role)),
    };
    if drag.is_useful() {
        let total: f64 = picture
            .wall
            .drag_parts()
            .iter()
            .map(|part| part.error)
            .sum();
        let caption = format!(
            "Where the predicted wall pressure changes the drag, stretch by stretch. The sum is {} drag counts.",
            fixed(1e4 * total, 1)
        );
        figures += &figure(&inline_svg(&drag)?, &caption);
    }
    Ok(pair(&figures) + &pair(&layer(picture)?))
}

/// Boundary-layer profiles and friction of one case.
fn layer(picture: &CasePicture) -> Html {
    let (profiles, friction) = (LayerChart(picture), FrictionChart(picture));
    let mut figures = String::new();
    if profiles.is_useful() {
        figures += &figure(
            &inline_svg(&profiles)?,
            "Velocity along the wall over the inlet speed, on lines out of the wall at four stations. The distance is logarithmic.",
        );
    }
    if friction.is_useful() {
        figures += &figure(
            &inline_svg(&friction)?,
            "Friction coefficient on the wall, positive towards the trailing edge.",
        );
    }
    Ok(figures)
}

/// Error against wall distance and along the chord.
pub fn location(data: &ReportData) -> Html {
    let mut figures = String::new();
    if let Some(profile) = &data.by_distance {
        let chart = DistanceChart(profile);
        if chart.is_useful() {
            figures += &figure(
                &inline_svg(&chart)?,
                "All volume nodes of the test cases, binned by their distance to the wall.",
            );
        }
    }
    if let Some(profile) = &data.by_chord {
        let (pressure, drag) = (
            ChordChart(profile),
            DragChart {
                profile,
                name: "drag".to_owned(),
            },
        );
        if pressure.is_useful() {
            figures += &figure(
                &inline_svg(&pressure)?,
                "Wall pressure along the chord, all test cases.",
            );
            figures += &figure(
                &inline_svg(&drag)?,
                "Mean contribution of each stretch of the wall to the error of the pressure drag: its size, and signed. A stretch that is wide in size and small when signed errs to both sides and makes drag ranking poor.",
            );
        }
    }
    Ok(pair(&figures))
}

/// Training curves.
pub fn training(data: &ReportData) -> Html {
    let chart = TrainingChart {
        curves: &data.curves,
        axis: &data.epoch_label,
    };
    if !chart.is_useful() {
        return Ok(String::new());
    }
    let members = data.curves.len();
    let of = if members > 1 {
        format!(" of the {members} members")
    } else {
        String::new()
    };
    let caption = format!("Losses{of} and learning rate, logarithmic.");
    Ok(format!(
        "<div class=\"single\">{}</div>\n",
        figure(&inline_svg(&chart)?, &caption)
    ))
}
