// Chooses the kernels that this processor can run.
#include <cstring>
#include <string>
#include <vector>

#if defined(__x86_64__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "concord/kernels.hpp"

// Every build of the kernels defines table() in its own namespace.
#define CONCORD_DECLARE(isa) \
  namespace concord::isa {   \
  const Kernels& table();    \
  }
CONCORD_DECLARE(portable)
#if defined(__x86_64__)
CONCORD_DECLARE(avx2)
CONCORD_DECLARE(avx512)
CONCORD_DECLARE(avx512bf16)
CONCORD_DECLARE(avx512vnni)
CONCORD_DECLARE(amx)
CONCORD_DECLARE(amx_emulated)
#endif

namespace concord {

namespace {

struct Candidate {
  const char* name;
  bool runnable;
  const Kernels& (*table)();
};

#if defined(__x86_64__)
/// Bit `bit` of ecx in a leaf of CPUID, for features that some compilers have no name for.
bool ecx_bit(unsigned leaf, int bit) {
  unsigned a = leaf, b = 0, c = 0, d = 0;
  asm volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
  return c >> bit & 1;
}

/// Every extension that CMakeLists.txt builds the avx2 kernels with. F16C is in leaf 1, LZCNT in
/// leaf 0x80000001.
bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") && ecx_bit(1, 29) &&
         ecx_bit(0x80000001u, 5);
}

bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}

bool has_avx512vnni() { return has_avx512() && __builtin_cpu_supports("avx512vnni"); }

bool has_avx512bf16() { return has_avx512() && __builtin_cpu_supports("avx512bf16"); }

/// CPUID leaf 7: AMX-BF16 is bit 22 of edx, and AMX-TILE bit 24. Linux must also grant this process
/// the tile registers.
bool has_amx() {
#if defined(__linux__)
  unsigned a = 7, b = 0, c = 0, d = 0;
  asm volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
  constexpr long kRequestPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  return has_avx512bf16() && (d >> 22 & 1) && (d >> 24 & 1) &&
         syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}
#endif

const std::vector<Candidate>& candidates() {
  static const std::vector<Candidate> list = {
#if defined(__x86_64__)
      {"amx", has_amx(), amx::table},
      {"avx512vnni", has_avx512vnni(), avx512vnni::table},
      {"avx512bf16", has_avx512bf16(), avx512bf16::table},
      {"avx512", has_avx512(), avx512::table},
      {"avx2", has_avx2(), avx2::table},
#endif
      {"portable", true, portable::table},
#if defined(__x86_64__)
      {"amx_emulated", has_avx512(), amx_emulated::table},
#endif
  };
  return list;
}

}  // namespace

const char* available_isas() {
  static const std::string names = [] {
    std::string all;
    for (const Candidate& c : candidates())
      if (c.runnable) {
        if (!all.empty()) all += ' ';
        all += c.name;
      }
    return all;
  }();
  return names.c_str();
}

const Kernels& kernels_for(const char* isa) {
  const bool any = isa == nullptr || *isa == '\0';
  for (const Candidate& c : candidates())
    if (c.runnable && (any || std::strcmp(isa, c.name) == 0)) return c.table();
  throw Error("backend/unavailable",
              "Expected one of '" + std::string(available_isas()) + "' for CONCORD_ISA but received '" + isa + "'.");
}

}  // namespace concord
