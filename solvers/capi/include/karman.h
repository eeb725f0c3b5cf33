/* karman.h: the Karman solvers from C, C++ and Fortran.
 *
 * Made from the Rust sources by cbindgen; do not edit.
 * https://github.com/karman-rs/karman, MIT or Apache-2.0.
 *
 * Every function that can fail returns a karman_status: 0 is success, a positive one says that a
 * solve ended without convergence, a negative one that the call did nothing; karman_last_error()
 * then says why. No function throws, or keeps a pointer to the caller's memory. Any thread may use
 * any solver; calls on the same one wait for each other. Memory is allocated where a solver is made
 * or changed, not in karman_poisson_solve(); as everywhere in Rust, to run out of it there ends the
 * program.
 */

#ifndef KARMAN_H
#define KARMAN_H

#include <stddef.h>
#include <stdint.h>

/*
 What a call came to. 0 is success; positive: a solve ended without convergence and x holds the
 last iterate; negative: the call did nothing, and karman_last_error() says why.
 */
enum karman_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /*
     Done; of a solve: the true residual is within the tolerance.
     */
    KARMAN_STATUS_OK = 0,
    /*
     Not converged within the iterations allowed.
     */
    KARMAN_STATUS_MAX_ITERATIONS = 1,
    /*
     The residual grew beyond the limit.
     */
    KARMAN_STATUS_DIVERGED = 2,
    /*
     The residual does not fall any more: the tolerance is below what double precision reaches.
     */
    KARMAN_STATUS_STAGNATED = 3,
    /*
     The method cannot go on; the report's text says why.
     */
    KARMAN_STATUS_BREAKDOWN = 4,
    /*
     No solution: b does not sum to zero over a part of the fluid that touches no air. x holds no
     solution. See karman_options.imbalance.
     */
    KARMAN_STATUS_INCOMPATIBLE = 5,
    /*
     A pointer that must not be NULL is.
     */
    KARMAN_STATUS_NULL_POINTER = -1,
    /*
     Not a solver, or one that was destroyed.
     */
    KARMAN_STATUS_INVALID_HANDLE = -2,
    /*
     A length, value, option or pointer that cannot be worked with.
     */
    KARMAN_STATUS_INVALID_ARGUMENT = -3,
    /*
     The solver could not be set up: the method does not allow this problem.
     */
    KARMAN_STATUS_SETUP_FAILED = -4,
    /*
     More memory is needed than there is.
     */
    KARMAN_STATUS_OUT_OF_MEMORY = -5,
    /*
     A fault in the library itself. Destroy the solver; please report it.
     */
    KARMAN_STATUS_INTERNAL = -6,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum karman_status karman_status;
#else
typedef int32_t karman_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/*
 How to solve.
 */
enum karman_method
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /*
     Chosen from the problem; the report's text says what and why.
     */
    KARMAN_METHOD_AUTO = 0,
    /*
     Conjugate gradients without a preconditioner.
     */
    KARMAN_METHOD_CG = 1,
    /*
     Conjugate gradients with the diagonal.
     */
    KARMAN_METHOD_JACOBI = 2,
    /*
     Conjugate gradients with an incomplete Cholesky factorisation without fill.
     */
    KARMAN_METHOD_INCOMPLETE_CHOLESKY = 3,
    /*
     The same with row sums kept.
     */
    KARMAN_METHOD_MODIFIED_INCOMPLETE_CHOLESKY = 4,
    /*
     Conjugate gradients with a multigrid V-cycle.
     */
    KARMAN_METHOD_MULTIGRID = 5,
    /*
     Conjugate gradients with cosine and sine transforms; one iteration in an empty box.
     */
    KARMAN_METHOD_FOURIER = 6,
    /*
     Conjugate gradients with smoothed-aggregation algebraic multigrid.
     */
    KARMAN_METHOD_AMG = 7,
    /*
     Sparse Cholesky factorisation.
     */
    KARMAN_METHOD_CHOLESKY = 8,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum karman_method karman_method;
#else
typedef int32_t karman_method;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/*
 The first guess of a solve.
 */
enum karman_start
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /*
     Zero; what x holds is not read.
     */
    KARMAN_START_ZERO = 0,
    /*
     What x holds: the pressure of the last step, say.
     */
    KARMAN_START_GIVEN = 1,
    /*
     What x holds, scaled so that its residual is smallest: never worse than zero.
     */
    KARMAN_START_SCALED = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum karman_start karman_start;
#else
typedef int32_t karman_start;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/*
 Sides of the domain, to be added up. A side that is not open is a solid wall; an open one has air
 behind it.
 */
enum karman_side
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /*
     x = 0.
     */
    KARMAN_SIDE_X_MIN = 1,
    /*
     x = nx hx.
     */
    KARMAN_SIDE_X_MAX = 2,
    /*
     y = 0.
     */
    KARMAN_SIDE_Y_MIN = 4,
    /*
     y = ny hy.
     */
    KARMAN_SIDE_Y_MAX = 8,
    /*
     z = 0.
     */
    KARMAN_SIDE_Z_MIN = 16,
    /*
     z = nz hz.
     */
    KARMAN_SIDE_Z_MAX = 32,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum karman_side karman_side;
