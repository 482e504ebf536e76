// Comparing dictionaries: largest cosines, exact assignment, and the gradient that pulls matched
// atoms together.
#pragma once
#include <cstdint>

namespace concord {

/// Finds, for every row of a and every row of b, the best partner in the other matrix, ties to the
/// lower index. All rows have length one, so products are cosines. The [n, m] matrix is never
/// stored. Products are summed in ascending order of the input.
struct BestMatches {
  const float* a;  // [n, d]
  const float* b;  // [m, d]
  int n, m, d;
  float* best_of_a;         // [n]
  std::int32_t* partner_of_a;  // [n]
  float* best_of_b;         // [m]
  std::int32_t* partner_of_b;  // [m]
};

/// The one-to-one assignment of rows to columns with the largest total similarity, on a graph of
/// candidate pairs. Every row is assigned, even at negative similarity; n <= m.
///
/// Method: shortest augmenting paths with row reduction (Jonker and Volgenant 1987, "A shortest
/// augmenting path algorithm for dense and sparse linear assignment problems"), in float64. At the
/// end u_r + v_c >= similarity for every candidate pair, with equality for assigned pairs, which
/// proves optimality on the graph. The caller checks pairs outside the graph against u and v. With
/// n == m any v is a valid start, and that of the previous solution is a fast one. With n < m, v
/// must start at zero.
///
/// A solution has many valid duals. With n == m, those returned are moved towards the middle of
/// their valid range, so that a small change of the similarities seldom invalidates them. Shortest
/// paths alone leave many pairs exactly tight. The returned v have mean zero.
struct Assign {
  int n, m;
  const std::int32_t* indptr;    // [n + 1]
  const std::int32_t* columns;   // [nnz], distinct within a row; null: every row lists every column
  const float* similarity;       // [nnz]
  // What is known of pairs outside the graph: similarity - start_c <= bound_r. It only guides the
  // choice of duals. Null: nothing is known.
  const float* bound;            // [n]
  const double* start;           // [m]
  double* v;                     // [m], in and out
  double* u;                     // [n]
  double* margin;  // [n], the least u_r + v_c - similarity of a row's candidates other than its own; 0 without one
  std::int32_t* column_of_row;  // [n], -1 where the graph allows no assignment of all rows
  // Result: rows left without a column.
  int unassigned;
};

void assign(Assign& args);

/// The gradient of sum of weight * cosine with respect to the parameter whose normalised rows are
/// `unit`:
///     out_f = (1 / ||parameter_f||) (g_f - (g_f . unit_f) unit_f),
/// where g_f is the sum over the edges e of f of weight_e times row row_e of partners[partner_e].
struct PullRows {
  const float* unit;  // [d_sae, d_in]
  const float* parameter;  // [d_sae, d_in], or null: rows have length one
  int d_sae, d_in;
  const std::int32_t* indptr;  // [d_sae + 1]
  const std::int32_t* partner;  // [edges]
  const std::int32_t* row;  // [edges]
  const float* weight;  // [edges]
  const float* const* partners;
  float* out;
};

/// Adds by_row_r + by_group_g to reach[r, g], and sets bit g of above_r where the sum exceeds
/// level_r. Those groups (see ColumnGroups) may hold a better column for the row. most_r is the
/// largest reach of the row. A sum that is NaN counts as above.
struct RaiseReach {
  float* reach;  // [rows, groups]
  int rows, groups;
  const float* by_row;  // [rows], or null
  const float* by_group;  // [groups], or null
  const float* level;  // [rows]
  std::uint32_t* above;  // [rows]
  float* most;  // [rows]
  // Result: rows with at least one bit set.
  int rows_above;
};

/// out_i = dot(a_i, b[index_i]), in the summation order of dot().
struct PairedDots {
  const float* a;  // [count, d]
  const float* b;  // [rows, d]
  const std::int32_t* index;  // [count], or null: the same row
  int count, d;
  float* out;
};

}  // namespace concord
