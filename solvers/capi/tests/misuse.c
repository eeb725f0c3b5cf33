/* Everything that a C program can get wrong and a library can notice: a status each time, a message,
 * and the solver works on. Prints the line of a check that fails. */
#include <karman.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N = 6 };

static int failures;

static void expect(karman_status found, karman_status wanted, const char *words, int line)
{
    const char *why = karman_last_error();
    if (found == wanted && (wanted >= 0 || strstr(why, words))) return;
    fprintf(stderr, "line %d: status %d, not %d; \"%s\"\n", line, (int)found, (int)wanted, why);
    failures++;
}
#define EXPECT(call, status, words) expect((call), (status), (words), __LINE__)
#define OK(call) EXPECT(call, KARMAN_STATUS_OK, "")
#define NULLED(call, words) EXPECT(call, KARMAN_STATUS_NULL_POINTER, words)
#define DANGLING(call) EXPECT(call, KARMAN_STATUS_INVALID_HANDLE, "destroyed")
#define WRONG(call, words) EXPECT(call, KARMAN_STATUS_INVALID_ARGUMENT, words)

static size_t dims[3] = {N, 1, 1};
static double one[3] = {1.0, 1.0, 1.0};
static uint8_t flags[N] = {1, 1, 1, 1, 1, 1};
static double b[2 * N] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, x[2 * N];

static void creation(karman_poisson **s)
{
    karman_options o = karman_default_options();
    NULLED(karman_poisson_create(NULL, one, flags, N, 1, &o, s), "dims");
    NULLED(karman_poisson_create(dims, one, NULL, N, 1, &o, s), "flags");
    NULLED(karman_poisson_create(dims, one, flags, N, 1, &o, NULL), "solver");
    WRONG(karman_poisson_create(dims, one, flags, N - 1, 1, &o, s), "flag_count 5");
    WRONG(karman_poisson_create(dims, one, flags, SIZE_MAX, 1, &o, s), "flag_count");
    WRONG(karman_poisson_create(dims, one, flags, N, 64, &o, s), "open_sides 64");
    WRONG(karman_poisson_create(dims, one, flags, N, -1, &o, s), "open_sides -1");
    WRONG(karman_poisson_create(dims, one, flags, N, KARMAN_SIDE_Z_MAX, &o, s), "2D");

    size_t none[3] = {0, 1, 1}, huge[3] = {SIZE_MAX, SIZE_MAX, 2}, large[3] = {SIZE_MAX, 1, 1};
    WRONG(karman_poisson_create(none, one, flags, 0, 1, &o, s), "cells");
    WRONG(karman_poisson_create(huge, one, flags, N, 1, &o, s), "flag_count");
    WRONG(karman_poisson_create(large, one, flags, SIZE_MAX, 1, &o, s), "flags");

    double bad[] = {0.0, -1.0, NAN, INFINITY, 1e-300};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double h[3] = {1.0, 1.0, 1.0};
        h[0] = bad[i];
        WRONG(karman_poisson_create(dims, h, flags, N, 1, &o, s), "spacing");
    }
    uint8_t three[N] = {1, 1, 3, 1, 1, 1};
    WRONG(karman_poisson_create(dims, one, three, N, 1, &o, s), "3 at index 2");

#define OPTION(field, value, words)                                              \
    do {                                                                         \
        karman_options changed = karman_default_options();                       \
        changed.field = (value);                                                 \
        WRONG(karman_poisson_create(dims, one, flags, N, 1, &changed, s), words); \
    } while (0)
    OPTION(method, 9, "method 9");
    OPTION(method, INT_MIN, "method");
    OPTION(start, -1, "start -1");
    OPTION(rtol, 0.0, "rtol");
    OPTION(rtol, -1e-6, "rtol");
    OPTION(rtol, NAN, "rtol");
    OPTION(atol, INFINITY, "atol");
    OPTION(imbalance, 1.5, "imbalance");
    OPTION(imbalance, NAN, "imbalance");
    OPTION(max_iterations, -1, "max_iterations");
    OPTION(expected_solves, -1, "expected_solves");
    OPTION(threads, -2, "threads");
    OPTION(threads, INT_MAX, "threads");
    if (*s) failures++, fprintf(stderr, "a failed create left a solver\n");
}

static void handles(karman_poisson *dead, int line)
{
    size_t n = 0;
    karman_report report;
    char text[8];
    karman_status wanted = dead ? KARMAN_STATUS_INVALID_HANDLE : KARMAN_STATUS_NULL_POINTER;
    const char *words = dead ? "destroyed" : "solver is NULL";
    karman_status found[] = {
        karman_poisson_solve(dead, b, x, N),
        karman_poisson_solve_batch(dead, b, x, N, 2, NULL),
        karman_poisson_apply(dead, b, x, N),
        karman_poisson_set_flags(dead, flags, N),
        karman_poisson_update_cells(dead, &n, flags, 1),
        karman_poisson_set_face_weights(dead, b, N + 1, b, 2 * N, NULL, 0),
        karman_poisson_set_tolerance(dead, 1e-6, 0.0),
        karman_poisson_set_start(dead, KARMAN_START_ZERO),
        karman_poisson_set_iterations(dead, 10),
        karman_poisson_size(dead, &n),
        karman_poisson_report(dead, &report),
        karman_poisson_report_text(dead, text, sizeof text, NULL),
        karman_poisson_history(dead, x, N),
    };
    for (size_t i = 0; i < sizeof found / sizeof *found; i++) expect(found[i], wanted, words, line);
}

