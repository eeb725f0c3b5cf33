//! The tables of Ghia, Ghia and Shin for the lid-driven cavity.
//!
//! U. Ghia, K. N. Ghia and C. T. Shin, "High-Re solutions for incompressible flow using the Navier-Stokes equations and a
//! multigrid method", Journal of Computational Physics 48 (1982) 387, tables I and II, computed on 129 x 129 points.
//! Copied digit by digit. The value of table II for Re = 400 at x = 0.9063 (-0.23827) breaks the curve and is
//! taken for a misprint by those who compare with it; it is no extremum.

/// One column of the tables.
pub(super) struct GhiaColumn {
    pub reynolds: f64,
    /// Velocity along the lid at the places [`GHIA_Y`] of the vertical centre line.
    pub u: [f64; 17],
    /// Velocity across it at the places [`GHIA_X`] of the horizontal centre line.
    pub v: [f64; 17],
}

/// Places on the vertical centre line, from the bottom.
pub(super) const GHIA_Y: [f64; 17] = [
    1.0, 0.9766, 0.9688, 0.9609, 0.9531, 0.8516, 0.7344, 0.6172, 0.5, 0.4531, 0.2813, 0.1719,
    0.1016, 0.0703, 0.0625, 0.0547, 0.0,
];

/// Places on the horizontal centre line, from the left.
pub(super) const GHIA_X: [f64; 17] = [
    1.0, 0.9688, 0.9609, 0.9531, 0.9453, 0.9063, 0.8594, 0.8047, 0.5, 0.2344, 0.2266, 0.1563,
    0.0938, 0.0781, 0.0703, 0.0625, 0.0,
];

/// Re = 100, 400 and 1000.
pub(super) const GHIA: [GhiaColumn; 3] = [
    GhiaColumn {
        reynolds: 100.0,
        u: [
            1.0, 0.84123, 0.78871, 0.73722, 0.68717, 0.23151, 0.00332, -0.13641, -0.20581,
            -0.21090, -0.15662, -0.10150, -0.06434, -0.04775, -0.04192, -0.03717, 0.0,
        ],
        v: [
            0.0, -0.05906, -0.07391, -0.08864, -0.10313, -0.16914, -0.22445, -0.24533, 0.05454,
            0.17527, 0.17507, 0.16077, 0.12317, 0.10890, 0.10091, 0.09233, 0.0,
        ],
    },
    GhiaColumn {
        reynolds: 400.0,
        u: [
            1.0, 0.75837, 0.68439, 0.61756, 0.55892, 0.29093, 0.16256, 0.02135, -0.11477, -0.17119,
            -0.32726, -0.24299, -0.14612, -0.10338, -0.09266, -0.08186, 0.0,
        ],
        v: [
            0.0, -0.12146, -0.15663, -0.19254, -0.22847, -0.23827, -0.44993, -0.38598, 0.05186,
            0.30174, 0.30203, 0.28124, 0.22965, 0.20920, 0.19713, 0.18360, 0.0,
        ],
    },
    GhiaColumn {
        reynolds: 1000.0,
        u: [
            1.0, 0.65928, 0.57492, 0.51117, 0.46604, 0.33304, 0.18719, 0.05702, -0.06080, -0.10648,
            -0.27805, -0.38289, -0.29730, -0.22220, -0.20196, -0.18109, 0.0,
        ],
        v: [
            0.0, -0.21388, -0.27669, -0.33714, -0.39188, -0.51550, -0.42665, -0.31966, 0.02526,
            0.32235, 0.33075, 0.37095, 0.32627, 0.30353, 0.29012, 0.27485, 0.0,
        ],
    },
];

/// Extrema by a spectral method, to the digits given: O. Botella and R. Peyret, "Benchmark spectral results on the lid-driven
/// cavity flow", Computers and Fluids 27 (1998) 421. At Re = 100 those of table II of Ghia, Ghia and Shin are 2.4 % (v_max) and 3.3 %
/// (v_min) short of them.
pub(super) const BOTELLA_PEYRET: [(f64, [f64; 3]); 2] = [
    (100.0, [-0.2140424, 0.1795728, -0.2538030]),
    (1000.0, [-0.3885698, 0.3769447, -0.5270771]),
];
