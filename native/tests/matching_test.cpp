// Exact assignment against every permutation, and cosine maxima against all products.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "check.hpp"

using namespace concord;

namespace {

struct Graph {
  int n;
  std::vector<int> indptr, columns;
  std::vector<float> similarity;
};

/// Every pair of n rows and n columns, or of each row `per_row` pairs that contain its own column.
Graph random_graph(int n, int per_row, unsigned seed) {
  check::Numbers numbers{seed};
  Graph g{n, {0}, {}, {}};
  for (int r = 0; r < n; r++) {
    for (int i = 0; i < per_row; i++) {
      g.columns.push_back(per_row == n ? i : (r + i) % n);
      // Few values, so that there are ties.
      g.similarity.push_back(static_cast<float>(static_cast<int>(numbers.uniform() * 9) - 4) / 4);
    }
    g.indptr.push_back(static_cast<int>(g.columns.size()));
  }
  return g;
}

float similarity_of(const Graph& g, int row, int column) {
  for (int e = g.indptr[row]; e < g.indptr[row + 1]; e++)
    if (g.columns[e] == column) return g.similarity[e];
  return -1e6f;
}

double best_total(const Graph& g) {
  std::vector<int> order(g.n);
  std::iota(order.begin(), order.end(), 0);
  double best = -1e18;
  do {
    double total = 0;
    for (int r = 0; r < g.n; r++) total += similarity_of(g, r, order[r]);
    best = std::max(best, total);
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

void expect_best(const Graph& g, std::vector<double>& v, const char* claim) {
  const std::vector<double> start = v;
  std::vector<double> u(g.n), margin(g.n);
  std::vector<int> column(g.n);
  Assign a{g.n,          g.n,      g.indptr.data(), g.columns.data(), g.similarity.data(), nullptr,
           start.data(), v.data(), u.data(),        margin.data(),    column.data(),       0};
  assign(a);
  std::vector<char> taken(g.n, 0);
  double total = 0, worst = 0, mean = 0;
  int margins_off = 0;
  for (int r = 0; r < g.n; r++) {
    if (column[r] < 0 || taken[column[r]]++) return check::that(false, claim, "not one to one");
    total += similarity_of(g, r, column[r]);
    double least = std::numeric_limits<double>::infinity();
    for (int e = g.indptr[r]; e < g.indptr[r + 1]; e++) {
      const double slack = u[r] + v[g.columns[e]] - g.similarity[e];
      worst = std::max(worst, -slack);
      if (g.columns[e] != column[r]) least = std::min(least, slack);
    }
    margins_off += !(margin[r] == least || std::fabs(margin[r] - least) < 1e-9);
    mean += v[r] / g.n;
  }
  check::that(margins_off == 0, "margins are the least slacks");
  check::that(std::fabs(mean) < 1e-9, "the duals of columns have mean zero");
  check::that(a.unassigned == 0 && std::fabs(total - best_total(g)) < 1e-6, claim);
  check::that(worst < 1e-6, "the duals of an assignment prove it", std::to_string(worst).c_str());
}

void expect_columns_unneeded(const Graph& g) {
  std::vector<double> v[2], u(g.n), margin(g.n);
  std::vector<int> column[2];
  for (int i = 0; i < 2; i++) {
    v[i].resize(g.n);
    column[i].resize(g.n);
    Assign a{g.n,
             g.n,
             g.indptr.data(),
             i ? g.columns.data() : nullptr,
             g.similarity.data(),
             nullptr,
             nullptr,
             v[i].data(),
             u.data(),
             margin.data(),
             column[i].data(),
             0};
    assign(a);
  }
  check::that(column[0] == column[1] && v[0] == v[1], "a complete graph needs no list of columns");
}

/// Two dictionaries and their exact best matches: products summed by one chain of multiply-adds.
struct Dictionaries {
  int n, m, d;
  std::vector<float> a, b, best_a, best_b;
  std::vector<int> partner_a, partner_b;

  Dictionaries(int n, int m, int d, unsigned seed) : n(n), m(m), d(d), a(n * d), b(m * d) {
    check::Numbers numbers{seed};
    numbers.fill_normal(a.data(), static_cast<long>(a.size()));
    numbers.fill_normal(b.data(), static_cast<long>(b.size()));
  }

  void solve() {
    best_a.assign(n, -INFINITY);
    best_b.assign(m, -INFINITY);
    partner_a.assign(n, -1);
    partner_b.assign(m, -1);
    for (int i = 0; i < n; i++)
      for (int j = 0; j < m; j++) {
        float product = 0;
        for (int q = 0; q < d; q++) product = std::fma(a[i * d + q], b[j * d + q], product);
        if (product > best_a[i]) best_a[i] = product, partner_a[i] = j;
        if (product > best_b[j]) best_b[j] = product, partner_b[j] = i;
      }
  }
};

/// Kinds of dictionaries that a screen may stumble over.
std::vector<std::pair<std::string, Dictionaries>> hard_dictionaries() {
  std::vector<std::pair<std::string, Dictionaries>> all;
  const auto add = [&](const char* name, int n, int m, int d, auto change) {
    Dictionaries made(n, m, d, static_cast<unsigned>(n + m + d));
    change(made);
    made.solve();
    all.emplace_back(name, std::move(made));
  };
  add("unrelated", 600, 700, 96, [](Dictionaries&) {});
  add("wide rows", 530, 512, 300, [](Dictionaries&) {});
  add("matched but for noise", 700, 700, 64, [](Dictionaries& x) {
    check::Numbers noise{5};
    for (int i = 0; i < x.n * x.d; i++)
      x.b[i] = x.a[i] + 0.01f * static_cast<float>(noise.uniform() - 0.5);
  });
  add("rows of zeros on both sides", 520, 600, 48, [](Dictionaries& x) {
    for (const int r : {0, 7, 519}) std::fill_n(x.a.begin() + r * x.d, x.d, 0.0f);
    for (const int r : {3, 4, 599}) std::fill_n(x.b.begin() + r * x.d, x.d, 0.0f);
  });
  add("a few rows many times", 600, 600, 32, [](Dictionaries& x) {
    for (int i = 0; i < x.n; i++)
      for (int q = 0; q < x.d; q++) x.a[i * x.d + q] = x.a[i % 3 * x.d + q], x.b[i * x.d + q] = x.b[i % 2 * x.d + q];
  });
  add("more equal columns than a row may keep", 300, 4000, 16, [](Dictionaries& x) {
    for (int j = 0; j < x.m; j += 2) std::copy_n(x.a.begin(), x.d, x.b.begin() + j * x.d);
  });
  add("lengths that differ a million times", 513, 600, 40, [](Dictionaries& x) {
    for (int i = 0; i < x.n; i++)
      for (int q = 0; q < x.d; q++) x.a[i * x.d + q] *= i % 2 ? 1e-3f : 1e3f;
    for (int i = 0; i < x.m; i += 3)
      for (int q = 0; q < x.d; q++) x.b[i * x.d + q] *= 1e-6f;
  });
  return all;
}

}  // namespace

int main() {
  for (unsigned seed = 1; seed <= 30; seed++)
    for (int n = 1; n <= 6; n++)
      for (const int per_row : {n, (n + 1) / 2}) {
        std::vector<double> v(n, 0.0);
        if (per_row == n) expect_columns_unneeded(random_graph(n, n, seed));
        expect_best(random_graph(n, per_row, seed), v, "an assignment is the best of all permutations");
        // From the duals of another problem.
        expect_best(random_graph(n, per_row, seed + 1000), v, "an assignment from earlier duals is the best too");
      }

  check::each_isa([](const Kernels& kernels) {
    const std::string isa = std::string(kernels.isa) + ": ";
    ThreadPool pool(2);
    const int shapes[][3] = {{1, 1, 1}, {13, 40, 7}, {70, 33, 65}};
    for (const auto& [n, m, d] : shapes) {
      check::Numbers numbers{static_cast<unsigned long long>(n)};
      std::vector<float> a(static_cast<std::size_t>(n) * d), b(static_cast<std::size_t>(m) * d), best_a(n), best_b(m);
      numbers.fill_normal(a.data(), static_cast<long>(a.size()));
      numbers.fill_normal(b.data(), static_cast<long>(b.size()));
      std::vector<int> partner_a(n), partner_b(m);
      BestMatches matches{a.data(),      b.data(),        n, m, d, best_a.data(), partner_a.data(),
                          best_b.data(), partner_b.data()};
      kernels.best_matches(matches, pool);
      std::vector<float> expected_a(n, -1e30f), expected_b(m, -1e30f), of_partner(n);
      for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++) {
          double product = 0;
          for (int q = 0; q < d; q++) product += static_cast<double>(a[i * d + q]) * b[j * d + q];
          expected_a[i] = std::max(expected_a[i], static_cast<float>(product));
          expected_b[j] = std::max(expected_b[j], static_cast<float>(product));
          if (j == partner_a[i]) of_partner[i] = static_cast<float>(product);
        }
      check::close(best_a.data(), expected_a.data(), n, 1e-5f, 1e-5f,
                   (isa + "the best match of each row of a").c_str());
      check::close(best_b.data(), expected_b.data(), m, 1e-5f, 1e-5f,
                   (isa + "the best match of each row of b").c_str());
      check::close(of_partner.data(), expected_a.data(), n, 1e-5f, 1e-5f, (isa + "its partner").c_str());
    }
  });
  const auto hard = hard_dictionaries();
  check::each_isa([&](const Kernels& kernels) {
    // Its multiply-adds round twice.
    if (std::string(kernels.isa) == "portable") return;
    for (const int threads : {1, 3}) {
      ThreadPool pool(threads);
      for (const auto& [name, x] : hard) {
        std::vector<float> best_a(x.n), best_b(x.m);
        std::vector<int> partner_a(x.n), partner_b(x.m);
        BestMatches matches{x.a.data(),      x.b.data(),        x.n, x.m, x.d, best_a.data(), partner_a.data(),
                            best_b.data(), partner_b.data()};
        kernels.best_matches(matches, pool);
        const std::string claim = std::string(kernels.isa) + ": exact best matches: " + name;
        check::that(best_a == x.best_a && best_b == x.best_b, claim.c_str(), "cosines");
        check::that(partner_a == x.partner_a && partner_b == x.partner_b, claim.c_str(), "partners");
      }
    }
  });
  return check::summary("matching_test");
}
