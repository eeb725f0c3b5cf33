// AMGCL: conjugate gradients with smoothed aggregation and SPAI-0, OpenMP, on a case of `karman bench poisson`.
//
//   OMP_NUM_THREADS=2 amgcl_poisson CASE OUT PRECISION SINGULAR REPEATS LIMIT TOL [TOL ...]
//
// CASE as in hypre_struct.c. PRECISION double or float (of the cycle; CG is in double). SINGULAR 1: no direct
// solver on the coarsest level, which would divide by zero (AMGCL's documentation advises this for
// singular systems). OUT receives one solution for each tolerance over all cells; one JSON object is printed.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include <amgcl/adapter/crs_tuple.hpp>
#include <amgcl/amg.hpp>
#include <amgcl/backend/builtin.hpp>
#include <amgcl/coarsening/smoothed_aggregation.hpp>
#include <amgcl/make_solver.hpp>
#include <amgcl/relaxation/spai0.hpp>
#include <amgcl/solver/cg.hpp>

struct Header {
    int64_t n[3], open[6], unused;
    double h[3];
};

static double now() {
    using namespace std::chrono;
    return duration<double>(steady_clock::now().time_since_epoch()).count();
}

static long status_kb(const char *key) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.rfind(key, 0) == 0) return std::atol(line.c_str() + std::strlen(key) + 1);
    return 0;
}

// The peak from here on (Linux: clear_refs 5).
static void reset_peak() { std::ofstream("/proc/self/clear_refs") << 5; }

static double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

// Runs `act` up to `repeats` times, not again once `limit` seconds have gone; the median of its times.
template <class Act> static double timed(int repeats, double limit, Act act) {
    std::vector<double> times;
    double spent = 0;
    do {
        double begun = now();
        act();
        times.push_back(now() - begun);
        spent += times.back();
    } while (static_cast<int>(times.size()) < repeats && spent < limit);
    return median(times);
}

struct System {
    std::vector<ptrdiff_t> ptr, col;
    std::vector<double> val, rhs;
    std::vector<size_t> cell; // of each unknown
    size_t cells;
};

static System assemble(const Header &c, const std::vector<unsigned char> &flags, const std::vector<double> &b) {
    System s;
    s.cells = flags.size();
    std::vector<ptrdiff_t> number(s.cells, -1);
    const int64_t stride[3] = {1, c.n[0], c.n[0] * c.n[1]};
    const int axes = c.n[2] == 1 ? 2 : 3;
    auto unknown = [&](int flag) { return flag == 1 || flag == 3; };
    for (size_t i = 0; i < s.cells; i++)
        if (unknown(flags[i])) number[i] = s.cell.size(), s.cell.push_back(i);
    s.ptr.push_back(0);
    for (size_t i : s.cell) {
        const int64_t at[3] = {int64_t(i) % c.n[0], int64_t(i) / c.n[0] % c.n[1], int64_t(i) / stride[2]};
        double diagonal = flags[i] == 3 ? 1 / (c.h[0] * c.h[0]) : 0;
        size_t place = 0;
        auto neighbour = [&](int axis, int side) {
            const int64_t there = at[axis] + side;
            const bool inside = there >= 0 && there < c.n[axis];
            const size_t other = i + side * stride[axis];
            const int flag = inside ? flags[other] : (c.open[2 * axis + (side > 0)] ? 2 : 0);
            const double w = 1 / (c.h[axis] * c.h[axis]);
            if (flag) diagonal += w;
            if (unknown(flag)) s.col.push_back(number[other]), s.val.push_back(-w);
        };
        for (int axis = axes - 1; axis >= 0; axis--) neighbour(axis, -1);
        place = s.col.size();
        s.col.push_back(number[i]), s.val.push_back(0);
        for (int axis = 0; axis < axes; axis++) neighbour(axis, 1);
        s.val[place] = diagonal;
        s.ptr.push_back(s.col.size());
        s.rhs.push_back(b[i]);
    }
    return s;
}

