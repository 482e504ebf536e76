// bfloat16 scores on the AMX tile unit: 32 rows by 32 columns in four accumulator tiles.
#pragma once
#include <cstring>

#include "amx_tiles.hpp"
#include "bf16.hpp"

namespace concord::CONCORD_ISA {

struct Bf16AmxMicro : Bf16Format {
  static constexpr int kRows = 32;
  static void begin() { amx::configure(); }
  static void end() { amx::release(); }

  /// `panel` is [depth / 2][kPanel][2]: 16 pairs of 32 columns are two B tiles with a stride of 128
  /// bytes.
  static void tile(const std::uint16_t* x, int stride, const std::uint16_t* panel, const float* bias, int depth,
                   float* scores) {
    // A stride of zero loads the bias into every row of an accumulator.
    amx::load<0>(bias, 0);
    amx::load<1>(bias + 16, 0);
    amx::load<2>(bias, 0);
    amx::load<3>(bias + 16, 0);
    const std::uint16_t* lower = x + static_cast<std::size_t>(16) * stride;
    const long stride_bytes = 2L * stride;
    for (int k = 0; k < depth; k += 32) {
      amx::load<4>(x + k, stride_bytes);
      amx::load<6>(panel + k * kPanel, 128);
      amx::load<5>(lower + k, stride_bytes);
      amx::load<7>(panel + k * kPanel + 32, 128);
      amx::multiply<0, 4, 6>();
      amx::multiply<1, 4, 7>();
      amx::multiply<2, 5, 6>();
      amx::multiply<3, 5, 7>();
    }
    amx::store<0>(scores, 128);
    amx::store<1>(scores + 16, 128);
    amx::store<2>(scores + 16 * kPanel, 128);
    amx::store<3>(scores + 16 * kPanel + 16, 128);
  }
};

}  // namespace concord::CONCORD_ISA
