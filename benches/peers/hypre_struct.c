/* hypre Struct: conjugate gradients with a PFMG cycle, on a case of `karman bench poisson`.
 *
 *   mpirun -n 2 hypre_struct CASE OUT RELAX SKIP RAP REPEATS LIMIT TOL [TOL ...]
 *
 * CASE is what poisson_peers.py writes: 10 int64 (nx ny nz, open sides x- x+ y- y+ z- z+, 0), 3 doubles (spacing),
 * nx*ny*nz flag bytes (0: identity row, 1: unknown, 2: air, 3: unknown held near zero by one more face to the air),
 * nx*ny*nz doubles (right-hand side).
 * Each rank takes a slab along the last axis. OUT receives one solution for each tolerance, in doubles. The first
 * rank prints one JSON object: seconds of assembly, set-up and solves (the median of up to REPEATS, fewer after LIMIT
 * seconds), iterations, memory.
 *
 * The whole box is the grid; cells that are no unknowns have a row of their own with the diagonal of a free
 * cell, so that PFMG sees no jump in scale. Symmetric storage; the stopping test is hypre's own, ||r|| <= tol ||b||
 * (HYPRE_PCGSetTwoNorm).
 */
#include <HYPRE_krylov.h>
#include <HYPRE_struct_ls.h>
#include <math.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ITERATIONS = 1000, MOST_TOLERANCES = 8, MOST_REPEATS = 9 };

typedef struct {
    long long n[3], open[6], unused;
    double h[3];
} Header;

static int rank, ranks;

static void die(const char *what) {
    fprintf(stderr, "hypre_struct: %s\n", what);
    MPI_Abort(MPI_COMM_WORLD, 1);
}

static void *get(size_t bytes) {
    void *p = calloc(1, bytes ? bytes : 1);
    if (!p) die("out of memory");
    return p;
}

/* A line of /proc/self/status in kB. */
static long status_kb(const char *key) {
    FILE *f = fopen("/proc/self/status", "r");
    char line[256];
    long kb = 0;
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, key, strlen(key))) kb = atol(line + strlen(key) + 1);
    if (f) fclose(f);
    return kb;
}

static int ascending(const void *a, const void *b) {
    double d = *(const double *)a - *(const double *)b;
    return (d > 0) - (d < 0);
}

static double median(double *values, int count) {
    qsort(values, count, sizeof *values, ascending);
    return values[count / 2];
}