#else
typedef int32_t karman_side;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/*
 What a cell is.
 */
enum karman_cell
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /*
     No flux passes its faces (Neumann).
     */
    KARMAN_CELL_SOLID = 0,
    /*
     An unknown.
     */
    KARMAN_CELL_FLUID = 1,
    /*
     The pressure is zero at its centre (Dirichlet).
     */
    KARMAN_CELL_AIR = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum karman_cell karman_cell;
#else
typedef int32_t karman_cell;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/*
 A solver. Opaque: C programs hold pointers to it and never look inside.
 */
typedef struct karman_poisson karman_poisson;

/*
 Options of a solver. Fill them by karman_default_options(), then change what you need.
 */
typedef struct karman_options {
    /*
     A karman_method. Default: KARMAN_METHOD_AUTO.
     */
    int32_t method;
    /*
     A karman_start. Default: KARMAN_START_ZERO.
     */
    int32_t start;
    /*
     Stop at ||b - A x|| <= max(rtol ||b||, atol), on the true residual. Default: 1e-6.
     */
    double rtol;
    /*
     The absolute part of the same, in the unit of b. Default: 0.
     */
    double atol;
    /*
     Share of ||b|| that may lie along the constants of parts of the fluid that touch no air. Up to
     this it is removed before solving; above it the status is KARMAN_STATUS_INCOMPATIBLE. 0 refuses
     anything, 1 always removes it. Default: 1e-6.
     */
    double imbalance;
    /*
     Iterations at most. Default: 1000.
     */
    int64_t max_iterations;
    /*
     How often the same cells will be solved for, which KARMAN_METHOD_AUTO asks for: a factor pays only
     when it is used often. Default: 1.
     */
    int64_t expected_solves;
    /*
     Threads of this solver; 0: those of the process, shared by all solvers (the environment
     variable RAYON_NUM_THREADS, else all cores). Default: 0.
     */
    int32_t threads;
} karman_options;

/*
 What the last solve did. Norms are Euclidean, over fluid cells.
 */
typedef struct karman_report {
    /*
     How it ended: a karman_status that is not negative.
     */
    int32_t status;
    /*
     The karman_method in use, never KARMAN_METHOD_AUTO.
     */
    int32_t method;
    /*
     Number of cells of the grid, fluid or not.
     */
    int64_t unknowns;
    /*
     Iterations done.
     */
    int64_t iterations;
    /*
     Products with A.
     */
    int64_t operator_applications;
    /*
     Applications of the preconditioner.
     */
    int64_t preconditioner_applications;
    /*
     Entries of karman_poisson_history.
     */
    int64_t history_length;
    /*
     Iterations between two entries of karman_poisson_history.
     */
    int64_t history_stride;
    /*
     ||b||, after the imbalance was removed.
     */
    double rhs_norm;
    /*
     ||b - A x|| that was asked for.
     */
    double target;
    /*
     ||b - A x|| at the start.
     */
    double residual_start;
    /*
     ||b - A x|| at the end, computed from x.
     */
    double residual;
    /*
     residual / rhs_norm; 0 when b = 0.
     */
    double relative_residual;
    /*
     Share of ||b|| along the constants of parts of the fluid that touch no air.
     */
    double imbalance;
    /*
     Seconds of set-up.
     */
    double setup_seconds;
    /*
     Seconds of the last change of cells.
     */
    double update_seconds;
    /*
     Seconds of the solve.
     */
    double solve_seconds;
} karman_report;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 The options that hold where nothing else is asked for.
 */
struct karman_options karman_default_options(void);

/*
 Makes a solver for A x = b on a grid, A being the negative Laplacian of its fluid cells.

 Cells are numbered (z * ny + y) * nx + x: in C flags[z][y][x], in Fortran flags(x, y, z).

 dims        nx, ny, nz; nz = 1 makes the grid two-dimensional.
 spacing     hx, hy, hz in any unit of length; NULL: 1, 1, 1.
 flags       a karman_cell per cell; copied.
 flag_count  their number: nx * ny * nz.
 open_sides  the sum of the karman_side numbers of open sides; others are solid walls.
 options     NULL: karman_default_options().
 solver      gets the solver; free it by karman_poisson_destroy(). NULL is written on failure.

 Memory: dims and spacing (unless null) point to 3 values, flags to flag_count bytes, options
 (unless null) to options, solver to memory for a pointer.
 */
karman_status karman_poisson_create(const size_t *dims,
                                    const double *spacing,
                                    const uint8_t *flags,
                                    size_t flag_count,
                                    int32_t open_sides,
                                    const struct karman_options *options,
                                    struct karman_poisson **solver);

/*
 Frees a solver. NULL is allowed and does nothing.
 */
karman_status karman_poisson_destroy(struct karman_poisson *solver);