template <class Real>
static int run(const System &s, int argc, char **argv, double assembly, long before) {
    typedef amgcl::backend::builtin<double> Outer;
    typedef amgcl::backend::builtin<Real> Inner;
    typedef amgcl::make_solver<amgcl::amg<Inner, amgcl::coarsening::smoothed_aggregation, amgcl::relaxation::spai0>,
                               amgcl::solver::cg<Outer>> Solver;
    const bool singular = std::atoi(argv[4]);
    const int repeats = std::atoi(argv[5]);
    const double limit = std::atof(argv[6]);
    const ptrdiff_t n = s.rhs.size();
    auto matrix = std::tie(n, s.ptr, s.col, s.val);
    auto outer = std::make_shared<amgcl::backend::crs<double>>(matrix);
    typename Solver::params prm;
    prm.precond.direct_coarse = !singular;
    prm.solver.maxiter = 1000;
    std::unique_ptr<Solver> solver;
    double setup = timed(repeats, limit, [&] {
        solver.reset();
        prm.solver.tol = std::atof(argv[7]);
        solver.reset(new Solver(matrix, prm));
    });
    std::ofstream out(argv[2], std::ios::binary);
    std::string solves;
    for (int t = 7; t < argc; t++) {
        // The tolerance is a public parameter of the Krylov solver.
        const_cast<typename amgcl::solver::cg<Outer>::params &>(solver->solver().prm).tol = std::atof(argv[t]);
        std::vector<double> x(n);
        size_t iterations = 0;
        double error = 0;
        double seconds = timed(repeats, limit, [&] {
            std::fill(x.begin(), x.end(), 0.0);
            std::tie(iterations, error) = (*solver)(*outer, s.rhs, x);
        });
        std::vector<double> all(s.cells, 0.0);
        for (ptrdiff_t i = 0; i < n; i++) all[s.cell[i]] = x[i];
        out.write(reinterpret_cast<const char *>(all.data()), all.size() * sizeof(double));
        char text[128];
        std::snprintf(text, sizeof text, "%s{\"seconds\": %.6f, \"iterations\": %zu}", t > 7 ? ", " : "", seconds, iterations);
        solves += text;
    }
    if (!out.flush()) return std::fprintf(stderr, "amgcl_poisson: cannot write the solution\n"), 1;
    const long peak = status_kb("VmHWM:");
    std::printf("{\"assembly_seconds\": %.6f, \"setup_seconds\": %.6f, \"peak_kb\": %ld, \"method_kb\": %ld, \"solves\": [%s]}\n",
                assembly, setup, peak, peak - before, solves.c_str());
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 8) return std::fprintf(stderr, "usage: CASE OUT PRECISION SINGULAR REPEATS LIMIT TOL ...\n"), 2;
    std::ifstream in(argv[1], std::ios::binary);
    Header c;
    in.read(reinterpret_cast<char *>(&c), sizeof c);
    std::vector<unsigned char> flags(in ? c.n[0] * c.n[1] * c.n[2] : 0);
    std::vector<double> b(flags.size());
    in.read(reinterpret_cast<char *>(flags.data()), flags.size());
    in.read(reinterpret_cast<char *>(b.data()), b.size() * sizeof(double));
    if (!in) return std::fprintf(stderr, "amgcl_poisson: cannot read the case\n"), 1;
    reset_peak();
    const long before = status_kb("VmRSS:");
    const double begun = now();
    const System s = assemble(c, flags, b);
    const double assembly = now() - begun;
    try {
        return std::string(argv[3]) == "float" ? run<float>(s, argc, argv, assembly, before)
                                               : run<double>(s, argc, argv, assembly, before);
    } catch (const std::exception &error) {
        return std::fprintf(stderr, "amgcl_poisson: %s\n", error.what()), 1;
    }
}
