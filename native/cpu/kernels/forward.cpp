// The steps of a transformer's forward pass. A thread takes a window through all of them. Steps
// between two attentions run on a block of rows that stays in the cache.
#include <cstring>

#include "../screen/float32.hpp"
#include "../vec_math.hpp"
#include "concord/error.hpp"
#include "concord/forward.hpp"
#include "declarations.hpp"

namespace concord::CONCORD_ISA {

namespace {

using Micro = Float32Micro;
constexpr int kTile = Micro::kRows, kPanel = Micro::kPanel;
constexpr int kBlock = 12 * Micro::kRows;  // rows that go through the steps together
constexpr int kDepth = 1024;               // inputs of one product: the rows and a panel fit the second cache
constexpr int kApart = 16;                 // keeps packed rows off multiples of a page, which share cache sets

constexpr int rounded(int n, int unit) { return (n + unit - 1) / unit * unit; }

/// A tile of a product, in a function of its own. Within the loops around it, GCC 12 keeps a vector
/// of the panel on the stack, which costs a fifth of the speed.
__attribute__((noinline)) void product(const float* x, int stride, const float* panel, const float* first, int depth,
                                       float* tile) {
  Micro::tile(x, stride, panel, first, depth, tile);
}

/// What a window is computed with.
struct Window {
  const Forward& pass;
  const std::size_t* place;  // of each scratch buffer
  float* memory;
  float* packed;  // scratch of linear and attention
  int number, length;

