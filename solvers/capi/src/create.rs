//! Making solvers, changing their grid, and destroying them.

#![allow(unsafe_code)]

use karman_solvers::{Cell, FlagGrid, Method, PoissonSolver};

use crate::handles::{self, KarmanPoisson, Slot};
use crate::memory::{input, put};
use crate::options::{KarmanOptions, count, sides};
use crate::status::{Failure, KarmanStatus, guarded};

/// The options that hold where nothing else is asked for.
#[unsafe(no_mangle)]
pub extern "C" fn karman_default_options() -> KarmanOptions {
    KarmanOptions::default()
}

/// Makes a solver for A x = b on a grid, A being the negative Laplacian of its fluid cells.
///
/// Cells are numbered (z * ny + y) * nx + x: in C `flags[z][y][x]`, in Fortran `flags(x, y, z)`.
///
/// dims        nx, ny, nz; nz = 1 makes the grid two-dimensional.
/// spacing     hx, hy, hz in any unit of length; NULL: 1, 1, 1.
/// flags       a karman_cell per cell; copied.
/// flag_count  their number: nx * ny * nz.
/// open_sides  the sum of the karman_side numbers of open sides; others are solid walls.
/// options     NULL: karman_default_options().
/// solver      gets the solver; free it by karman_poisson_destroy(). NULL is written on failure.
///
/// # Safety
/// `dims` and `spacing` (unless null) point to 3 values, `flags` to `flag_count` bytes, `options`
/// (unless null) to options, `solver` to memory for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karman_poisson_create(
    dims: *const usize,
    spacing: *const f64,
    flags: *const u8,
    flag_count: usize,
    open_sides: i32,
    options: *const KarmanOptions,
    solver: *mut *mut KarmanPoisson,
) -> KarmanStatus {
    guarded("karman_poisson_create", || {
        // SAFETY: checked for null there; the rest is the caller's promise, as in all calls below.
        unsafe { put("solver", solver, std::ptr::null_mut())? };
        let dims = unsafe { input("dims", dims, 3)? };
        let spacing = match spacing.is_null() {
            true => &[1.0; 3],
            false => unsafe { input("spacing", spacing, 3)? },
        };
        let options = match options.is_null() {
            true => KarmanOptions::default(),
            false => unsafe { input("options", options, 1)?[0] },
        };
        let dims = [dims[0], dims[1], dims[2]];
        // Before the flags are read: a wrong size would lead past their end.
        let cells = dims.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
        if cells != Some(flag_count) {
            return Err(Failure::argument(format!(
                "flag_count {flag_count} for a grid of {dims:?} cells"
            )));
        }
        let flags = unsafe { input("flags", flags, flag_count)? };
        let mut grid = FlagGrid::new(dims, flags)?.spacing([spacing[0], spacing[1], spacing[2]])?;
        for side in sides(open_sides)? {
            grid = grid.open(side)?;
        }
        let handle = handles::register(Slot {
            solver: build(&grid, &options)?,
            asked: options,
        });
        unsafe { put("solver", solver, handle)? };
        Ok(KarmanStatus::Ok)
    })
}

fn build(grid: &FlagGrid, options: &KarmanOptions) -> Result<PoissonSolver, Failure> {
    let mut builder = PoissonSolver::builder(grid)
        .method(options.method()?)
        .expected_solves(count("expected_solves", options.expected_solves)?)
        .options(options.solve_options()?);
    if let Some(threads) = options.threads()? {
        builder = builder.threads(threads);
    }
    Ok(builder.build()?)
}

impl Slot {
    /// Sets the solver up anew for `grid`, with the options as they are now.
    fn set_up(&mut self, grid: &FlagGrid) -> Result<(), Failure> {
        let options = self.solver.options_mut().clone();
        let mut fresh = build(grid, &self.asked)?;
        *fresh.options_mut() = options;
        self.solver = fresh;
        Ok(())
    }
}

/// Frees a solver. NULL is allowed and does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn karman_poisson_destroy(solver: *mut KarmanPoisson) -> KarmanStatus {
    guarded("karman_poisson_destroy", || {
        if !solver.is_null() {
            handles::remove(solver)?;
        }
        Ok(KarmanStatus::Ok)
    })
}

