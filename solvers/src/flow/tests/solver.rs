//! The solver as callers see it.

use karman_meshes::{ClosedSurface, StlFile};

use crate::{FlowBoundary, FlowSolver, Side, Simulation, Solid, SolverError, StepControl};

fn cavity() -> FlowSolver {
    let lid = FlowBoundary::NoSlip {
        velocity: [1.0, 0.0, 0.0],
    };
    FlowSolver::builder([16, 12, 1], [0.1, 0.1, 1.0])
        .viscosity(0.01)
        .corner([1.0, 2.0, 0.0])
        .boundary(Side::YMax, lid)
        .build()
        .unwrap()
}

#[test]
fn times_are_met_exactly() {
    let mut flow = cavity();
    for time in [0.1, 0.1, 0.35, 1.0 / 3.0 + 0.1] {
        flow.advance_to(time).unwrap();
        assert_eq!(flow.time(), time);
    }
    assert!(flow.advance_to(0.2).is_err());
    assert!(flow.advance_to(f64::NAN).is_err());
}

#[test]
fn it_describes_itself() {
    let flow = cavity();
    assert_eq!(flow.shape(), [12, 16]);
    assert_eq!(flow.spacing(), [0.1, 0.1]);
    assert_eq!(flow.origin(), [2.05, 1.05]);
    let names: Vec<&str> = flow.fields().iter().map(|f| f.name).collect();
    assert_eq!(names, ["velocity", "pressure", "vorticity"]);
    let mut out = vec![0.0; 192];
    assert!(flow.read("velocity", &mut out).is_err());
    let message = flow.read("speed", &mut out).unwrap_err().to_string();
    assert!(message.contains("vorticity"), "{message}");
}

/// The circulation along the lid is the vorticity inside.
#[test]
fn vorticity_adds_up_to_the_circulation() {
    let mut flow = cavity();
    flow.advance_to(1.0).unwrap();
    let mut vorticity = vec![0.0; 192];
    flow.read("vorticity", &mut vorticity).unwrap();
    let sum: f64 = vorticity.iter().sum::<f64>() * 0.01;
    // Means over corners lose half of what lies on the sides; the lid's is the largest.
    assert!(sum < -0.5 && sum > -2.0, "{sum}");
}

/// Two solvers with one state and one pressure go on bit for bit alike.
#[test]
fn a_state_goes_on_exactly() {
    let mut flow = cavity();
    flow.advance_to(0.5).unwrap();
    let (state, pressure) = (flow.state(), flow.pressure());
    let mut other = cavity();
    other.set_state(&state).unwrap();
    other.set_pressure(&pressure).unwrap();
    other.set_time(0.5).unwrap();
    flow.set_pressure(&pressure).unwrap();
    flow.advance_to(0.8).unwrap();
    other.advance_to(0.8).unwrap();
    assert_eq!(flow.state(), other.state());
}

#[test]
fn what_blows_up_is_a_failure_and_no_error() {
    let mut flow = FlowSolver::builder([16, 16, 1], [0.1, 0.1, 1.0])
        .periodic(0)
        .periodic(1)
        .step(StepControl::Fixed(5.0))
        .build()
        .unwrap();
    flow.set_velocity(|[x, y, _]| [(4.0 * y).sin(), (4.0 * x).sin(), 0.0])
        .unwrap();
    flow.advance_to(1e4).unwrap();
    let failure = flow.health().failure.unwrap();
    assert!(failure.contains("finite"), "{failure}");
}