  /// Row `row` of a buffer, in a block that begins at row `first`.
  float* rows(int buffer, int row, int first) const {
    const ForwardBuffer& b = pass.buffers[buffer];
    if (b.output) return b.output + (static_cast<std::size_t>(number) * pass.positions + row) * b.width;
    return memory + place[buffer] + static_cast<std::size_t>(b.is_brief ? row - first : row) * b.width;
  }
  int width(int buffer) const { return pass.buffers[buffer].width; }
};

/// out[i] = f(i-th numbers of the inputs), n of them.
template <class F>
void for_vectors(long n, float* out, F f) {
  long i = 0;
  for (; i + kLanes <= n; i += kLanes) store(out + i, f([i](const float* p) { return load(p + i); }));
  if (i == n) return;
  const int left = static_cast<int>(n - i);
  float lane[kLanes];
  store(lane, f([i, left](const float* p) { return load_tail(p + i, left); }));
  std::memcpy(out + i, lane, static_cast<std::size_t>(left) * sizeof(float));
}

float sum_of(const float* x, int n) {
  Vec sum{};
  for (int i = 0; i < n; i += kLanes) sum += load_some(x + i, n - i);
  return sum_lanes(sum);
}

/// Sum of (x - mean)².
float spread_of(const float* x, float mean, int n) {
  Vec sum{};
  const Vec middle = splat(mean);
  int i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const Vec d = load(x + i) - middle;
    sum = fused(d, d, sum);
  }
  float rest = 0.0f;
  for (; i < n; i++) rest += (x[i] - mean) * (x[i] - mean);
  return sum_lanes(sum) + rest;
}

void norm(const ForwardStep& s, const float* x, float* out, int rows, int width) {
  const int n = width / s.heads;
  for (int r = 0; r < rows * s.heads; r++, x += n, out += n) {
    const float mean = s.norm == ForwardNorm::layer ? sum_of(x, n) / static_cast<float>(n) : 0.0f;
    const float spread = s.norm == ForwardNorm::layer ? spread_of(x, mean, n) : dot(x, x, n);
    const Vec middle = splat(mean), factor = splat(1.0f / std::sqrt(spread / static_cast<float>(n) + s.eps));
    for_vectors(n, out, [&](auto at) {
      Vec v = (at(x) - middle) * factor;
      if (s.weight) v = v * at(s.weight);
      if (s.bias) v = v + at(s.bias);
      return v;
    });
  }
}

void activate(ForwardActivation kind, const float* x, float* out, long n) {
  switch (kind) {
    case ForwardActivation::relu:
      return for_vectors(n, out, [x](auto at) {
        const Vec v = at(x);
        return v <= 0.0f ? Vec{} : v;  // NaN stays
      });
    case ForwardActivation::gelu:
      return for_vectors(n, out, [x](auto at) { return gelu_lanes(at(x)); });
    case ForwardActivation::gelu_tanh:
      return for_vectors(n, out, [x](auto at) { return gelu_tanh_lanes(at(x)); });
    case ForwardActivation::silu:
      return for_vectors(n, out, [x](auto at) {
        const Vec v = at(x);
        return v * sigmoid_lanes(v);
      });
  }
}

/// Rows [rows, depth] with a stride of `stride`, completed with zeros to whole tiles.
void pack_rows(const float* x, int width, int rows, int depth, int stride, float* out) {
  for (int r = 0; r < rows; r++)
    std::memcpy(out + static_cast<std::size_t>(r) * stride, x + static_cast<std::size_t>(r) * width,
                static_cast<std::size_t>(depth) * sizeof(float));
  for (int r = rows; r < rounded(rows, kTile); r++) fill(out + static_cast<std::size_t>(r) * stride, 0.0f, depth);
}

void linear(const ForwardStep& s, const float* x, float* out, int rows, int inputs, int outputs, float* packed) {
  alignas(64) float tile[kTile * kPanel], first[kPanel];
  for (int k0 = 0; k0 < inputs; k0 += kDepth) {
    const int depth = inputs - k0 < kDepth ? inputs - k0 : kDepth, stride = depth + kApart;
    pack_rows(x + k0, inputs, rows, depth, stride, packed);
    for (int column = 0; column < outputs; column += kPanel) {
      const int columns = outputs - column < kPanel ? outputs - column : kPanel;
      const float* panel = static_cast<const float*>(s.packed) + static_cast<std::size_t>(column) * inputs +
                           static_cast<std::size_t>(k0) * kPanel;
      const bool has_bias = s.bias && k0 == 0;
      for (int j = 0; j < kPanel; j++) first[j] = has_bias && j < columns ? s.bias[column + j] : 0.0f;
      for (int r = 0; r < rows; r += kTile) {
        // The next panel comes from memory meanwhile, a share with each tile.
        const float* next = panel + static_cast<std::size_t>(inputs) * kPanel;
        const int tiles = (rows + kTile - 1) / kTile, share = rounded(depth * kPanel / tiles, 16);
        for (int i = 0; i < share && column + kPanel < outputs; i += 16)
          __builtin_prefetch(next + static_cast<std::size_t>(r / kTile) * share + i, 0, 2);
        product(packed + static_cast<std::size_t>(r) * stride, stride, panel, first, depth, tile);
        for (int q = 0; q < kTile && r + q < rows; q++) {
          float* o = out + static_cast<std::size_t>(r + q) * outputs + column;
          const float* t = tile + q * kPanel;
          if (k0 == 0) std::memcpy(o, t, static_cast<std::size_t>(columns) * sizeof(float));
          else
            for (int j = 0; j < columns; j++) o[j] += t[j];
        }
      }
    }
  }
}

void copy_columns(const ForwardStep& s, const float* x, float* out, int rows, int width, int out_width) {
  const int n = out_width / s.heads;
  for (int r = 0; r < rows; r++)
    for (int h = 0; h < s.heads; h++)
      std::memcpy(out + static_cast<std::size_t>(r) * out_width + h * n,
                  x + static_cast<std::size_t>(r) * width + h * s.stride + s.first,
                  static_cast<std::size_t>(n) * sizeof(float));
}

/// One head of one row, times a factor, with its first 2 · rotary elements turned.
void turn(const ForwardStep& s, const float* x, int position, int n, float factor, float* out) {
  const float* cosine = s.weight + static_cast<std::size_t>(position) * s.rotary;
  const float* sine = s.bias + static_cast<std::size_t>(position) * s.rotary;
  for (int i = 0; i < s.rotary; i++) {
    const float one = x[i], two = x[i + s.rotary];
    out[i] = factor * (one * cosine[i] - two * sine[i]);
    out[i + s.rotary] = factor * (two * cosine[i] + one * sine[i]);
  }
  for (int i = 2 * s.rotary; i < n; i++) out[i] = factor * x[i];
}

/// Numbers of scratch that attention needs.
std::size_t attention_scratch(int positions, int d_head) {
  const std::size_t keys = rounded(positions, kPanel), depth = d_head, wide = rounded(d_head, kPanel);
  return keys * depth + keys * wide + kTile * depth + kTile * (keys + kApart);
}

/// Turns scores [keys] into weights that sum to one but for the factor 1 / (what is returned).
/// Keys before `from` and after `last` get zero.
float weigh(const ForwardStep& s, float* scores, int from, int last, int keys) {
  if (s.cap > 0.0f) for_vectors(keys, scores, [&](auto at) { return s.cap * tanh_lanes(at(scores) / s.cap); });
  for (int j = 0; j < from; j++) scores[j] = -INFINITY;
  for (int j = last + 1; j < keys; j++) scores[j] = -INFINITY;
  Vec most = splat(-INFINITY);
  for (int j = 0; j < keys; j += kLanes) {
    const Vec v = load(scores + j);
    most = v > most ? v : most;
  }
  float largest = -INFINITY;
  for (int q = 0; q < kLanes; q++) largest = most[q] > largest ? most[q] : largest;
  Vec sum{};
  for (int j = 0; j < keys; j += kLanes) {
    const Vec v = load(scores + j);
    const Vec weight = v == -INFINITY ? Vec{} : exp_lanes(v - largest);
    store(scores + j, weight);
    sum += weight;
  }
  return sum_lanes(sum);
}

void attention(const ForwardStep& s, const Window& w) {
  const int n = w.length, d = w.width(s.a) / s.heads, wide = rounded(d, kPanel), group = s.heads / s.key_heads;
  const int q_width = w.width(s.a), kv_width = w.width(s.b), keys_padded = rounded(w.pass.positions, kPanel);
  const float *q = w.rows(s.a, 0, 0), *k = w.rows(s.b, 0, 0), *v = w.rows(s.c, 0, 0);
  float* out = w.rows(s.out, 0, 0);
  float* keys = w.packed;
  float* values = keys + static_cast<std::size_t>(keys_padded) * d;
  float* queries = values + static_cast<std::size_t>(keys_padded) * wide;
  float* scores = queries + static_cast<std::size_t>(kTile) * d;
  const int stride = keys_padded + kApart;
  const float zeros[kPanel] = {};
  alignas(64) float tile[kTile * kPanel];
  for (int head = 0; head < s.heads; head++) {
    if (head % group == 0) {
      const int of = head / group * d;
      for (int j = 0; j < rounded(n, kPanel); j++) {
        float* column = keys + static_cast<std::size_t>(j / kPanel) * kPanel * d + j % kPanel;
        float* row = queries;  // free until the queries come
        if (j < n) turn(s, k + static_cast<std::size_t>(j) * kv_width + of, j, d, 1.0f, row);
        else fill(row, 0.0f, d);
        for (int i = 0; i < d; i++) column[static_cast<std::size_t>(i) * kPanel] = row[i];
        for (int i = 0; i < wide; i += kPanel) {
          float* value = values + static_cast<std::size_t>(i) * keys_padded + static_cast<std::size_t>(j) * kPanel;
          const int count = j >= n ? 0 : d - i < kPanel ? d - i : kPanel;
          std::memcpy(value, v + static_cast<std::size_t>(j < n ? j : 0) * kv_width + of + i,
                      static_cast<std::size_t>(count) * sizeof(float));
          fill(value + count, 0.0f, kPanel - count);
        }
      }
    }
    for (int r0 = 0; r0 < n; r0 += kTile) {
      const int rows = n - r0 < kTile ? n - r0 : kTile;
      for (int r = 0; r < kTile; r++) {
        float* row = queries + static_cast<std::size_t>(r) * d;
        if (r < rows)
          turn(s, q + static_cast<std::size_t>(r0 + r) * q_width + static_cast<std::size_t>(head) * d, r0 + r, d,
               s.scale, row);
        else fill(row, 0.0f, d);
      }
      // Whole panels of the keys that some row of the tile sees.
      const int begin = s.window > 0 && r0 >= s.window ? (r0 - s.window + 1) / kPanel * kPanel : 0;
      const int end = rounded(r0 + rows, kPanel);
      for (int j = begin; j < end; j += kPanel) {
        product(queries, d, keys + static_cast<std::size_t>(j) * d, zeros, d, tile);
        for (int r = 0; r < kTile; r++)
          std::memcpy(scores + static_cast<std::size_t>(r) * stride + (j - begin), tile + r * kPanel,
                      kPanel * sizeof(float));
      }
      float share[kTile];
      for (int r = 0; r < rows; r++) {
        const int last = r0 + r, from = s.window > 0 && last >= s.window ? last - s.window + 1 : 0;
        float* row = scores + static_cast<std::size_t>(r) * stride;
        share[r] = 1.0f / weigh(s, row, from > begin ? from - begin : 0, last - begin, end - begin);
      }
      const int seen = r0 + rows - begin;
      for (int i = 0; i < wide; i += kPanel) {
        const float* panel =
            values + static_cast<std::size_t>(i) * keys_padded + static_cast<std::size_t>(begin) * kPanel;
        product(scores, stride, panel, zeros, seen, tile);
        const int columns = d - i < kPanel ? d - i : kPanel;
        for (int r = 0; r < rows; r++) {
          float* o = out + static_cast<std::size_t>(r0 + r) * q_width + static_cast<std::size_t>(head) * d + i;
          for (int j = 0; j < columns; j++) o[j] = share[r] * tile[r * kPanel + j];
        }
      }
    }
  }
}

/// One step on `rows` rows of a block that begins at row `first`.
void step(const ForwardStep& s, const Window& w, int first, int rows) {
  float* out = w.rows(s.out, first, first);
  const int width = w.width(s.out);
  const long n = static_cast<long>(rows) * width;
  const float* a = s.kind == ForwardKind::embed || s.kind == ForwardKind::place ? nullptr : w.rows(s.a, first, first);
  switch (s.kind) {
    case ForwardKind::embed:
      for (int r = 0; r < rows; r++) {
        const std::int32_t token = w.pass.tokens[static_cast<std::size_t>(w.number) * w.pass.positions + first + r];
        const float* row = s.weight + static_cast<std::size_t>(token) * width;
        for (int j = 0; j < width; j++) out[static_cast<std::size_t>(r) * width + j] = s.scale * row[j];
      }
      return;
    case ForwardKind::place:
      std::memcpy(out, s.weight + static_cast<std::size_t>(first) * width, static_cast<std::size_t>(n) * sizeof(float));
      return;
    case ForwardKind::norm:
      return norm(s, a, out, rows, width);
    case ForwardKind::linear:
      return linear(s, a, out, rows, w.width(s.a), width, w.packed);
    case ForwardKind::activate:
      return activate(s.activation, a, out, n);
    case ForwardKind::add: {
      const float* b = w.rows(s.b, first, first);
      return for_vectors(n, out, [a, b](auto at) { return at(a) + at(b); });
    }
    case ForwardKind::multiply: {
      const float* b = w.rows(s.b, first, first);
      return for_vectors(n, out, [a, b](auto at) { return at(a) * at(b); });
    }
    case ForwardKind::columns:
      return copy_columns(s, a, out, rows, w.width(s.a), width);
    case ForwardKind::attention:
      return;
  }
}

}  // namespace

