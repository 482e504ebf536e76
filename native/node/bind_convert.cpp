// Bindings of concord/convert.hpp.
#include <napi.h>

#include <memory>
#include <vector>

#include "state.hpp"
#include "task.hpp"

namespace concord::node {

namespace {

Stored read_stored(const Arguments& args) {
  const std::string name = args.text("dtype");
  if (name == "float16") return Stored::float16;
  if (name == "bfloat16") return Stored::bfloat16;
  if (name == "float32") return Stored::float32;
  throw Error("argument/invalid", "Expected dtype to be float16, bfloat16 or float32 but received " + name + ".");
}

/// Rows in chunks, and the pointers that RowChunks points to.
struct Rows {
  std::vector<char*> pointers;
  long per_chunk = 0;
  /// The number of rows in the chunks. All chunks but the last must be full.
  long count = 0;

  Rows(const Arguments& args, const char* kernel, std::size_t row_bytes, const std::vector<Memory>& chunks)
      : per_chunk(args.positive("rowsPerChunk")) {
    for (std::size_t i = 0; i < chunks.size(); i++) {
      const long rows = static_cast<long>(chunks[i].bytes / row_bytes);
      if (rows < per_chunk && i + 1 < chunks.size())
        throw Error("shape/mismatch", std::string("[") + kernel + "] Chunk " + std::to_string(i) + " holds " +
                                          std::to_string(rows) + " rows, not " + std::to_string(per_chunk) + ".");
      count += rows < per_chunk ? rows : per_chunk;
      pointers.push_back(chunks[i].data);
    }
  }

  RowChunks chunks() { return {pointers.data(), per_chunk}; }
};

Plan widen_rows(const Arguments& args) {
  WidenRows k{};
  k.type = read_stored(args);
  k.columns = args.positive("columns");
  const std::size_t row_bytes = static_cast<std::size_t>(k.columns) * stored_bytes(k.type);
  auto rows = std::make_shared<Rows>(args, "widenRows", row_bytes, args.memories("chunks"));
  k.rows = rows->chunks();
  k.count = args.integer("count");
  k.out = args.out_floats("out", static_cast<std::size_t>(k.count) * k.columns);
  if (args.has("index")) {
    k.index = args.indices("index", k.count, static_cast<std::size_t>(rows->count));
  } else {
    k.first = args.has("first") ? args.integer("first") : 0;
    if (k.first > rows->count - k.count)
      throw Error("shape/mismatch", "[widenRows] Expected up to " + std::to_string(rows->count) +
                                        " rows but received " + std::to_string(k.first + k.count) + ".");
  }
  return {[k, rows]() mutable { kernels().widen_rows(k, pool()); }, {}};
}

Plan place_rows(const Arguments& args) {
  PlaceRows k{};
  k.count = args.integer("count");
  const Memory from = args.memory("from");
  k.from = from.data;
  k.row_bytes = static_cast<std::size_t>(args.positive("columns")) * from.element_bytes;
  if (from.bytes < k.row_bytes * static_cast<std::size_t>(k.count))
    throw Error("shape/mismatch", "[placeRows] Expected " + std::to_string(k.count) + " rows of " +
                                      std::to_string(k.row_bytes) + " bytes in from but received " +
                                      std::to_string(from.bytes) + " bytes.");
  auto rows = std::make_shared<Rows>(args, "placeRows", k.row_bytes, args.out_memories("chunks"));
  k.rows = rows->chunks();
  const std::size_t count = static_cast<std::size_t>(rows->count);
  k.index = args.distinct("index", args.indices("index", k.count, count), k.count, count);
  return {[k, rows]() mutable { kernels().place_rows(k, pool()); }, {}};
}

Plan narrow(const Arguments& args) {
  auto k = std::make_shared<Narrow>();
  k->type = read_stored(args);
  k->x = args.floats("x", 0);
  k->n = static_cast<long>(args.length("x"));
  if (args.has("out")) {
    const Memory out = args.out_memory("out");
    if (out.element_bytes != stored_bytes(k->type) ||
        out.bytes < static_cast<std::size_t>(k->n) * stored_bytes(k->type))
      throw Error("shape/mismatch", "[narrow] Expected " + std::to_string(k->n) + " numbers of " +
                                        std::to_string(stored_bytes(k->type)) + " bytes for out but received " +
                                        std::to_string(out.bytes) + " bytes.");
    k->out = out.data;
  }
  return {[k] { kernels().narrow(*k, pool()); },
          [k](Napi::Env env) -> Napi::Value { return Napi::Number::New(env, static_cast<double>(k->bad)); }};
}

Plan checksum_of(const Arguments& args) {
  auto k = std::make_shared<Checksum>();
  const Memory bytes = args.memory("bytes");
  k->bytes = reinterpret_cast<const unsigned char*>(bytes.data);
  k->n = bytes.bytes;
  return {[k] { checksum(*k); }, [k](Napi::Env env) -> Napi::Value { return Napi::Number::New(env, k->value); }};
}

}  // namespace

void export_convert(Napi::Env env, Napi::Object exports) {
  export_kernel(env, exports, "widenRows", widen_rows);
  export_kernel(env, exports, "placeRows", place_rows);
  export_kernel(env, exports, "narrow", narrow);
  export_kernel(env, exports, "checksum", checksum_of);
}

}  // namespace concord::node
