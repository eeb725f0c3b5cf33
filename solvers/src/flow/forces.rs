//! The force on solids, as a balance of momentum.
//!
//! The rate that the momentum equation would give a closed face, were it open, is what flows into it from the faces around:
//! convection, pressure and friction. The wall takes it. With the friction of walls between faces that is, to
//! rounding, what the open faces lose.

use super::domain::Domain;
use super::layout::Faces;
use super::momentum::rate_row;

/// The force on all solids over the fluid's density. `velocity` has its ghosts, `pressure` is zero in solids.
pub(super) fn on_solids(domain: &Domain, velocity: &Faces, pressure: &[f64]) -> [f64; 3] {
    let Domain {
        layout,
        geometry,
        fluid,
        ..
    } = domain;
    let mut force = [0.0; 3];
    for face in geometry.closed.iter().filter(|face| face.at_surface) {
        let place = layout.place(face.index);
        let inner = layout.inner_faces(face.component);
        let Some(before) = layout.near(place, face.component, -1) else {
            continue;
        };
        if !inner[face.component].contains(&place[face.component]) {
            continue;
        }
        let mut rate = [0.0];
        rate_row(
            layout,
            velocity,
            fluid.viscosity,
            face.component,
            face.index,
            &mut rate,
        );
        let step = pressure[layout.cell(place)] - pressure[layout.cell(before)];
        force[face.component] += rate[0] - step / layout.spacing[face.component];
    }
    for link in &geometry.links {
        let values = &velocity[link.component];
        let slip = values[link.face] - values[link.beyond];
        force[link.component] += fluid.viscosity * link.factor * slip;
    }
    force.map(|f| f * layout.volume())
}
