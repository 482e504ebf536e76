// The sparse linear assignment problem. Costs are negated similarities; their sum is minimised.
#include <algorithm>
#include <functional>
#include <limits>
#include <queue>
#include <utility>
#include <vector>

#include "concord/similarity.hpp"

namespace concord {

namespace {

constexpr int kCenteringRounds = 12;
constexpr int kEasedColumns = 16;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

class Solver {
 public:
  explicit Solver(Assign& args)
      : a(args), row_of_column(args.m, -1), distance(args.m, kInfinity), predecessor(args.m, -1), settled(args.m, 0) {
    std::fill_n(a.column_of_row, a.n, -1);
    // The caller's duals are those of similarities; these are those of costs.
    for (int j = 0; j < a.m; j++) a.v[j] = -a.v[j];
  }

  void solve() {
    std::vector<int> free = assign_greedily();
    for (int pass = 0; pass < 2 && !free.empty(); pass++) free = reduce_rows(free);
    a.unassigned = 0;
    for (const int row : free) a.unassigned += !augment(row);
    if (a.n == a.m && a.unassigned == 0)
      for (int round = 0; round < kCenteringRounds; round++) center_duals();
    if (a.n == a.m) remove_mean();
    for (int i = 0; i < a.n; i++) {
      const int j = a.column_of_row[i];
      a.u[i] = j < 0 ? -row_minimum(i).first : -(cost_of(i, j) - a.v[j]);
      a.margin[i] = j < 0 ? 0.0 : margin_of(i, j);
    }
    for (int j = 0; j < a.m; j++) a.v[j] = -a.v[j];
  }

 private:
  struct TwoBest {
    double first = kInfinity, second = kInfinity;
    int column = -1, second_column = -1;
  };

  double cost(int edge) const { return -static_cast<double>(a.similarity[edge]); }

  /// The column of an edge. In a complete graph, edge e of a row leads to column e.
  int column_at(int row, int edge) const { return a.columns ? a.columns[edge] : edge - a.indptr[row]; }

  /// The least slack of a row's edges, its own column excepted.
  double margin_of(int row, int own) const {
    double least = kInfinity;
    for (int e = a.indptr[row]; e < a.indptr[row + 1]; e++) {
      const int j = column_at(row, e);
      const double reduced = cost(e) - a.v[j];
      if (j != own && reduced < least) least = reduced;
    }
    return least + a.u[row];
  }

  double cost_of(int row, int column) const {
    if (!a.columns) return cost(a.indptr[row] + column);
    for (int e = a.indptr[row]; e < a.indptr[row + 1]; e++)
      if (a.columns[e] == column) return cost(e);
    return kInfinity;
  }

  /// Smallest and second smallest reduced cost of a row; ties to the lower position.
  TwoBest row_minimum(int row) const {
    TwoBest best;
    for (int e = a.indptr[row]; e < a.indptr[row + 1]; e++) {
      const int j = column_at(row, e);
      const double reduced = cost(e) - a.v[j];
      if (reduced < best.first) {
        best.second = best.first;
        best.second_column = best.column;
        best.first = reduced;
        best.column = j;
      } else if (reduced < best.second) {
        best.second = reduced;
        best.second_column = j;
      }
    }
    return best;
  }

  void match(int row, int column) {
    a.column_of_row[row] = column;
    row_of_column[column] = row;
  }

  /// Gives every row its cheapest column if that is still free. Returns the rows left over.
  std::vector<int> assign_greedily() {
    std::vector<int> free;
    for (int i = 0; i < a.n; i++) {
      const TwoBest best = row_minimum(i);
      if (best.column >= 0 && row_of_column[best.column] < 0) match(i, best.column);
      else free.push_back(i);
    }
    return free;
  }

  /// Augmenting row reduction: a free row takes its cheapest column at the price of the second
  /// cheapest, and frees the row that held it. The number of rounds is bounded, because near ties
  /// make them slow. Rows left over are augmented.
  std::vector<int> reduce_rows(const std::vector<int>& free) {
    std::vector<int> left;
    long budget = 8L * a.n + 64;
    for (std::size_t next = 0; next < free.size(); next++) {
      int row = free[next];
      while (row >= 0) {
        const TwoBest best = row_minimum(row);
        if (best.second_column < 0 || budget-- <= 0) {
          left.push_back(row);
          break;
        }
        int column = best.column;
        const bool strict = best.first < best.second;
        if (strict) a.v[column] -= best.second - best.first;
        else if (row_of_column[column] >= 0) column = best.second_column;
        const int displaced = row_of_column[column];
        match(row, column);
        if (displaced >= 0) a.column_of_row[displaced] = -1;
        if (displaced >= 0 && !strict) {
          left.push_back(displaced);
          break;
        }
        row = displaced;
      }
    }
    return left;
  }

