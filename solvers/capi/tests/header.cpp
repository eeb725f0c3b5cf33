// karman.h as C++ sees it: enumerators are typed, functions have C linkage.
#include <karman.h>

#include <cstdio>
#include <string>
#include <vector>

static karman_poisson *made(std::size_t n)
{
    const std::size_t dims[3] = {n, n, 1};
    const std::vector<std::uint8_t> flags(n * n, KARMAN_CELL_FLUID);
    karman_options options = karman_default_options();
    options.method = KARMAN_METHOD_MULTIGRID;
    karman_poisson *solver = nullptr;
    karman_status status = karman_poisson_create(
        dims, nullptr, flags.data(), flags.size(), KARMAN_SIDE_X_MIN | KARMAN_SIDE_Y_MAX, &options, &solver);
    return status == KARMAN_STATUS_OK ? solver : nullptr;
}

int main()
{
    const std::size_t n = 40;
    karman_poisson *solver = made(n);
    if (!solver) return 1;
    std::vector<double> b(n * n, 1.0), x(n * n);
    if (karman_poisson_solve(solver, b.data(), x.data(), x.size()) != KARMAN_STATUS_OK) return 2;
    karman_report report;
    if (karman_poisson_report(solver, &report) != KARMAN_STATUS_OK) return 3;
    if (report.method != KARMAN_METHOD_MULTIGRID || !(report.relative_residual <= 1e-6)) return 4;
    if (karman_poisson_destroy(solver) != KARMAN_STATUS_OK) return 5;
    if (karman_poisson_destroy(solver) != KARMAN_STATUS_INVALID_HANDLE) return 6;
    if (std::string(karman_last_error()).empty()) return 7;
    std::printf("%lld iterations\n", static_cast<long long>(report.iterations));
}
