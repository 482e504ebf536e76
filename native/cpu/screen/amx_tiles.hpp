// The AMX tile instructions. With CONCORD_EMULATE_AMX they are replaced by a plain model that runs
// anywhere, so that the kernel built on them can be tested without the unit. The model follows
// Intel's description of TDPBF16PS: pairs are multiplied and added in float32, and subnormal inputs
// count as zero. It does not model the order inside a pair.
#pragma once
#include <cstdint>
#include <cstring>

#ifndef CONCORD_EMULATE_AMX
#include <immintrin.h>
#endif

namespace concord::CONCORD_ISA::amx {

struct TileConfig {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t column_bytes[16] = {};
  std::uint8_t rows[16] = {};
};
static_assert(sizeof(TileConfig) == 64);

#ifdef CONCORD_EMULATE_AMX

struct Tile {
  alignas(64) std::uint8_t bytes[16][64];
};
inline thread_local Tile tiles[8];

inline void configure() { std::memset(tiles, 0, sizeof tiles); }
inline void release() {}

template <int T>
void load(const void* base, long stride) {
  for (int r = 0; r < 16; r++) std::memcpy(tiles[T].bytes[r], static_cast<const char*>(base) + r * stride, 64);
}

template <int T>
void store(void* base, long stride) {
  for (int r = 0; r < 16; r++) std::memcpy(static_cast<char*>(base) + r * stride, tiles[T].bytes[r], 64);
}

template <int C, int A, int B>
void multiply() {
  const auto element = [](const Tile& t, int row, int index) {
    std::uint16_t half;
    std::memcpy(&half, t.bytes[row] + 2 * index, 2);
    const std::uint32_t bits = (half & 0x7f80u) == 0 ? 0u : static_cast<std::uint32_t>(half) << 16;
    float value;
    std::memcpy(&value, &bits, 4);
    return value;
  };
  for (int m = 0; m < 16; m++) {
    float row[16];
    std::memcpy(row, tiles[C].bytes[m], 64);
    for (int k = 0; k < 16; k++)
      for (int n = 0; n < 16; n++)
        row[n] += element(tiles[A], m, 2 * k) * element(tiles[B], k, 2 * n) +
                  element(tiles[A], m, 2 * k + 1) * element(tiles[B], k, 2 * n + 1);
    std::memcpy(tiles[C].bytes[m], row, 64);
  }
}

#else

/// The instruction is written out, because GCC 12's _tile_loadconfig declares only 8 of the 64
/// bytes as read. The compiler could drop the stores to the others.
inline void configure() {
  TileConfig config;
  for (int t = 0; t < 8; t++) {
    config.column_bytes[t] = 64;
    config.rows[t] = 16;
  }
  asm volatile("ldtilecfg %0" : : "m"(config) : "memory");
}
inline void release() { asm volatile("tilerelease" ::: "memory"); }

template <int T>
void load(const void* base, long stride) {
  asm volatile("tileloadd (%0,%1,1), %%tmm%c2" : : "r"(base), "r"(stride), "i"(T) : "memory");
}

template <int T>
void store(void* base, long stride) {
  asm volatile("tilestored %%tmm%c2, (%0,%1,1)" : : "r"(base), "r"(stride), "i"(T) : "memory");
}

template <int C, int A, int B>
void multiply() {
  asm volatile("tdpbf16ps %%tmm%c0, %%tmm%c1, %%tmm%c2" : : "i"(B), "i"(A), "i"(C));
}

#endif

}  // namespace concord::CONCORD_ISA::amx
