/* The pressure of a box of water with a ball in it, as a simulation code would ask for it: set up
 * once, then for each time step change the cells that the ball has entered or left, and solve from
 * the pressure of the step before (scaled, for that is never worse than zero).
 *
 *   cc poisson.c -o poisson $(pkg-config --cflags --libs karman) -lm && ./poisson
 */
#include <karman.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { N = 32, CELLS = N * N * N, STEPS = 5 };

static uint8_t flags[CELLS], next[CELLS];
static double b[CELLS], x[CELLS], ax[CELLS];

static void check(karman_status status, const char *what)
{
    if (status == KARMAN_STATUS_OK) return;
    /* Positive: no convergence. Negative: the call did nothing. */
    fprintf(stderr, "%s: status %d: %s\n", what, (int)status,
            status < 0 ? karman_last_error() : "not converged");
    exit(1);
}

/* A ball at height `centre` in a box that is closed but for its top. */
static void fill(uint8_t *cells, double centre)
{
    for (int k = 0; k < N; k++)
        for (int j = 0; j < N; j++)
            for (int i = 0; i < N; i++) {
                double dx = i + 0.5 - N / 2.0, dy = j + 0.5 - N / 2.0, dz = k + 0.5 - centre;
                int inside = dx * dx + dy * dy + dz * dz < 36.0;
                cells[(k * N + j) * N + i] = inside ? KARMAN_CELL_SOLID : KARMAN_CELL_FLUID;
            }
}

int main(void)
{
    const size_t dims[3] = {N, N, N};
    const double spacing[3] = {1.0 / N, 1.0 / N, 1.0 / N};
    karman_options options = karman_default_options();
    options.rtol = 1e-8;
    options.start = KARMAN_START_SCALED;
    options.threads = 2;

    fill(flags, 10.0);
    karman_poisson *solver = NULL;
    check(karman_poisson_create(dims, spacing, flags, CELLS, KARMAN_SIDE_Z_MAX, &options, &solver),
          "create");

    for (int step = 0; step < STEPS; step++) {
        /* The cells that the ball has entered or left. */
        fill(next, 10.0 + step);
        static size_t indices[CELLS];
        static uint8_t cells[CELLS];
        size_t changed = 0;
        for (size_t c = 0; c < CELLS; c++)
            if (next[c] != flags[c]) {
                indices[changed] = c;
                cells[changed++] = flags[c] = next[c];
            }
        check(karman_poisson_update_cells(solver, indices, cells, changed), "update_cells");

        for (size_t c = 0; c < CELLS; c++) b[c] = sin(0.001 * (double)c + 0.1 * step);
        check(karman_poisson_solve(solver, b, x, CELLS), "solve");

        /* What the report says, computed here once more. */
        karman_report report;
        check(karman_poisson_report(solver, &report), "report");
        check(karman_poisson_apply(solver, x, ax, CELLS), "apply");
        double residual = 0.0, norm = 0.0;
        for (size_t c = 0; c < CELLS; c++)
            if (flags[c] == KARMAN_CELL_FLUID) {
                residual += (b[c] - ax[c]) * (b[c] - ax[c]);
                norm += b[c] * b[c];
            }
        double relative = sqrt(residual / norm);
        printf("step %d: %4zu cells changed, %2lld iterations, residual %.1e of ||b||\n", step, changed,
               (long long)report.iterations, relative);
        if (!(relative <= options.rtol)) return 1;
    }

    char text[2048];
    check(karman_poisson_report_text(solver, text, sizeof text, NULL), "report_text");
    printf("\nThe last step in full (karman %s):\n%s\n", karman_version(), text);
    check(karman_poisson_destroy(solver), "destroy");
    return 0;
}