/* The slowest rank's time since `begun`. */
static double since(double begun) {
    double own = MPI_Wtime() - begun, all;
    MPI_Allreduce(&own, &all, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    return all;
}

static int flag_at(const unsigned char *flags, const Header *c, long long x, long long y, long long z) {
    long long at[3] = {x, y, z};
    for (int a = 0; a < 3; a++) {
        if (at[a] < 0) return c->open[2 * a] ? 2 : 0;
        if (at[a] >= c->n[a]) return c->open[2 * a + 1] ? 2 : 0;
    }
    return flags[(z * c->n[1] + y) * c->n[0] + x];
}

/* Diagonal and the couplings to the lower neighbours of a cell. */
static void row(const unsigned char *flags, const Header *c, int dim, const long long at[3], double *out) {
    double free_diagonal = 0;
    for (int a = 0; a < dim; a++) free_diagonal += 2 / (c->h[a] * c->h[a]);
    int own = flag_at(flags, c, at[0], at[1], at[2]);
    int fluid = own == 1 || own == 3;
    out[0] = fluid ? 0 : free_diagonal;
    if (own == 3) out[0] += 1 / (c->h[0] * c->h[0]);
    for (int a = 0; a < dim; a++) {
        double w = 1 / (c->h[a] * c->h[a]);
        out[1 + a] = 0;
        for (int side = -1; side <= 1 && fluid; side += 2) {
            long long b[3] = {at[0], at[1], at[2]};
            b[a] += side;
            int other = flag_at(flags, c, b[0], b[1], b[2]);
            if (other) out[0] += w;
            if ((other == 1 || other == 3) && side < 0) out[1 + a] = -w;
        }
    }
}

int main(int argc, char **argv) {
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    if (argc < 9 || argc - 8 > MOST_TOLERANCES) die("usage: CASE OUT RELAX SKIP RAP REPEATS LIMIT TOL ...");
    int relax = atoi(argv[3]), skip = atoi(argv[4]), rap = atoi(argv[5]), repeats = atoi(argv[6]);
    double limit = atof(argv[7]);
    if (repeats < 1) repeats = 1;
    if (repeats > MOST_REPEATS) repeats = MOST_REPEATS;

    Header c;
    FILE *f = fopen(argv[1], "rb");
    if (!f || fread(&c, sizeof c, 1, f) != 1) die("cannot read the case");
    size_t cells = c.n[0] * c.n[1] * c.n[2];
    int dim = c.n[2] == 1 ? 2 : 3, last = dim - 1;
    unsigned char *flags = get(cells);
    if (fread(flags, 1, cells, f) != cells) die("flags are missing");

    /* This rank's slab. */
    int low[3] = {0, 0, 0}, high[3] = {(int)c.n[0] - 1, (int)c.n[1] - 1, (int)c.n[2] - 1};
    low[last] = (int)(c.n[last] * rank / ranks);
    high[last] = (int)(c.n[last] * (rank + 1) / ranks) - 1;
    size_t plane = cells / c.n[last], first = plane * low[last], own = plane * (high[last] - low[last] + 1);
    double *b = get(own * sizeof(double)), *x = get(own * sizeof(double));
    if (fseek(f, (long)(sizeof c + cells + first * sizeof(double)), SEEK_SET) || fread(b, sizeof(double), own, f) != own)
        die("the right-hand side is missing");
    fclose(f);
    long before = status_kb("VmRSS:");

    double begun = MPI_Wtime();
    HYPRE_StructGrid grid;
    HYPRE_StructGridCreate(MPI_COMM_WORLD, dim, &grid);
    HYPRE_StructGridSetExtents(grid, low, high);
    HYPRE_StructGridAssemble(grid);
    HYPRE_StructStencil stencil;
    HYPRE_StructStencilCreate(dim, dim + 1, &stencil);
    for (int entry = 0; entry <= dim; entry++) {
        int offset[3] = {0, 0, 0};
        if (entry) offset[entry - 1] = -1;
        HYPRE_StructStencilSetElement(stencil, entry, offset);
    }
    HYPRE_StructMatrix a;
    HYPRE_StructMatrixCreate(MPI_COMM_WORLD, grid, stencil, &a);
    HYPRE_StructMatrixSetSymmetric(a, 1);
    HYPRE_StructMatrixInitialize(a);
    double *values = get(own * (dim + 1) * sizeof(double));
    for (size_t i = 0; i < own; i++) {
        size_t k = first + i;
        long long at[3] = {k % c.n[0], k / c.n[0] % c.n[1], k / (c.n[0] * c.n[1])};
        row(flags, &c, dim, at, values + i * (dim + 1));
    }
    int entries[4] = {0, 1, 2, 3};
    HYPRE_StructMatrixSetBoxValues(a, low, high, dim + 1, entries, values);
    HYPRE_StructMatrixAssemble(a);
    free(values);
    HYPRE_StructVector vb, vx;
    HYPRE_StructVectorCreate(MPI_COMM_WORLD, grid, &vb);
    HYPRE_StructVectorCreate(MPI_COMM_WORLD, grid, &vx);
    HYPRE_StructVectorInitialize(vb);
    HYPRE_StructVectorInitialize(vx);
    HYPRE_StructVectorSetBoxValues(vb, low, high, b);
    HYPRE_StructVectorAssemble(vb);
    HYPRE_StructVectorAssemble(vx);
    double assembly = since(begun);

    HYPRE_StructSolver pcg = NULL, pfmg = NULL;
    double times[MOST_REPEATS], spent = 0;
    int count = 0;
    for (; count < repeats && (count == 0 || spent < limit); count++) {
        if (pcg) HYPRE_StructPCGDestroy(pcg), HYPRE_StructPFMGDestroy(pfmg);
        MPI_Barrier(MPI_COMM_WORLD);
        begun = MPI_Wtime();
        HYPRE_StructPFMGCreate(MPI_COMM_WORLD, &pfmg);
        HYPRE_StructPFMGSetMaxIter(pfmg, 1);
        HYPRE_StructPFMGSetTol(pfmg, 0.0);
        HYPRE_StructPFMGSetZeroGuess(pfmg);
        HYPRE_StructPFMGSetRelaxType(pfmg, relax);
        HYPRE_StructPFMGSetRAPType(pfmg, rap);
        HYPRE_StructPFMGSetNumPreRelax(pfmg, 1);
        HYPRE_StructPFMGSetNumPostRelax(pfmg, 1);
        HYPRE_StructPFMGSetSkipRelax(pfmg, skip);
        HYPRE_StructPFMGSetDxyz(pfmg, c.h);
        HYPRE_StructPCGCreate(MPI_COMM_WORLD, &pcg);
        HYPRE_StructPCGSetMaxIter(pcg, MAX_ITERATIONS);
        HYPRE_StructPCGSetTwoNorm(pcg, 1);
        HYPRE_StructPCGSetRelChange(pcg, 0);
        HYPRE_StructPCGSetPrecond(pcg, HYPRE_StructPFMGSolve, HYPRE_StructPFMGSetup, pfmg);
        HYPRE_StructPCGSetup(pcg, a, vb, vx);
        spent += times[count] = since(begun);
    }
    double setup = median(times, count);

    int counts[MOST_TOLERANCES];
    double solves[MOST_TOLERANCES];
    FILE *out = rank ? NULL : fopen(argv[2], "wb");
    if (!rank && !out) die("cannot write the solution");
    for (int t = 8; t < argc; t++) {
        for (count = 0, spent = 0; count < repeats && (count == 0 || spent < limit); count++) {
            HYPRE_StructVectorSetConstantValues(vx, 0.0);
            HYPRE_StructPCGSetTol(pcg, atof(argv[t]));
            MPI_Barrier(MPI_COMM_WORLD);
            begun = MPI_Wtime();
            HYPRE_StructPCGSolve(pcg, a, vb, vx);
            spent += times[count] = since(begun);
            HYPRE_ClearAllErrors();
        }
        solves[t - 8] = median(times, count);
        HYPRE_StructPCGGetNumIterations(pcg, &counts[t - 8]);
        HYPRE_StructVectorGetBoxValues(vx, low, high, x);
        for (int r = 0; r < ranks; r++) {
            size_t many = plane * (c.n[last] * (r + 1) / ranks - c.n[last] * r / ranks);
            if (r == rank && r) MPI_Send(x, (int)many, MPI_DOUBLE, 0, 0, MPI_COMM_WORLD);
            if (rank) continue;
            double *part = r ? get(many * sizeof(double)) : x;
            if (r) MPI_Recv(part, (int)many, MPI_DOUBLE, r, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
            if (fwrite(part, sizeof(double), many, out) != many) die("cannot write the solution");
            if (r) free(part);
        }
    }
    long memory[2] = {status_kb("VmHWM:"), status_kb("VmHWM:") - before}, all[2];
    MPI_Reduce(memory, all, 2, MPI_LONG, MPI_SUM, 0, MPI_COMM_WORLD);
    if (!rank) {
        fclose(out);
        printf("{\"assembly_seconds\": %.6f, \"setup_seconds\": %.6f, \"peak_kb\": %ld, \"method_kb\": %ld, \"solves\": [",
               assembly, setup, all[0], all[1]);
        for (int t = 0; t < argc - 8; t++)
            printf("%s{\"seconds\": %.6f, \"iterations\": %d}", t ? ", " : "", solves[t], counts[t]);
        printf("]}\n");
    }
    HYPRE_StructPCGDestroy(pcg);
    HYPRE_StructPFMGDestroy(pfmg);
    MPI_Finalize();
    return 0;
}
