//! `system/`: controls, schemes and linear solvers.

use super::{FoamCase, FoamControls, SPAN};
use crate::openfoam::{STOP_FILE, header};

pub(super) fn files(case: &FoamCase) -> [(&'static str, String); 3] {
    let head = |object| header("dictionary", "system", object, None);
    [
        (
            "system/controlDict",
            head("controlDict") + &controls(case) + &functions(case),
        ),
        ("system/fvSchemes", head("fvSchemes") + SCHEMES),
        (
            "system/fvSolution",
            head("fvSolution") + &solution(&case.controls),
        ),
    ]
}

fn controls(case: &FoamCase) -> String {
    let FoamControls {
        max_iterations,
        write_interval,
        ..
    } = case.controls;
    // The last state is written whatever the interval, since the run ends on a multiple of it or is
    // stopped by the `stop` function, which writes.
    let interval = match write_interval {
        0 => max_iterations,
        some => some.min(max_iterations),
    };
    format!(
        "application     simpleFoam;\n\
         startFrom       latestTime;\n\
         startTime       0;\n\
         stopAt          endTime;\n\
         endTime         {max_iterations};\n\
         deltaT          1;\n\
         writeControl    timeStep;\n\
         writeInterval   {interval};\n\
         purgeWrite      2;\n\
         writeFormat     binary;\n\
         writePrecision  12;\n\
         writeCompression off;\n\
         timeFormat      general;\n\
         timePrecision   8;\n\
         runTimeModifiable false;\n\n"
    )
}

fn functions(case: &FoamCase) -> String {
    let (sin, cos) = case.conditions.aoa.to_radians().sin_cos();
    let speed = case.conditions.speed;
    format!(
        r#"functions
{{
    forceCoeffs
    {{
        type            forceCoeffs;
        libs            ("libforces.so");
        writeControl    timeStep;
        writeInterval   1;
        log             true;
        patches         (aerofoil);
        p               p;
        U               U;
        rho             rhoInf;
        rhoInf          1;
        CofR            (0.25 0 0);
        dragDir         ({cos:?} {sin:?} 0);
        liftDir         ({:?} {cos:?} 0);
        pitchAxis       (0 0 1);
        magUInf         {speed:?};
        lRef            1;
        Aref            {SPAN:?};
    }}
    wallShearStress
    {{
        type            wallShearStress;
        libs            ("libfieldFunctionObjects.so");
        patches         (aerofoil);
        executeControl  writeTime;
        writeControl    writeTime;
    }}
    yPlus
    {{
        type            yPlus;
        libs            ("libfieldFunctionObjects.so");
        executeControl  writeTime;
        writeControl    writeTime;
    }}
    stop
    {{
        type            abort;
        libs            ("libutilityFunctionObjects.so");
        file            "<case>/{STOP_FILE}";
        action          writeNow;
    }}
}}
"#,
        -sin
    )
}

const SCHEMES: &str = "\
ddtSchemes
{
    default         steadyState;
}

gradSchemes
{
    default         Gauss linear;
    grad(k)         cellLimited Gauss linear 1;
    grad(omega)     cellLimited Gauss linear 1;
}

divSchemes
{
    default         none;
    div(phi,U)      bounded Gauss linearUpwind grad(U);
    div(phi,k)      bounded Gauss linearUpwind grad(k);
    div(phi,omega)  bounded Gauss linearUpwind grad(omega);
    div((nuEff*dev2(T(grad(U))))) Gauss linear;
}

laplacianSchemes
{
    default         Gauss linear limited corrected 1;
}

interpolationSchemes
{
    default         linear;
}

snGradSchemes
{
    default         limited corrected 1;
}

wallDist
{
    method          meshWave;
    correctWalls    true;
}
";

fn solution(controls: &FoamControls) -> String {
    let FoamControls {
        relax_velocity,
        relax_turbulence,
        ..
    } = controls;
    format!(
        r#"solvers
{{
    p
    {{
        solver          GAMG;
        smoother        DICGaussSeidel;
        tolerance       1e-12;
        relTol          0.05;
        maxIter         50;
    }}
    "(U|k|omega)"
    {{
        solver          PBiCGStab;
        preconditioner  DILU;
        tolerance       1e-14;
        relTol          0.05;
        maxIter         20;
    }}
}}

SIMPLE
{{
    consistent      yes;
    nNonOrthogonalCorrectors 0;
}}

relaxationFactors
{{
    equations
    {{
        U               {relax_velocity:?};
        k               {relax_turbulence:?};
        omega           {relax_turbulence:?};
    }}
}}
"#
    )
}