/*
 Gives all cells anew. Only what differs from before is worked on, as by
 karman_poisson_update_cells(); but where KARMAN_METHOD_AUTO was asked for and more than a tenth of the
 cells differ, or the grid is no longer an empty box, the solver is set up anew and chooses again.

 Memory: flags points to flag_count bytes.
 */
karman_status karman_poisson_set_flags(struct karman_poisson *solver,
                                       const uint8_t *flags,
                                       size_t flag_count);

/*
 Changes some cells: cell indices[i] (numbered from 0) becomes cells[i], a karman_cell. With
 multigrid this costs in proportion to count and the coarse levels' share of a set-up, not to the
 grid. The method stays what it is.

 Memory: indices and cells point to count values each.
 */
karman_status karman_poisson_update_cells(struct karman_poisson *solver,
                                          const size_t *indices,
                                          const uint8_t *cells,
                                          size_t count);

/*
 Gives every face a weight, as on a MAC grid: for cut cells the open fraction of the face, for
 variable density 1 / density there. The solver is set up anew.

 x   (nx + 1) ny nz weights, x_count of them; the i-th of a row lies between cells i - 1 and i.
 y   nx (ny + 1) nz likewise.
 z   nx ny (nz + 1) likewise; NULL and 0 in two dimensions.

 Weights are finite and at least 0. Those of faces of solid cells and of walls are ignored.

 Memory: Each pointer points to as many values as the number behind it says.
 */
karman_status karman_poisson_set_face_weights(struct karman_poisson *solver,
                                              const double *x,
                                              size_t x_count,
                                              const double *y,
                                              size_t y_count,
                                              const double *z,
                                              size_t z_count);

/*
 Solves A x = b. x is the first guess too, unless the start is KARMAN_START_ZERO.

 b   a value per cell; those of cells that are not fluid are ignored.
 x   a value per cell; those of cells that are not fluid become 0. Must not overlap b.
 n   their number, that of all cells.

 Returns 0 (KARMAN_STATUS_OK) only when x is within the tolerance.

 Memory: b and x point to n values each.
 */
karman_status karman_poisson_solve(struct karman_poisson *solver,
                                   const double *b,
                                   double *x,
                                   size_t n);

/*
 Solves for count right-hand sides, which lie one behind the other in b, as do the solutions in
 x: n * count values each, n being the number of cells.

 reports   NULL, or room for count reports.

 Returns 0 when all converged, else the status of the first that did not; the others are solved
 nevertheless. Where b holds a NaN the status is negative, and what comes before is solved.

 Memory: b and x point to n * count values each, reports (unless null) to memory for count
 reports.
 */
karman_status karman_poisson_solve_batch(struct karman_poisson *solver,
                                         const double *b,
                                         double *x,
                                         size_t n,
                                         size_t count,
                                         struct karman_report *reports);

/*
 y = A x, over all cells; 0 in cells that are not fluid. For checking, and for methods of your own.

 Memory: x and y point to n values each.
 */
karman_status karman_poisson_apply(struct karman_poisson *solver,
                                   const double *x,
                                   double *y,
                                   size_t n);

/*
 Sets the tolerance of the next solves: ||b - A x|| <= max(rtol ||b||, atol).
 */
karman_status karman_poisson_set_tolerance(struct karman_poisson *solver, double rtol, double atol);

/*
 Sets the first guess of the next solves, a karman_start.
 */
karman_status karman_poisson_set_start(struct karman_poisson *solver, int32_t first_guess);

/*
 Sets the number of iterations that the next solves may take.
 */
karman_status karman_poisson_set_iterations(struct karman_poisson *solver, int64_t max_iterations);

/*
 Number of cells of the solver's grid: the length of b and x.

 Memory: n points to memory for a number.
 */
karman_status karman_poisson_size(struct karman_poisson *solver, size_t *n);

/*
 The report of the last solve.

 Memory: report points to memory for a report.
 */
karman_status karman_poisson_report(struct karman_poisson *solver, struct karman_report *report);

/*
 The report of the last solve as text of several lines, and what KARMAN_METHOD_AUTO chose and why.

 buffer     gets the text with a zero at its end, cut where it does not fit. NULL if capacity is 0.
 capacity   its size in bytes.
 length     NULL, or gets the length of the whole text in bytes, without the zero.

 Memory: buffer points to capacity bytes, length (unless null) to memory for a number.
 */
karman_status karman_poisson_report_text(struct karman_poisson *solver,
                                         char *buffer,
                                         size_t capacity,
                                         size_t *length);

/*
 Residuals ||b - A x|| of the last solve, every history_stride-th iteration from the start on.

 values     gets the first capacity of them.
 capacity   at most the length of values; history_length of the report is how many there are.

 Memory: values points to memory for capacity numbers.
 */
karman_status karman_poisson_history(struct karman_poisson *solver,
                                     double *values,
                                     size_t capacity);

/*
 Why the last call on this thread that returned a negative status did nothing; "" if none did. The
 text lives until the next such call on this thread. Never NULL.
 */
const char *karman_last_error(void);

/*
 The version of the library, "MAJOR.MINOR.PATCH". Never NULL.
 */
const char *karman_version(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* KARMAN_H */