/// Gives all cells anew. Only what differs from before is worked on, as by
/// karman_poisson_update_cells(); but where KARMAN_METHOD_AUTO was asked for and more than a tenth of the
/// cells differ, or the grid is no longer an empty box, the solver is set up anew and chooses again.
///
/// # Safety
/// `flags` points to `flag_count` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karman_poisson_set_flags(
    solver: *mut KarmanPoisson,
    flags: *const u8,
    flag_count: usize,
) -> KarmanStatus {
    guarded("karman_poisson_set_flags", || {
        handles::with_slot(solver, |slot| {
            let solver = &mut slot.solver;
            let cells = solver.grid().len();
            if flag_count != cells {
                return Err(Failure::argument(format!(
                    "flag_count {flag_count} for a grid of {cells} cells"
                )));
            }
            // SAFETY: the caller's promise.
            let flags = unsafe { input("flags", flags, flag_count)? };
            let mut changes = Vec::new();
            for (index, (&new, &old)) in flags.iter().zip(solver.grid().flags()).enumerate() {
                if new != old {
                    changes.push((index, cell("flags", index, new)?));
                }
            }
            solver.update(&changes)?;
            let empty_no_more = solver.method() == Method::Fourier && !changes.is_empty();
            let other = empty_no_more || changes.len() > cells / 10;
            if slot.asked.method()? == Method::Auto && other {
                let grid = solver.grid().clone();
                slot.set_up(&grid)?;
            }
            Ok(KarmanStatus::Ok)
        })
    })
}

/// Changes some cells: cell `indices[i]` (numbered from 0) becomes `cells[i]`, a karman_cell. With
/// multigrid this costs in proportion to `count` and the coarse levels' share of a set-up, not to the
/// grid. The method stays what it is.
///
/// # Safety
/// `indices` and `cells` point to `count` values each.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karman_poisson_update_cells(
    solver: *mut KarmanPoisson,
    indices: *const usize,
    cells: *const u8,
    count: usize,
) -> KarmanStatus {
    guarded("karman_poisson_update_cells", || {
        handles::with(solver, |solver| {
            let all = solver.grid().len();
            if count > all {
                return Err(Failure::argument(format!(
                    "count {count} for a grid of {all} cells"
                )));
            }
            // SAFETY: the caller's promise.
            let (indices, cells) = unsafe {
                (
                    input("indices", indices, count)?,
                    input("cells", cells, count)?,
                )
            };
            let changes: Result<Vec<_>, Failure> = indices
                .iter()
                .zip(cells)
                .enumerate()
                .map(|(i, (&index, &flag))| Ok((index, cell("cells", i, flag)?)))
                .collect();
            solver.update(&changes?)?;
            Ok(KarmanStatus::Ok)
        })
    })
}

/// Gives every face a weight, as on a MAC grid: for cut cells the open fraction of the face, for
/// variable density 1 / density there. The solver is set up anew.
///
/// x   (nx + 1) ny nz weights, x_count of them; the i-th of a row lies between cells i - 1 and i.
/// y   nx (ny + 1) nz likewise.
/// z   nx ny (nz + 1) likewise; NULL and 0 in two dimensions.
///
/// Weights are finite and at least 0. Those of faces of solid cells and of walls are ignored.
///
/// # Safety
/// Each pointer points to as many values as the number behind it says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karman_poisson_set_face_weights(
    solver: *mut KarmanPoisson,
    x: *const f64,
    x_count: usize,
    y: *const f64,
    y_count: usize,
    z: *const f64,
    z_count: usize,
) -> KarmanStatus {
    guarded("karman_poisson_set_face_weights", || {
        handles::with_slot(solver, |slot| {
            let grid = slot.solver.grid();
            let [nx, ny, nz] = grid.dims();
            let expected = [(nx + 1) * ny * nz, nx * (ny + 1) * nz, nx * ny * (nz + 1)];
            let counts = [x_count, y_count, z_count];
            for axis in 0..3 {
                let flat = axis == 2 && nz == 1 && counts[2] == 0;
                if counts[axis] != expected[axis] && !flat {
                    let name = ["x", "y", "z"][axis];
                    return Err(Failure::argument(format!(
                        "{name}_count {}: this grid has {} faces in {name}",
                        counts[axis], expected[axis]
                    )));
                }
            }
            // SAFETY: the caller's promise.
            let (x, y, z) = unsafe {
                (
                    input("x", x, x_count)?,
                    input("y", y, y_count)?,
                    input("z", z, z_count)?,
                )
            };
            let grid = grid.clone().face_weights(x, y, z)?;
            slot.set_up(&grid)?;
            Ok(KarmanStatus::Ok)
        })
    })
}

fn cell(array: &str, index: usize, flag: u8) -> Result<Cell, Failure> {
    Cell::try_from(flag).map_err(|other| {
        Failure::argument(format!(
            "{other} at index {index} of {array}: 0 is solid, 1 fluid, 2 air"
        ))
    })
}
