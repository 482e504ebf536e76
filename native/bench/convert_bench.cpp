// Stored rows at random to float32, stored rows to random places, and their checksum: convert_bench
// [d_in] [threads] [isa]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <vector>

#include "../tests/check.hpp"

using namespace concord;

static double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int main(int argc, char** argv) {
  const int d = argc > 1 ? std::atoi(argv[1]) : 768, threads = argc > 2 ? std::atoi(argv[2]) : 2;
  const Kernels& kernels = kernels_for(argc > 3 ? argv[3] : nullptr);
  ThreadPool pool(threads);
  const int rows = 1 << 17, batch = 4096, block = 2048;
  const std::size_t row_bytes = static_cast<std::size_t>(d) * 2;
  auto* memory = static_cast<char*>(std::aligned_alloc(64, rows * row_bytes));
  std::memset(memory, 0x33, rows * row_bytes);
  std::vector<char> staged(block * row_bytes, 0x34);
  std::vector<float> out(static_cast<std::size_t>(batch) * d), back(out.size());
  std::vector<int> order(rows);
  std::iota(order.begin(), order.end(), 0);
  check::Numbers numbers{1};
  for (int i = rows - 1; i > 0; i--) std::swap(order[i], order[static_cast<int>(numbers.uniform() * (i + 1))]);
  char* const chunks[] = {memory};
  const RowChunks where{chunks, rows};

  const auto time = [&](const char* name, double bytes, auto work) {
    std::vector<double> ms;
    for (int repeat = 0; repeat < 31; repeat++) {
      const double start = now_ms();
      for (int i = 0; i < 8; i++) work((repeat * 8 + i) % (rows / batch));
      ms.push_back((now_ms() - start) / 8);
    }
    std::sort(ms.begin(), ms.end());
    std::printf("%-34s min %6.2f median %6.2f GB/s of stored bytes\n", name, bytes / ms[15] / 1e6 * ms[15] / ms[0],
                bytes / ms[15] / 1e6);
  };
  std::printf("%s, %d threads, d_in %d\n", kernels.isa, threads, d);
  for (const Stored type : {Stored::float16, Stored::bfloat16}) {
    const char* name = type == Stored::float16 ? "widen random float16 rows" : "widen random bfloat16 rows";
    time(name, batch * row_bytes, [&](int i) {
      WidenRows k{where, type, d, order.data() + static_cast<long>(i) * batch, 0, batch, out.data()};
      kernels.widen_rows(k, pool);
    });
  }
  time("widen float16 rows in order", batch * row_bytes, [&](int i) {
    WidenRows k{where, Stored::float16, d, nullptr, static_cast<long>(i) * batch, batch, out.data()};
    kernels.widen_rows(k, pool);
  });
  time("place rows at random", block * row_bytes, [&](int i) {
    PlaceRows k{staged.data(), where, row_bytes, order.data() + static_cast<long>(i) * block, block};
    kernels.place_rows(k, pool);
  });
  time("narrow to float16", batch * row_bytes, [&](int) {
    Narrow k{out.data(), static_cast<long>(batch) * d, Stored::float16, back.data(), 0};
    kernels.narrow(k, pool);
  });
  time("check float16 range", batch * row_bytes, [&](int) {
    Narrow k{out.data(), static_cast<long>(batch) * d, Stored::float16, nullptr, 0};
    kernels.narrow(k, pool);
  });
  time("checksum of a block", block * row_bytes, [&](int) {
    Checksum k{reinterpret_cast<const unsigned char*>(staged.data()), staged.size(), 0, 0};
    checksum(k);
  });
  std::free(memory);
}
