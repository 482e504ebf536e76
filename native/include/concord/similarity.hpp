// Comparing dictionaries: cosine maxima, exact assignment, and the gradient that pulls matched
// atoms together.
#pragma once
#include <cstdint>

namespace concord {

/// For every row of a and every row of b (both of unit length, so that products are cosines) the
/// best partner in the other, ties to the lower index. The [n, m] matrix is never stored. Products
/// are summed in ascending order of the input.
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
/// candidate pairs; every row is assigned (negative similarities included), n <= m.
///
/// Shortest augmenting paths with row reduction (Jonker and Volgenant 1987, "A shortest augmenting
/// path algorithm for dense and sparse linear assignment problems"), in float64. At the end u_r +
/// v_c >= similarity for every candidate pair, with equality for the assigned ones: the proof of
/// optimality on the graph. Pairs outside the graph are the caller's to check against u and v. With
/// n == m any v is a valid start and the previous solution's makes the next one quick; with n < m v
/// must start at zero.
///
/// Any solution has many pairs of duals. With n == m those returned are moved towards the middle of
/// what is possible, so that a small change of the similarities seldom invalidates them: shortest
/// paths leave pairs that are exactly tight. Their v have mean zero.
struct Assign {
  int n, m;
  const std::int32_t* indptr;    // [n + 1]
  const std::int32_t* columns;   // [nnz], distinct within a row; null: every row lists every column
  const float* similarity;       // [nnz]
  // What is known of pairs outside the graph: similarity - start_c <= bound_r. Only guides the
  // choice of duals. Null: nothing.
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

/// out_f = (1 / ||parameter_f||) (g_f - (g_f . unit_f) unit_f) with g_f = sum of weight_e *
/// partners[partner_e] row row_e over the edges of f: the gradient of sum of weight * cosine with
/// respect to the parameter whose normalised rows are `unit`.
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

/// reach[r, g] += by_row_r + by_group_g, and above_r gets bit g where that exceeds level_r: which
/// groups (see ColumnGroups) may hold more for a row than it has. most_r is the largest of a row.
/// Sums that are not numbers count as above.
struct RaiseReach {
  float* reach;  // [rows, groups]
  int rows, groups;
  const float* by_row;  // [rows], or null
  const float* by_group;  // [groups], or null
  const float* level;  // [rows]
  std::uint32_t* above;  // [rows]
  float* most;  // [rows]
  // Result: rows with any bit.
  int rows_above;
};

/// out_i = dot(a_i, b[index_i]), in the order of the kernels' dot product.
struct PairedDots {
  const float* a;  // [count, d]
  const float* b;  // [rows, d]
  const std::int32_t* index;  // [count], or null: the same row
  int count, d;
  float* out;
};

}  // namespace concord
