//! `0/`: the state that the iterations start from, and the boundary conditions.

use super::FoamCase;
use crate::openfoam::header;

pub(super) fn files(case: &FoamCase) -> [(&'static str, String); 5] {
    let [u, v] = case.conditions.inlet();
    let (k, omega) = (case.inlet_k(), case.inlet_omega());
    let height = case.wall.first_height(&case.conditions);
    let [nut_wall, k_wall, omega_wall] = case.wall.conditions(height, case.conditions.nu, k);
    let freestream = |kind: &str| format!("type {kind}; freestreamValue $internalField;");
    let field = |name: &str, class, dimensions, value: String, wall: &str, outer: String| {
        format!(
            "{}dimensions      {dimensions};\ninternalField   uniform {value};\n\nboundaryField\n{{\n    \
             aerofoil\n    {{\n        {wall}\n    }}\n    freestream\n    {{\n        {outer}\n    }}\n    \
             frontAndBack\n    {{\n        type empty;\n    }}\n}}\n",
            header(class, "0", name, None)
        )
    };
    let (scalar, vector) = ("volScalarField", "volVectorField");
    [
        (
            "0/U",
            field(
                "U",
                vector,
                "[0 1 -1 0 0 0 0]",
                format!("({u:?} {v:?} 0)"),
                "type noSlip;",
                freestream("freestreamVelocity"),
            ),
        ),
        (
            "0/p",
            field(
                "p",
                scalar,
                "[0 2 -2 0 0 0 0]",
                "0".into(),
                "type zeroGradient;",
                freestream("freestreamPressure"),
            ),
        ),
        (
            "0/nut",
            field(
                "nut",
                scalar,
                "[0 2 -1 0 0 0 0]",
                format!("{:e}", k / omega),
                &nut_wall,
                freestream("freestream"),
            ),
        ),
        (
            "0/k",
            field(
                "k",
                scalar,
                "[0 2 -2 0 0 0 0]",
                format!("{k:e}"),
                &k_wall,
                freestream("freestream"),
            ),
        ),
        (
            "0/omega",
            field(
                "omega",
                scalar,
                "[0 0 -1 0 0 0 0]",
                format!("{omega:e}"),
                &omega_wall,
                freestream("freestream"),
            ),
        ),
    ]
}
