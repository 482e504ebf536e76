// Synthetic activations.
#include "../philox.hpp"
#include "concord/synthetic.hpp"
#include "declarations.hpp"

namespace concord::CONCORD_ISA {

namespace {

/// The random words of one row, computed in groups of kWords when needed.
class RowWords {
 public:
  RowWords(RandomKey key, std::uint64_t row, int words_per_row)
      : key_(key), block_(row * static_cast<std::uint64_t>((words_per_row + kWords - 1) / kWords) * kBlocks) {}

  std::uint32_t next() {
    if (used_ == kWords) {
      philox_words(key_, block_, words_);
      block_ += kBlocks;
      used_ = 0;
    }
    return words_[used_++];
  }
  float uniform() { return uniform_of(next()); }
  void take(std::uint32_t* out, int n) {
    for (int i = 0; i < n; i++) out[i] = next();
  }

 private:
  RandomKey key_;
  std::uint64_t block_;
  std::uint32_t words_[kWords];
  int used_ = kWords;
};

/// Exponential variable with the given rate; zero for one word in 2^24.
inline float exponential(std::uint32_t word, float rate) {
  const float u = (static_cast<float>(static_cast<std::int32_t>(word >> 8)) + 0.5f) * 0x1p-24f;
  return -log_of(u) / rate;
}

int round_up(int n) { return (n + kLanes - 1) / kLanes * kLanes; }

/// How many of n keys, n a multiple of kLanes, are below `limit`.
inline int count_below(const std::int32_t* keys, int n, std::int32_t limit) {
  IntVec counts{};
  for (int i = 0; i < n; i += kLanes) {
    IntVec some;
    std::memcpy(&some, keys + i, sizeof some);
    counts -= some < limit;
  }
  int count = 0;
  for (int i = 0; i < kLanes; i++) count += counts[i];
  return count;
}

/// Memory for one draw from a group.
struct DrawScratch {
  std::uint32_t* words;  // [round_up(group_size)]
  std::int32_t* keys;    // [round_up(group_size)]
};

/// Indices below group_size of the `active` smallest keys, ties to the lower index, ascending.
/// @param chosen Room for group_size + 1.
void draw_without_replacement(RowWords& words, const float* weights, int group_size, int active,
                              const DrawScratch& scratch, std::int32_t* chosen) {
  words.take(scratch.words, group_size);
  std::int32_t* keys = scratch.keys;
  std::int32_t smallest = INT32_MAX, largest = 0;
  for (int i = 0; i < group_size; i++) {
    // Keys are not negative, and -0 loses its sign, so their bits have the order of their values.
    const float key = exponential(scratch.words[i], weights[i]);
    std::int32_t bits;
    std::memcpy(&bits, &key, 4);
    keys[i] = bits & 0x7fffffff;
    smallest = keys[i] < smallest ? keys[i] : smallest;
    largest = keys[i] > largest ? keys[i] : largest;
  }
  const int n = round_up(group_size);
  for (int i = group_size; i < n; i++) keys[i] = INT32_MAX;
  // Bisects for a limit with `active` keys below it. With equal keys there may be none; the search
  // then ends just above them.
  std::int32_t low = smallest, high = largest + 1;
  int count = 0;
  while (count != active && high - low > 1) {
    const std::int32_t limit = low + (high - low) / 2;
    const int found = count_below(keys, n, limit);
    if (found >= active) {
      high = limit;
      count = found;
    } else {
      low = limit;
    }
  }
  int taken = 0;
  if (count == active) {
    for (int i = 0; i < group_size; i++) {
      chosen[taken] = i;
      taken += keys[i] < high;
    }
    return;
  }
  int equal = active - count_below(keys, n, low);
  for (int i = 0; i < group_size; i++)
    if (keys[i] < low || (keys[i] == low && equal-- > 0)) chosen[taken++] = i;
}

/// out[j .. j + kTile * kLanes) = sum over i of values_i * features[chosen_i], kept in registers.
template <int kTile>
inline void mix_tile(const float* features, int d_in, const std::int32_t* chosen, const float* values, int count, int j,
                     float* out) {
  Vec sum[kTile] = {};
  for (int i = 0; i < count; i++) {
    const float* row = features + static_cast<std::size_t>(chosen[i]) * d_in + j;
    const Vec value = splat(values[i]);
#pragma GCC unroll 8
    for (int q = 0; q < kTile; q++) sum[q] += value * load(row + q * kLanes);
  }
  for (int q = 0; q < kTile; q++) store(out + j + q * kLanes, sum[q]);
}

/// out = sum over i of values_i * features[chosen_i], summed in the order of i.
void mix(const float* features, int d_in, const std::int32_t* chosen, const float* values, int count, float* out) {
  int j = 0;
  for (; j + 8 * kLanes <= d_in; j += 8 * kLanes) mix_tile<8>(features, d_in, chosen, values, count, j, out);
  for (; j + kLanes <= d_in; j += kLanes) mix_tile<1>(features, d_in, chosen, values, count, j, out);
  for (; j < d_in; j++) {
    float sum = 0.0f;
    for (int i = 0; i < count; i++) sum += values[i] * features[static_cast<std::size_t>(chosen[i]) * d_in + j];
    out[j] = sum;
  }
}

float coefficient(RowWords& words, Coefficients kind) {
  switch (kind) {
    case Coefficients::absolute_normal: {
      const float u = (static_cast<float>(static_cast<std::int32_t>(words.next() >> 8)) + 0.5f) * 0x1p-24f;
      float c, s;
      cos_sin_of_turns(words.uniform(), c, s);
      const float n = std::sqrt(-2.0f * log_of(u)) * c;
      return n < 0 ? -n : n;
    }
    case Coefficients::uniform_product: {
      const float a = words.uniform();
      return a * words.uniform();
    }
    default:
      return words.uniform();
  }
}

}  // namespace

void synthetic_rows(SyntheticRows& a, ThreadPool& pool) {
  constexpr int kRows = 64;
  const int most = a.probabilities ? a.count : a.active;
  // Words that one row may take: the choice, then at most two per coefficient.
  const int words_per_row = (a.probabilities ? a.count : 1 + (a.supports ? 0 : a.group_size)) + 2 * most;
  pool.for_each(chunk_count(a.rows, kRows), [&](int chunk, int worker) {
    auto* chosen =
        pool.scratch_of<std::int32_t>(worker, 0, static_cast<std::size_t>(a.probabilities ? most : a.group_size) + 1);
    auto* values = pool.scratch_of<float>(worker, 1, static_cast<std::size_t>(most));
    const auto size = static_cast<std::size_t>(round_up(a.group_size));
    const DrawScratch scratch{pool.scratch_of<std::uint32_t>(worker, 2, size),
                              pool.scratch_of<std::int32_t>(worker, 3, size)};
    for (int r = chunk * kRows; r < a.rows && r < (chunk + 1) * kRows; r++) {
      RowWords words(a.key, a.start + static_cast<std::uint64_t>(r), words_per_row);
      int count = 0;
      if (a.probabilities) {
        for (int i = 0; i < a.count; i++)
          if (words.uniform() < a.probabilities[i]) chosen[count++] = i;
      } else {
        const auto group =
            static_cast<int>((static_cast<std::uint64_t>(words.next()) * static_cast<std::uint64_t>(a.groups)) >> 32);
        if (a.supports) std::memcpy(chosen, a.supports + group * a.active, sizeof(std::int32_t) * a.active);
        else draw_without_replacement(words, a.weights, a.group_size, a.active, scratch, chosen);
        count = a.active;
        for (int i = 0; i < count; i++) chosen[i] += group * a.group_size;
      }
      for (int i = 0; i < count; i++) values[i] = coefficient(words, a.coefficients);
      float* out = a.out + static_cast<std::size_t>(r) * a.d_in;
      mix(a.features, a.d_in, chosen, values, count, out);
      if (a.noise == 0.0f) continue;
      const int groups_per_row = (a.d_in + kWords - 1) / kWords;
      for (int g = 0; g < groups_per_row; g++) {
        float numbers[kWords];
        random_words(a.noise_key, ((a.start + r) * static_cast<std::uint64_t>(groups_per_row) + g) * kBlocks, true,
                     a.noise, numbers);
        for (int j = 0; j < kWords && g * kWords + j < a.d_in; j++) out[g * kWords + j] += numbers[j];
      }
    }
  });
}

void draw_supports(DrawSupports& a) {
  const int size = round_up(a.group_size);
  auto* memory = new std::int32_t[2 * size + a.group_size + 1];
  struct Guard {
    std::int32_t* memory;
    ~Guard() { delete[] memory; }
  } guard{memory};
  const DrawScratch scratch{reinterpret_cast<std::uint32_t*>(memory), memory + size};
  std::int32_t* chosen = memory + 2 * size;
  for (int g = 0; g < a.groups; g++) {
    RowWords words(a.key, a.draw * static_cast<std::uint64_t>(a.groups) + g, a.group_size);
    draw_without_replacement(words, a.weights, a.group_size, a.active, scratch, chosen);
    std::memcpy(a.out + g * a.active, chosen, sizeof(std::int32_t) * a.active);
  }
}

}  // namespace concord::CONCORD_ISA
