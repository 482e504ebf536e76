// The highest rate of the processor: peak_bench <isa> <threads> prints TFLOP/s of the instruction
// that the isa's screen is made of, on registers only.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

namespace {

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

constexpr long kRounds = 4000000;

#if defined(__x86_64__)
// Twelve independent sums hide the latency. In assembly, because a compiler that keeps them on the
// stack halves the rate unseen.
// clang-format off
#define SUMS(instruction) \
  instruction "0\n" instruction "1\n" instruction "2\n" instruction "3\n" instruction "4\n" instruction "5\n" \
  instruction "6\n" instruction "7\n" instruction "8\n" instruction "9\n" instruction "10\n" instruction "11\n"
// clang-format on
#define SUM_REGISTERS \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm15"

/// Operations per second of an instruction over zeros, which counts `operations` per use; a round
/// uses it twelve times.
#define RATE_OF(instruction, operations)                                               \
  asm volatile("vzeroall" ::: SUM_REGISTERS);                                          \
  const double start = seconds();                                                      \
  for (long n = 0; n < kRounds; n++) asm volatile(SUMS(instruction)::: SUM_REGISTERS); \
  return kRounds * 12.0 * (operations) / (seconds() - start)

__attribute__((target("avx512f"))) double float_avx512() { RATE_OF("vfmadd231ps %%zmm15, %%zmm15, %%zmm", 32); }

__attribute__((target("avx2,fma"))) double float_avx2() { RATE_OF("vfmadd231ps %%ymm15, %%ymm15, %%ymm", 16); }

__attribute__((target("avx512f,avx512bf16"))) double bf16_avx512() { RATE_OF("vdpbf16ps %%zmm15, %%zmm15, %%zmm", 64); }

__attribute__((target("avx512f,avx512vnni"))) double int8_avx512() { RATE_OF("vpdpbusd %%zmm15, %%zmm15, %%zmm", 128); }

double bf16_amx() {
  struct alignas(64) {
    unsigned char palette = 1, start_row = 0, reserved[14] = {};
    unsigned short column_bytes[16] = {};
    unsigned char rows[16] = {};
  } config;
  for (int t = 0; t < 8; t++) {
    config.column_bytes[t] = 64;
    config.rows[t] = 16;
  }
  asm volatile("ldtilecfg %0" : : "m"(config) : "memory");
  asm volatile(
      "tilezero %tmm0\n tilezero %tmm1\n tilezero %tmm2\n tilezero %tmm3\n"
      "tilezero %tmm4\n tilezero %tmm5\n tilezero %tmm6\n tilezero %tmm7");
  const double start = seconds();
  for (long n = 0; n < kRounds; n++)
    asm volatile(
        "tdpbf16ps %tmm6, %tmm4, %tmm0\n tdpbf16ps %tmm7, %tmm4, %tmm1\n"
        "tdpbf16ps %tmm6, %tmm5, %tmm2\n tdpbf16ps %tmm7, %tmm5, %tmm3");
  const double taken = seconds() - start;
  asm volatile("tilerelease");
  return kRounds * 4.0 * 16384 / taken;
}
#endif

double rate_of(const char* isa) {
#if defined(__x86_64__)
  if (std::strcmp(isa, "amx") == 0) return bf16_amx();
  if (std::strcmp(isa, "avx512vnni") == 0) return int8_avx512();
  if (std::strcmp(isa, "avx512bf16") == 0) return bf16_avx512();
  if (std::strcmp(isa, "avx512") == 0) return float_avx512();
  if (std::strcmp(isa, "avx2") == 0) return float_avx2();
#endif
  std::fprintf(stderr, "No peak is known for %s.\n", isa);
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const int threads = std::atoi(argv[2]);
  std::vector<double> rates(threads);
  std::vector<std::thread> workers;
  for (int t = 0; t < threads; t++) workers.emplace_back([&, t] { rates[t] = rate_of(argv[1]); });
  double sum = 0;
  for (int t = 0; t < threads; t++) {
    workers[t].join();
    sum += rates[t];
  }
  std::printf("%.4f\n", sum / 1e12);
  return 0;
}
