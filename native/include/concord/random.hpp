// Counter-based random numbers: Philox4x32-10, with the same words as src/base/philox.ts. Position
// i of a stream is word i % 4 of block i / 4, so any range can be filled in any order.
#pragma once
#include <cstdint>

namespace concord {

struct RandomKey {
  std::uint32_t k0, k1;
};

/// out[i] = a number for position start + i.
///   uniform: [0, 1) with 24 random bits
///   normal: Box-Muller on the pair of words (2j, 2j + 1), cosine for the even position
struct FillRandom {
  RandomKey key;
  std::uint64_t start;
  float* out;
  long n;
  bool normal;
  float scale;  // multiplies the number
};

/// Fisher-Yates shuffle in place: element i changes places with element floor(word / 2^32 * (i +
/// 1)), one of the first i + 1. The word is the one at position i.
struct Shuffle {
  RandomKey key;
  std::int32_t* order;
  long n;
};

}  // namespace concord
