// The smallest test harness that prints what failed, with the values, and counts.
#pragma once
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "concord/kernels.hpp"

namespace check {

inline int passed = 0, failed = 0;

inline void that(bool ok, const char* claim, const char* detail = "") {
  if (ok) {
    passed++;
    return;
  }
  failed++;
  std::printf("not ok: %s %s\n", claim, detail);
}

/// |a - b| <= absolute + relative |b| for all elements; prints the worst one.
inline void close(const float* a, const float* b, long n, float relative, float absolute, const char* claim) {
  long worst = -1;
  double share = 0;
  for (long i = 0; i < n; i++) {
    const double tolerance = absolute + static_cast<double>(relative) * std::fabs(b[i]);
    const double used = std::fabs(static_cast<double>(a[i]) - b[i]) / tolerance;
    if (!(used <= share)) {
      share = used;
      worst = i;
    }
  }
  char detail[160] = "";
  if (worst >= 0)
    std::snprintf(detail, sizeof detail, "(element %ld of %ld: %.9g, expected %.9g, %.3g of the tolerance)", worst, n,
                  a[worst], b[worst], share);
  that(share <= 1.0, claim, detail);
}

/// Prints the counts; the exit status of main().
inline int summary(const char* name) {
  std::printf("%s: %d passed, %d failed\n", name, passed, failed);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/// Calls body(kernels) for every instruction set this machine can run.
template <class F>
void each_isa(F body) {
  const char* names = concord::available_isas();
  while (*names) {
    char name[32];
    int n = 0;
    while (*names && *names != ' ') name[n++] = *names++;
    name[n] = '\0';
    if (*names == ' ') names++;
    body(concord::kernels_for(name));
  }
}

/// A repeatable stream of test numbers (splitmix64), not the one that training uses.
struct Numbers {
  unsigned long long state;
  double uniform() {
    state += 0x9e3779b97f4a7c15ull;
    unsigned long long z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
  }
  float normal() {
    const double u = uniform(), v = uniform();
    return static_cast<float>(std::sqrt(-2 * std::log(u + 1e-300)) * std::cos(6.283185307179586 * v));
  }
  void fill_normal(float* out, long n) {
    for (long i = 0; i < n; i++) out[i] = normal();
  }
};

}  // namespace check
