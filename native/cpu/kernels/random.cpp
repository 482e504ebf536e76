// Fills memory with random numbers.
#include "../philox.hpp"
#include "declarations.hpp"

namespace concord::CONCORD_ISA {

void fill_random(FillRandom& a, ThreadPool& pool) {
  constexpr long kChunk = 1 << 14;
  // Chunks are aligned to the stream's groups of kWords positions; the first and last may be
  // partial.
  const std::uint64_t lead = a.start % kWords;
  const long span = a.n + static_cast<long>(lead);
  pool.for_each(chunk_count(span, kChunk), [&](int chunk, int) {
    const long last = (chunk + 1) * kChunk < span ? (chunk + 1) * kChunk : span;
    for (long at = chunk * kChunk; at < last; at += kWords) {
      float numbers[kWords];
      random_words(a.key, (a.start - lead + static_cast<std::uint64_t>(at)) / 4, a.normal, a.scale, numbers);
      const long from = at < static_cast<long>(lead) ? static_cast<long>(lead) - at : 0;
      const long to = last - at < kWords ? last - at : kWords;
      for (long i = from; i < to; i++) a.out[at + i - static_cast<long>(lead)] = numbers[i];
    }
  });
}

void shuffle(Shuffle& a) {
  std::uint32_t words[kWords];
  for (long i = 0; i < a.n; i++) {
    if (i % kWords == 0) philox_words(a.key, static_cast<std::uint64_t>(i) / 4, words);
    const long j = static_cast<long>(words[i % kWords] * 0x1p-32 * static_cast<double>(i + 1));
    const std::int32_t other = a.order[j];
    a.order[j] = a.order[i];
    a.order[i] = other;
  }
}

}  // namespace concord::CONCORD_ISA
