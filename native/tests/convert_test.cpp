// Every 16-bit number becomes the float32 it stands for and comes back as itself. Rounding is to
// nearest, ties to even. Rows are found wherever they lie. The checksum is XXH32.
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "check.hpp"

using namespace concord;

namespace {

/// The value of IEEE float16 bits, or of bfloat16 bits, from the definition of the format.
double value_of(Stored type, unsigned bits) {
  const int fraction_bits = type == Stored::float16 ? 10 : 7, bias = type == Stored::float16 ? 15 : 127;
  const int exponents = type == Stored::float16 ? 31 : 255;
  const int exponent = static_cast<int>(bits >> fraction_bits) & exponents;
  const double fraction = std::ldexp(static_cast<double>(bits & ((1u << fraction_bits) - 1)), -fraction_bits);
  const double sign = bits >> 15 ? -1 : 1;
  if (exponent == exponents) return fraction == 0 ? sign * std::numeric_limits<double>::infinity() : std::nan("");
  return exponent == 0 ? sign * std::ldexp(fraction, 1 - bias) : sign * std::ldexp(1 + fraction, exponent - bias);
}

bool same(float a, double b) {
  return std::isnan(b) ? std::isnan(a) : static_cast<double>(a) == b && std::signbit(a) == std::signbit(b);
}

void every_number(const Kernels& kernels, ThreadPool& pool, Stored type, const std::string& name) {
  constexpr int kAll = 1 << 16;
  std::vector<std::uint16_t> bits(kAll), back(kAll);
  for (int i = 0; i < kAll; i++) bits[i] = static_cast<std::uint16_t>(i);
  std::vector<float> wide(kAll);
  char* const chunks[] = {reinterpret_cast<char*>(bits.data())};
  WidenRows widen{{chunks, 1}, type, kAll, nullptr, 0, 1, wide.data()};
  kernels.widen_rows(widen, pool);
  int wrong = 0;
  for (int i = 0; i < kAll; i++) wrong += !same(wide[i], value_of(type, i));
  check::that(wrong == 0, (name + ": all 65536 numbers widen exactly").c_str());

  Narrow narrow{wide.data(), kAll, type, back.data(), 0};
  kernels.narrow(narrow, pool);
  wrong = 0;
  for (int i = 0; i < kAll; i++)
    wrong += std::isnan(wide[i]) ? !std::isnan(value_of(type, back[i])) : back[i] != bits[i];
  check::that(wrong == 0, (name + ": all 65536 numbers narrow to themselves").c_str());
  const int infinity = type == Stored::float16 ? 0x7c00 : 0x7f80;
  check::that(narrow.bad == infinity, (name + ": the first that cannot be stored is infinity").c_str());

  // Between every two neighbours: the middle goes to the even one, anything off it to the nearer
  // one.
  wrong = 0;
  std::vector<float> between;
  std::vector<int> wanted;
  for (int low = 0; low < infinity; low++) {
    const bool top = low + 1 == infinity;  // What would be the next number if the exponents went on.
    const double above =
        top ? value_of(type, low) + std::ldexp(1.0, type == Stored::float16 ? 5 : 120) : value_of(type, low + 1);
    const double middle = (value_of(type, low) + above) / 2;
    const auto tie = static_cast<float>(middle);
    for (const float x : {std::nextafterf(tie, 0), tie, std::nextafterf(tie, 1e38f)}) {
      between.push_back(x);
      wanted.push_back(x < tie ? low : x > tie ? low + 1 : low + (low & 1));
    }
  }
  std::vector<std::uint16_t> rounded(between.size());
  for (const float sign : {1.0f, -1.0f}) {
    for (float& x : between) x = std::copysign(x, sign);
    Narrow again{between.data(), static_cast<long>(between.size()), type, rounded.data(), 0};
    kernels.narrow(again, pool);
    for (std::size_t i = 0; i < between.size(); i++) wrong += rounded[i] != (wanted[i] | (sign < 0 ? 0x8000 : 0));
  }
  check::that(wrong == 0, (name + ": rounding to nearest, ties to even").c_str());
}

void rows_anywhere(const Kernels& kernels, ThreadPool& pool, const std::string& name) {
  for (const int columns : {1, 3, 16, 17, 100}) {
    constexpr int kRows = 1000, kPerChunk = 300;
    std::vector<std::uint16_t> staged(static_cast<std::size_t>(kRows) * columns), stored(staged.size());
    for (std::size_t i = 0; i < staged.size(); i++) staged[i] = static_cast<std::uint16_t>(i % 31744);
    std::vector<char*> chunks;
    for (int first = 0; first < kRows; first += kPerChunk)
      chunks.push_back(reinterpret_cast<char*>(stored.data() + first * columns));
    const RowChunks where{chunks.data(), kPerChunk};
    std::vector<int> index(kRows);
    for (int i = 0; i < kRows; i++) index[i] = i * 7 % kRows;
    PlaceRows place{reinterpret_cast<char*>(staged.data()), where, 2u * columns, index.data(), kRows};
    kernels.place_rows(place, pool);
    std::vector<float> out(staged.size());
    WidenRows widen{where, Stored::float16, columns, index.data(), 0, kRows, out.data()};
    kernels.widen_rows(widen, pool);
    int wrong = 0;
    for (std::size_t i = 0; i < out.size(); i++) wrong += !same(out[i], value_of(Stored::float16, staged[i]));
    check::that(wrong == 0, (name + ": rows come back from where they were placed").c_str());
    WidenRows in_order{where, Stored::float16, columns, nullptr, 7, kRows - 7, out.data()};
    kernels.widen_rows(in_order, pool);
    wrong = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(kRows - 7) * columns; i++)
      wrong += !same(out[i], value_of(Stored::float16, stored[i + 7 * columns]));
    check::that(wrong == 0, (name + ": rows in order cross the chunks").c_str());
  }
}

void checksums() {
  const auto of = [](const std::vector<unsigned char>& bytes, std::uint32_t seed) {
    Checksum k{bytes.data(), bytes.size(), seed, 0};
    checksum(k);
    return k.value;
  };
  check::that(of({}, 0) == 0x02cc5d05u, "XXH32 of nothing");
  check::that(of({'a'}, 0) == 0x550d7456u, "XXH32 of a byte");
  check::that(of({'a', 'b', 'c'}, 0) == 0x32d153ffu, "XXH32 of abc");
  const std::string text = "Nobody inspects the spammish repetition";
  check::that(of({text.begin(), text.end()}, 0) == 0xe2293b2fu, "XXH32 of a sentence");
}

}  // namespace

int main() {
  check::each_isa([](const Kernels& kernels) {
    for (const int threads : {1, 3}) {
      ThreadPool pool(threads);
      const std::string name = std::string(kernels.isa) + ", " + std::to_string(threads) + " threads";
      every_number(kernels, pool, Stored::float16, name + ", float16");
      every_number(kernels, pool, Stored::bfloat16, name + ", bfloat16");
      rows_anywhere(kernels, pool, name);
    }
  });
  checksums();
  return check::summary("convert_test");
}