std::size_t linear_packing(int inputs, int outputs) {
  return static_cast<std::size_t>(inputs) * rounded(outputs, kPanel) * sizeof(float);
}

void pack_linear(PackLinear& p, ThreadPool& pool) {
  pool.for_each(chunk_count(p.outputs, kPanel), [&](int panel, int) {
    const int column = panel * kPanel, columns = p.outputs - column < kPanel ? p.outputs - column : kPanel;
    float* out = static_cast<float*>(p.packed) + static_cast<std::size_t>(column) * p.inputs;
    for (int k = 0; k < p.inputs; k++)
      for (int j = 0; j < kPanel; j++) {
        const std::size_t at = p.transposed ? static_cast<std::size_t>(column + j) * p.inputs + k
                                            : static_cast<std::size_t>(k) * p.outputs + column + j;
        out[static_cast<std::size_t>(k) * kPanel + j] = j < columns ? p.weight[at] : 0.0f;
      }
  });
}

void forward(Forward& pass, ThreadPool& pool) {
  std::size_t memory = 0, packed = 0;
  auto* place = new std::size_t[pass.buffer_count];
  struct Guard {
    std::size_t* place;
    ~Guard() { delete[] place; }
  } guard{place};
  for (int b = 0; b < pass.buffer_count; b++) {
    place[b] = memory;
    const ForwardBuffer& buffer = pass.buffers[b];
    const int rows = buffer.is_brief && kBlock < pass.positions ? kBlock : pass.positions;
    if (!buffer.output) memory += (static_cast<std::size_t>(rows) * buffer.width + 15) / 16 * 16;
  }
  for (int i = 0; i < pass.step_count; i++) {
    const ForwardStep& s = pass.steps[i];
    std::size_t need = 0;
    if (s.kind == ForwardKind::linear) {
      const int inputs = pass.buffers[s.a].width;
      need = static_cast<std::size_t>(kBlock) * ((inputs < kDepth ? inputs : kDepth) + kApart);
    }
    if (s.kind == ForwardKind::attention) need = attention_scratch(pass.positions, pass.buffers[s.a].width / s.heads);
    if (need > packed) packed = need;
  }
  pool.for_each(pass.windows, [&](int number, int worker) {
    const Window w{pass,
                   place,
                   pool.scratch_of<float>(worker, 0, memory),
                   pool.scratch_of<float>(worker, 1, packed),
                   number,
                   pass.lengths[number]};
    for (int i = 0; i < pass.step_count;) {
      if (pass.steps[i].kind == ForwardKind::attention) {
        attention(pass.steps[i++], w);
        continue;
      }
      int end = i;
      while (end < pass.step_count && pass.steps[end].kind != ForwardKind::attention) end++;
      for (int first = 0; first < w.length; first += kBlock)
        for (int j = i; j < end; j++)
          step(pass.steps[j], w, first, w.length - first < kBlock ? w.length - first : kBlock);
      i = end;
    }
  });
}

}  // namespace concord::CONCORD_ISA
