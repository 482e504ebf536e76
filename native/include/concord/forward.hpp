// The forward pass of a transformer over windows of tokens, as a list of steps on rows.
//
// A row belongs to a token. Rows of a width lie in buffers, which the steps name by their number.
// Every window is computed by itself, in one order. So its rows depend neither on the other windows
// nor on the number of threads.
#pragma once
#include <cstddef>
#include <cstdint>

namespace concord {

/// Packs a weight W [inputs, outputs] as the step `linear` reads it: panels of columns.
struct PackLinear {
  const float* weight;  // [inputs, outputs]; transposed: [outputs, inputs]
  bool transposed;
  int inputs, outputs;
  void* packed;  // the bytes that linear_packing() says
};

enum class ForwardKind {
  embed,      // out = scale · table[token]
  place,      // out = table[position]
  norm,       // every head of a by itself: (a - mean) / √(variance + eps), or a / √(mean square + eps);
              // then · gain + bias, [columns], where there are any
  linear,     // out = a W + bias
  activate,   // out = f(a)
  add,        // out = a + b
  multiply,   // out = a · b
  columns,    // out[head · width + j] = a[head · stride + first + j]
  attention,  // out = softmax(cap(scale · q kᵀ) + causal mask) v per head, q and k turned before
};

enum class ForwardNorm { layer, rms };
enum class ForwardActivation { relu, gelu, gelu_tanh, silu };

/// One step. Fields that its kind does not name are unused.
struct ForwardStep {
  ForwardKind kind;
  int a, b, c;          // buffers read; attention: q, k, v
  int out;              // buffer written; may be `a` or `b`, but of linear, columns and attention
  const float* weight;  // embed, place: table [rows, width]; norm: gain, or null; attention: cosines
                        // [positions, rotary]
  const float* bias;    // norm, linear: or null; attention: sines [positions, rotary]
  const void* packed;   // linear
  float scale;          // embed, attention
  float eps;            // norm
  ForwardNorm norm;
  ForwardActivation activation;
  int heads;         // norm, columns, attention
  int key_heads;     // attention: heads of k and v; divides `heads`
  int stride, first; // columns
  int rotary;        // attention: pairs of elements of a head that turn, (i, i + rotary); 0: none
  int window;        // attention: positions that a query sees, its own included; 0: all before it
  float cap;         // attention: scores become cap · tanh(score / cap); 0: they stay
};

struct ForwardBuffer {
  int width;
  bool is_brief;  // no attention between its steps, so that it holds the rows of one block only
  float* output;  // [windows · positions, width]; null: scratch memory of a thread
};

struct Forward {
  const ForwardStep* steps;
  int step_count;
  const ForwardBuffer* buffers;
  int buffer_count;
  const std::int32_t* tokens;   // [windows, positions]
  const std::int32_t* lengths;  // real tokens of each window, [windows]; rows after them stay as they are
  int windows, positions;
};

}  // namespace concord