  /// Shortest augmenting path from a free row (Dijkstra on reduced costs). Returns false when no
  /// free column is reachable.
  bool augment(int root) {
    using Entry = std::pair<double, int>;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<Entry>> queue;
    touched.clear();
    std::vector<int> done;
    int row = root, sink = -1;
    double reached = 0, row_dual = row_minimum(root).first;
    for (;;) {
      for (int e = a.indptr[row]; e < a.indptr[row + 1]; e++) {
        const int j = column_at(row, e);
        if (settled[j]) continue;
        const double d = reached + (cost(e) - a.v[j] - row_dual);
        if (d < distance[j]) {
          if (distance[j] == kInfinity) touched.push_back(j);
          distance[j] = d;
          predecessor[j] = row;
          queue.emplace(d, j);
        }
      }
      int column = -1;
      while (!queue.empty()) {
        const Entry top = queue.top();
        queue.pop();
        if (settled[top.second] || top.first > distance[top.second]) continue;
        column = top.second;
        break;
      }
      if (column < 0) break;
      reached = distance[column];
      if (row_of_column[column] < 0) {
        sink = column;
        break;
      }
      settled[column] = 1;
      done.push_back(column);
      row = row_of_column[column];
      // Dual of an assigned row: the reduced cost of its own column is zero.
      row_dual = cost_of(row, column) - a.v[column];
    }
    if (sink >= 0) {
      for (const int j : done) a.v[j] += distance[j] - reached;
      for (int column = sink;;) {
        const int from = predecessor[column];
        const int freed = a.column_of_row[from];
        match(from, column);
        if (from == root) break;
        column = freed;
      }
    }
    for (const int j : touched) {
      distance[j] = kInfinity;
      predecessor[j] = -1;
      settled[j] = 0;
    }
    return sink >= 0;
  }

  /// Subtracting a constant from one side's duals and adding it to the other's changes nothing.
  /// Without this, duals that start from earlier duals would drift and round ever more coarsely.
  void remove_mean() {
    double sum = 0.0;
    for (int j = 0; j < a.m; j++) sum += a.v[j];
    for (int j = 0; j < a.m; j++) a.v[j] -= sum / a.m;
  }

  /// Moves every column dual to the middle of the interval that the other duals leave it. A dual
  /// moves by at most half of each slack it takes part in, so both ends of a pair may move at once.
  void center_duals() {
    // In costs, row r with its own column p requires v_c - v_p <= cost(r, c) - cost(r, p).
    std::vector<double> lowest(a.m, -kInfinity), highest(a.m, kInfinity);
    // How far column duals have moved since the bounds were computed. The few that moved most are
    // left out: they would leave the others no room.
    std::vector<double> moved(a.m, 0.0);
    double shift = 0.0;
    if (a.bound) {
      for (int j = 0; j < a.m; j++) moved[j] = a.v[j] + a.start[j];
      std::vector<double> sorted(moved);
      const int skip = std::min(kEasedColumns, a.m - 1);
      std::nth_element(sorted.begin(), sorted.begin() + skip, sorted.end(), std::greater<>());
      shift = sorted[skip];
    }
    for (int r = 0; r < a.n; r++) {
      const int own = a.column_of_row[r];
      const double own_cost = cost_of(r, own);
      double low = -kInfinity;
      for (int e = a.indptr[r]; e < a.indptr[r + 1]; e++) {
        const int c = column_at(r, e);
        if (c == own) continue;
        const double difference = cost(e) - own_cost;
        low = std::max(low, a.v[c] - difference);
        highest[c] = std::min(highest[c], a.v[own] + difference);
      }
      // To row r, pairs outside the graph are worth at most bound + shift.
      if (a.bound) low = std::max(low, std::min(a.v[own], static_cast<double>(a.bound[r]) + shift + own_cost));
      lowest[own] = std::max(lowest[own], low);
    }
    for (int j = 0; j < a.m; j++) {
      const double high = a.bound && moved[j] <= shift ? std::min(highest[j], shift - a.start[j]) : highest[j];
      if (lowest[j] > -kInfinity && high < kInfinity && lowest[j] < high) a.v[j] = (lowest[j] + high) / 2;
    }
  }

  Assign& a;
  std::vector<int> row_of_column;
  std::vector<double> distance;
  std::vector<int> predecessor;
  std::vector<char> settled;
  std::vector<int> touched;
};

}  // namespace

void assign(Assign& args) { Solver(args).solve(); }

}  // namespace concord
