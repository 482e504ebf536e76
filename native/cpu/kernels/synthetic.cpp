// Synthetic activations.
#include "../philox.hpp"
#include "concord/synthetic.hpp"
#include "declarations.hpp"

namespace concord::CONCORD_ISA {

namespace {

/// The words of one row, made in groups of kWords as they are asked for.
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

 private:
  RandomKey key_;
  std::uint64_t block_;
  std::uint32_t words_[kWords];
  int used_ = kWords;
};

/// Exponential variable with the given rate; never zero.
float exponential(std::uint32_t word, float rate) {
  const float u = (static_cast<float>(static_cast<std::int32_t>(word >> 8)) + 0.5f) * 0x1p-24f;
  return -log_of(u) / rate;
}

/// Indices below group_size of the `active` smallest keys, ascending. keys is overwritten.
void draw_without_replacement(RowWords& words, const float* weights, int group_size, int active, float* keys,
                              std::int32_t* chosen) {
  for (int i = 0; i < group_size; i++) keys[i] = exponential(words.next(), weights[i]);
  // Selection by repeated maximum of the ones to leave out, or minimum of the ones to take, whichever is fewer.
  const bool take = active <= group_size - active;
  const int turns = take ? active : group_size - active;
  for (int turn = 0; turn < turns; turn++) {
    int best = -1;
    for (int i = 0; i < group_size; i++) {
      if (keys[i] < 0) continue;
      if (best < 0 || (take ? keys[i] < keys[best] : keys[i] > keys[best])) best = i;
    }
    keys[best] = -1.0f;
  }
  int count = 0;
  for (int i = 0; i < group_size && count < active; i++)
    if ((keys[i] < 0) == take) chosen[count++] = i;
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
  // Words that one row may take: the choice, then two per coefficient at most.
  const int words_per_row = (a.probabilities ? a.count : 1 + (a.supports ? 0 : a.group_size)) + 2 * most;
  pool.for_each(chunk_count(a.rows, kRows), [&](int chunk, int worker) {
    auto* chosen = pool.scratch_of<std::int32_t>(worker, 0, static_cast<std::size_t>(most));
    auto* values = pool.scratch_of<float>(worker, 1, static_cast<std::size_t>(most));
    auto* keys = pool.scratch_of<float>(worker, 2, static_cast<std::size_t>(a.group_size + 1));
    for (int r = chunk * kRows; r < a.rows && r < (chunk + 1) * kRows; r++) {
      RowWords words(a.key, a.start + static_cast<std::uint64_t>(r), words_per_row);
      int count = 0;
      if (a.probabilities) {
        for (int i = 0; i < a.count; i++)
          if (words.uniform() < a.probabilities[i]) chosen[count++] = i;
      } else {
        const auto group = static_cast<int>((static_cast<std::uint64_t>(words.next()) * static_cast<std::uint64_t>(a.groups)) >> 32);
        if (a.supports)
          std::memcpy(chosen, a.supports + group * a.active, sizeof(std::int32_t) * a.active);
        else
          draw_without_replacement(words, a.weights, a.group_size, a.active, keys, chosen);
        count = a.active;
        for (int i = 0; i < count; i++) chosen[i] += group * a.group_size;
      }
      for (int i = 0; i < count; i++) values[i] = coefficient(words, a.coefficients);
      float* out = a.out + static_cast<std::size_t>(r) * a.d_in;
      fill(out, 0.0f, a.d_in);
      add_rows(out, count, a.d_in, [&](int i) { return a.features + static_cast<std::size_t>(chosen[i]) * a.d_in; },
               [&](int i) { return values[i]; });
      if (a.noise == 0.0f) continue;
      const int groups_per_row = (a.d_in + kWords - 1) / kWords;
      for (int g = 0; g < groups_per_row; g++) {
        float numbers[kWords];
        random_words(a.noise_key, ((a.start + r) * static_cast<std::uint64_t>(groups_per_row) + g) * kBlocks, true, a.noise, numbers);
        for (int j = 0; j < kWords && g * kWords + j < a.d_in; j++) out[g * kWords + j] += numbers[j];
      }
    }
  });
}

void draw_supports(DrawSupports& a) {
  auto* keys = new float[a.group_size];
  struct Guard {
    float* memory;
    ~Guard() { delete[] memory; }
  } guard{keys};
  for (int g = 0; g < a.groups; g++) {
    RowWords words(a.key, a.draw * static_cast<std::uint64_t>(a.groups) + g, a.group_size);
    draw_without_replacement(words, a.weights, a.group_size, a.active, keys, a.out + g * a.active);
  }
}

}  // namespace concord::CONCORD_ISA