static void calls(karman_poisson *s)
{
    karman_report report;
    char text[16];
    size_t n = 0, index = 0;
    WRONG(karman_poisson_report(s, &report), "nothing was solved");
    WRONG(karman_poisson_report_text(s, text, sizeof text, NULL), "nothing was solved");

    NULLED(karman_poisson_solve(s, NULL, x, N), "b is NULL");
    NULLED(karman_poisson_solve(s, b, NULL, N), "x is NULL");
    WRONG(karman_poisson_solve(s, b, x, N - 1), "n is 5, the grid has 6");
    WRONG(karman_poisson_solve(s, b, x, 0), "n is 0");
    WRONG(karman_poisson_solve(s, b, x, SIZE_MAX), "the grid has 6");
    WRONG(karman_poisson_solve(s, x, x, N), "overlap");
    WRONG(karman_poisson_solve(s, x, x + 1, N), "overlap");
    WRONG(karman_poisson_solve(s, (double *)(void *)((char *)b + 1), x, N), "aligned");
    double nan_inside[N] = {1, 1, NAN, 1, 1, 1};
    WRONG(karman_poisson_solve(s, nan_inside, x, N), "index 2");
    WRONG(karman_poisson_solve_batch(s, b, x, N, SIZE_MAX / 4, NULL), "count");
    NULLED(karman_poisson_apply(s, NULL, x, N), "x is NULL");

    index = N;
    WRONG(karman_poisson_update_cells(s, &index, flags, 1), "index 6");
    NULLED(karman_poisson_update_cells(s, NULL, flags, 1), "indices");
    NULLED(karman_poisson_update_cells(s, &index, NULL, 1), "cells");
    WRONG(karman_poisson_update_cells(s, &index, flags, N + 1), "count 7");
    uint8_t seven = 7;
    index = 0;
    WRONG(karman_poisson_update_cells(s, &index, &seven, 1), "7 at index 0");
    OK(karman_poisson_update_cells(s, NULL, NULL, 0));
    WRONG(karman_poisson_set_flags(s, flags, N + 1), "flag_count 7");
    NULLED(karman_poisson_set_flags(s, NULL, N), "flags");
    WRONG(karman_poisson_set_face_weights(s, b, N, b, 2 * N, NULL, 0), "x_count 6");
    NULLED(karman_poisson_set_face_weights(s, NULL, N + 1, b, 2 * N, NULL, 0), "x is NULL");
    double minus[N + 1] = {1, 1, -1, 1, 1, 1, 1};
    WRONG(karman_poisson_set_face_weights(s, minus, N + 1, b, 2 * N, NULL, 0), "-1");
    WRONG(karman_poisson_set_tolerance(s, 0.0, 0.0), "rtol");
    WRONG(karman_poisson_set_tolerance(s, 1e-6, NAN), "atol");
    WRONG(karman_poisson_set_start(s, 3), "start 3");
    WRONG(karman_poisson_set_iterations(s, -1), "max_iterations");
    NULLED(karman_poisson_size(s, NULL), "n is NULL");

    /* After all that it still solves. */
    OK(karman_poisson_solve(s, b, x, N));
    OK(karman_poisson_size(s, &n));
    NULLED(karman_poisson_report(s, NULL), "report");
    NULLED(karman_poisson_report_text(s, NULL, 4, NULL), "buffer");
    NULLED(karman_poisson_history(s, NULL, 4), "values");
    OK(karman_poisson_history(s, NULL, 0));
    OK(karman_poisson_report_text(s, NULL, 0, &n));
    OK(karman_poisson_report_text(s, text, sizeof text, NULL));
    if (n <= sizeof text || strlen(text) != sizeof text - 1) failures++, fprintf(stderr, "text: %s\n", text);
    /* -p'' = 1, p = 0 one spacing before the first cell, p' = 0 behind the last. */
    for (int i = 0; i < N; i++) {
        double exact = (i + 1) * (2 * N - i) / 2.0;
        if (!(fabs(x[i] - exact) < 1e-4)) failures++, fprintf(stderr, "x[%d] = %g, not %g\n", i, x[i], exact);
    }
}

int main(void)
{
    karman_poisson *s = NULL, *closed = NULL;
    creation(&s);
    OK(karman_poisson_create(dims, NULL, flags, N, KARMAN_SIDE_X_MIN, NULL, &s));
    calls(s);

    /* No convergence is no error: a positive status. */
    OK(karman_poisson_set_iterations(s, 0));
    EXPECT(karman_poisson_solve(s, b, x, N), KARMAN_STATUS_MAX_ITERATIONS, "");
    OK(karman_poisson_create(dims, one, flags, N, 0, NULL, &closed));
    EXPECT(karman_poisson_solve(closed, b, x, N), KARMAN_STATUS_INCOMPATIBLE, "");
    OK(karman_poisson_destroy(closed));

    OK(karman_poisson_destroy(s));
    DANGLING(karman_poisson_destroy(s));
    handles(s, __LINE__);
    handles(NULL, __LINE__);
    handles((karman_poisson *)(void *)&failures, __LINE__);
    handles((karman_poisson *)(void *)((char *)&failures + 1), __LINE__);
    OK(karman_poisson_destroy(NULL));
    DANGLING(karman_poisson_destroy((karman_poisson *)(void *)x));

    /* A new solver does not get the number of an old one. */
    karman_poisson *other = NULL;
    OK(karman_poisson_create(dims, one, flags, N, 1, NULL, &other));
    handles(s, __LINE__);
    OK(karman_poisson_destroy(other));
    printf("%d failures\n", failures);
    return failures != 0;
}