#[test]
fn bad_descriptions_are_refused_by_name() {
    let builder = || FlowSolver::builder([8, 8, 1], [0.1; 3]);
    let inflow = || FlowBoundary::inflow(|_| [1.0, 0.0, 0.0]);
    let message = |result: Result<FlowSolver, SolverError>| match result {
        Err(error) => error.to_string(),
        Ok(_) => String::new(),
    };
    let cases = [
        (FlowSolver::builder([8, 3, 1], [0.1; 3]), "at least 4"),
        (FlowSolver::builder([8, 8, 2], [0.1; 3]), "at least 4"),
        (FlowSolver::builder([8, 8, 1], [0.1, -1.0, 1.0]), "-1"),
        (builder().viscosity(f64::NAN), "viscosity"),
        (builder().step(StepControl::Courant(2.0)), "1.2"),
        (builder().step(StepControl::Fixed(0.0)), "time step"),
        (builder().rtol(0.0), "rtol"),
        (builder().solid_cells(vec![true; 5]), "5 flags for 64"),
        (builder().solid_cells(vec![true; 64]), "no cell is left"),
        (
            builder().boundary(Side::XMin, FlowBoundary::Periodic),
            "x- and x+",
        ),
        (
            builder().boundary(Side::XMin, inflow()),
            "no side is an outflow",
        ),
        (
            builder().boundary(Side::XMin, FlowBoundary::inflow(|_| [f64::NAN; 3])),
            "x- is not finite",
        ),
        (
            builder().boundary(
                Side::YMin,
                FlowBoundary::NoSlip {
                    velocity: [0.0, 1.0, 0.0],
                },
            ),
            "across itself",
        ),
    ];
    for (builder, part) in cases {
        let found = message(builder.build());
        assert!(found.contains(part), "{found:?} lacks {part:?}");
    }
    assert!(Solid::polygon(&[[0.0, 0.0], [1.0, 0.0]]).is_err());
    let mut flow = cavity();
    let state = flow.state();
    let mut short = state.clone();
    short.velocity.y.pop();
    let error = flow.set_state(&short).unwrap_err().to_string();
    assert!(error.contains("207 values for y, 208"), "{error}");
    assert!(flow.step(-1.0).is_err());
    assert!(flow.scalar_residual(&state, &state, 0.1).is_err());
}

/// A polygon in either direction is what it encloses.
#[test]
fn polygons_make_the_same_cells_as_discs() {
    let circle = |sign: f64| -> Vec<[f64; 2]> {
        let angle = |k: usize| sign * k as f64 * std::f64::consts::TAU / 200.0;
        let point = |k: usize| [0.5 + 0.2 * angle(k).cos(), 0.4 + 0.2 * angle(k).sin()];
        (0..200).map(point).collect()
    };
    let cells = |solid: Solid| {
        let builder = FlowSolver::builder([20, 16, 1], [0.05; 3]).solid(solid);
        builder.build().unwrap().solid_cells()
    };
    let disc = cells(Solid::disc([0.5, 0.4], 0.2));
    assert!(disc.iter().filter(|s| **s).count() > 40);
    for sign in [1.0, -1.0] {
        assert_eq!(cells(Solid::polygon(&circle(sign)).unwrap()), disc);
    }
}

/// A tetrahedron from a text STL has the cells on its side of each plane.
#[test]
fn surfaces_make_the_cells_that_they_enclose() {
    let corners = ["0 0 0", "0.8 0 0", "0 0.8 0", "0 0 0.8"];
    let facet = |[a, b, c]: [usize; 3]| {
        let vertices = [a, b, c].map(|k| format!("vertex {}\n", corners[k]));
        format!("facet\n{}endfacet\n", vertices.concat())
    };
    let facets = [[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]].map(facet);
    let text = format!("solid\n{}endsolid", facets.concat());
    let file = StlFile::parse(text.as_bytes(), "tetrahedron.stl").unwrap();
    let surface = ClosedSurface::new(&file.triangles).unwrap();
    assert!((surface.volume() - 0.512 / 6.0).abs() < 1e-6);
    let flow = FlowSolver::builder([10; 3], [0.1; 3]).solid(Solid::surface(surface));
    for (cell, solid) in flow.build().unwrap().solid_cells().into_iter().enumerate() {
        let sum: usize = [cell % 10, cell / 10 % 10, cell / 100].iter().sum();
        // Centres lie at (i + 1/2) / 10, so that no sum of three is 0.8.
        assert_eq!(solid, sum <= 6, "{cell}");
    }
}
