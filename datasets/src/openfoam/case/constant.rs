//! `constant/`: viscosity and turbulence model.

use super::FoamCase;
use crate::openfoam::header;

pub(super) fn files(case: &FoamCase) -> [(&'static str, String); 2] {
    let head = |object| header("dictionary", "constant", object, None);
    let transport = format!(
        "{}transportModel  Newtonian;\nnu              [0 2 -1 0 0 0 0] {:?};\n",
        head("transportProperties"),
        case.conditions.nu
    );
    let turbulence = format!(
        "{}simulationType  RAS;\n\nRAS\n{{\n    RASModel        kOmegaSST;\n    turbulence      on;\n    \
         printCoeffs     off;\n}}\n",
        head("turbulenceProperties")
    );
    [
        ("constant/transportProperties", transport),
        ("constant/turbulenceProperties", turbulence),
    ]
}
