// Conversion of stored rows to float32 and back.
#include "concord/convert.hpp"

#include "../half.hpp"
#include "declarations.hpp"

namespace concord::CONCORD_ISA {

namespace {

/// Numbers per task: enough to hide the overhead of scheduling it.
constexpr long kTask = 1 << 14;

/// Rows fetched ahead while one is converted. A hardware prefetcher cannot guess where the next row
/// starts, but follows a row once it is being read. Only the first part of long rows is therefore
/// fetched ahead.
constexpr int kRowsAhead = 2;
constexpr std::size_t kPrefetchBytes = 4096;

const char* row_at(const RowChunks& rows, std::size_t row_bytes, long row) {
  return rows.chunks[row / rows.rows_per_chunk] + static_cast<std::size_t>(row % rows.rows_per_chunk) * row_bytes;
}

void prefetch_bytes(const char* p, std::size_t n) {
  for (std::size_t i = 0; i < n && i < kPrefetchBytes; i += 64) __builtin_prefetch(p + i, 0, 2);
}

/// out[0 .. n) = the converted numbers of `from`, kLanes at a time; the last ones go through a
/// padded copy.
template <class In, class Out, class Convert>
inline void convert_all(const In* from, Out* out, long n, Convert convert) {
  long j = 0;
  for (; j + kLanes <= n; j += kLanes) convert(from + j, out + j);
  if (j == n) return;
  In last[kLanes] = {};
  Out converted[kLanes];
  std::memcpy(last, from + j, static_cast<std::size_t>(n - j) * sizeof(In));
  convert(last, converted);
  std::memcpy(out + j, converted, static_cast<std::size_t>(n - j) * sizeof(Out));
}

void widen(Stored type, const char* from, float* out, long n) {
  const auto* halves = reinterpret_cast<const std::uint16_t*>(from);
  if (type == Stored::float16)
    convert_all(halves, out, n, [](const std::uint16_t* h, float* o) { store(o, widen_float16(load_halves(h))); });
  else if (type == Stored::bfloat16)
    convert_all(halves, out, n, [](const std::uint16_t* h, float* o) { store(o, widen_bfloat16(load_halves(h))); });
  else std::memcpy(out, from, static_cast<std::size_t>(n) * sizeof(float));
}

void narrow_to(Stored type, const float* x, char* out, long n) {
  auto* halves = reinterpret_cast<std::uint16_t*>(out);
  if (type == Stored::float16)
    convert_all(x, halves, n, [](const float* f, std::uint16_t* h) { store_halves(h, narrow_float16(load(f))); });
  else if (type == Stored::bfloat16)
    convert_all(x, halves, n, [](const float* f, std::uint16_t* h) { store_halves(h, narrow_bfloat16(load(f))); });
  else std::memcpy(out, x, static_cast<std::size_t>(n) * sizeof(float));
}

float largest(Stored type) {
  switch (type) {
    case Stored::float16:
      return 65504.0f;
    case Stored::bfloat16:
      return 0x1.fep127f;
    default:
      return 0x1.fffffep127f;
  }
}

/// The first of n numbers that is not between -limit and limit, or -1. NaN counts as not between
/// them.
long first_beyond(const float* x, long n, float limit) {
  constexpr long kPart = 256;
  for (long part = 0; part < n; part += kPart) {
    const long end = part + kPart < n ? part + kPart : n;
    int beyond = 0;
    for (long i = part; i < end; i++) beyond |= !(std::fabs(x[i]) <= limit);
    if (!beyond) continue;
    for (long i = part; i < end; i++)
      if (!(std::fabs(x[i]) <= limit)) return i;
  }
  return -1;
}

}  // namespace

void widen_rows(WidenRows& a, ThreadPool& pool) {
  const std::size_t row_bytes = static_cast<std::size_t>(a.columns) * stored_bytes(a.type);
  const long rows = a.columns < kTask ? kTask / a.columns : 1;
  const auto source = [&](long i) { return row_at(a.rows, row_bytes, a.index ? a.index[i] : a.first + i); };
  pool.for_each(chunk_count(a.count, rows), [&](int chunk, int) {
    const long first = chunk * rows, last = first + rows < a.count ? first + rows : a.count;
    for (long i = first; i < first + kRowsAhead && i < last; i++) prefetch_bytes(source(i), row_bytes);
    for (long i = first; i < last; i++) {
      if (i + kRowsAhead < last) prefetch_bytes(source(i + kRowsAhead), row_bytes);
      widen(a.type, source(i), a.out + static_cast<std::size_t>(i) * a.columns, a.columns);
    }
  });
}

void place_rows(PlaceRows& a, ThreadPool& pool) {
  const auto size = static_cast<long>(a.row_bytes);
  const long rows = size < kTask ? kTask / size : 1;
  pool.for_each(chunk_count(a.count, rows), [&](int chunk, int) {
    const long first = chunk * rows, last = first + rows < a.count ? first + rows : a.count;
    for (long i = first; i < last; i++)
      std::memcpy(const_cast<char*>(row_at(a.rows, a.row_bytes, a.index[i])),
                  a.from + static_cast<std::size_t>(i) * a.row_bytes, a.row_bytes);
  });
}

void narrow(Narrow& a, ThreadPool& pool) {
  const int chunks = chunk_count(a.n, kTask);
  auto* bad = new long[chunks];
  struct Guard {
    long* memory;
    ~Guard() { delete[] memory; }
  } guard{bad};
  pool.for_each(chunks, [&](int chunk, int) {
    const long first = chunk * kTask, n = first + kTask < a.n ? kTask : a.n - first;
    bad[chunk] = first_beyond(a.x + first, n, largest(a.type));
    if (bad[chunk] >= 0) bad[chunk] += first;
    if (a.out) narrow_to(a.type, a.x + first, static_cast<char*>(a.out) + first * stored_bytes(a.type), n);
  });
  a.bad = -1;
  for (int chunk = 0; chunk < chunks && a.bad < 0; chunk++) a.bad = bad[chunk];
}

}  // namespace concord::CONCORD_ISA
