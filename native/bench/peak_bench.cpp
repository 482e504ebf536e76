// What the processor can do at most: peak_bench <isa> <threads> prints TFLOP/s of the instruction that the isa's screen is made of,
// on registers only.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace {

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

constexpr long kRounds = 4000000;

#if defined(__x86_64__)
__attribute__((target("avx512f"))) double float_avx512() {
  __m512 a[16];
  for (int i = 0; i < 16; i++) a[i] = _mm512_set1_ps(static_cast<float>(i));
  const __m512 x = _mm512_set1_ps(1.0000001f), y = _mm512_set1_ps(1e-9f);
  const double start = seconds();
  for (long n = 0; n < kRounds; n++)
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) {
      a[i] = _mm512_fmadd_ps(a[i], x, y);
      asm volatile("" : "+v"(a[i]));
    }
  return kRounds * 16.0 * 32 / (seconds() - start);
}

__attribute__((target("avx2,fma"))) double float_avx2() {
  __m256 a[12];
  for (int i = 0; i < 12; i++) a[i] = _mm256_set1_ps(static_cast<float>(i));
  const __m256 x = _mm256_set1_ps(1.0000001f), y = _mm256_set1_ps(1e-9f);
  const double start = seconds();
  for (long n = 0; n < kRounds; n++)
#pragma GCC unroll 12
    for (int i = 0; i < 12; i++) {
      a[i] = _mm256_fmadd_ps(a[i], x, y);
      asm volatile("" : "+x"(a[i]));
    }
  return kRounds * 12.0 * 16 / (seconds() - start);
}

__attribute__((target("avx512f,avx512bf16"))) double bf16_avx512() {
  __m512 a[16];
  for (int i = 0; i < 16; i++) a[i] = _mm512_set1_ps(static_cast<float>(i));
  const __m512bh x = reinterpret_cast<__m512bh>(_mm512_set1_epi32(0x3c003c00));
  const double start = seconds();
  for (long n = 0; n < kRounds; n++)
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) {
      a[i] = _mm512_dpbf16_ps(a[i], x, x);
      asm volatile("" : "+v"(a[i]));
    }
  return kRounds * 16.0 * 64 / (seconds() - start);
}

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
  asm volatile("tilezero %tmm0\n tilezero %tmm1\n tilezero %tmm2\n tilezero %tmm3\n tilezero %tmm4\n tilezero %tmm5\n tilezero %tmm6\n tilezero %tmm7");
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
