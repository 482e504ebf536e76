// Reads one options object from JavaScript: numbers, and typed arrays as pointers whose lengths are
// checked. The out_ functions read arrays that a kernel writes. no_overlap() then refuses arrays
// that share memory with those.
#pragma once
#include <napi.h>

#include <cfloat>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "concord/error.hpp"
#include "memory_use.hpp"

namespace concord::node {

struct Memory {
  char* data;
  std::size_t bytes;
  int element_bytes;
};

class Arguments {
 public:
  Arguments(const char* kernel, Napi::Object object)
      : kernel_(kernel), object_(object), use_(std::make_shared<MemoryUse>()) {}

  Napi::Object object() const { return object_; }

  bool has(const char* name) const {
    const Napi::Value value = object_.Get(name);
    return !value.IsUndefined() && !value.IsNull();
  }

  double number(const char* name) const {
    const Napi::Value value = object_.Get(name);
    if (!value.IsNumber()) refuse(name, "a number", "something else");
    return value.As<Napi::Number>().DoubleValue();
  }

  float real(const char* name) const { return static_cast<float>(number(name)); }

  /// Kernels count in 32-bit integers. A dimension up to this leaves room for padding and a few
  /// bytes per element.
  static constexpr int kMost = 1 << 29;

  /// A whole number from 0 to kMost.
  int integer(const char* name) const { return static_cast<int>(whole(name, 0, kMost)); }

  /// A whole number from 1 to kMost.
  int positive(const char* name) const { return static_cast<int>(whole(name, 1, kMost)); }

  /// A position in a stream or a count of elements: a whole number from 0 to 2^53.
  std::uint64_t position(const char* name) const { return whole(name, 0, 1ull << 53); }

  /// A whole number from 0 to 2^32 - 1.
  std::uint32_t word(const char* name) const { return static_cast<std::uint32_t>(whole(name, 0, UINT32_MAX)); }

  bool flag(const char* name) const { return object_.Get(name).ToBoolean().Value(); }

  std::string text(const char* name) const {
    const Napi::Value value = object_.Get(name);
    if (!value.IsString()) refuse(name, "a string", "something else");
    return value.As<Napi::String>().Utf8Value();
  }

  Arguments nested(const char* name) const { return object_of(name, object_.Get(name)); }

  /// An array of objects, each read under `name`.
  std::vector<Arguments> objects(const char* name) const {
    std::vector<Arguments> all;
    for (const Napi::Value& value : list(name, "an array of objects")) all.push_back(object_of(name, value));
    return all;
  }

  const float* floats(const char* name, std::size_t at_least) const {
    return static_cast<const float*>(array(name, kFloats, at_least, false));
  }
  const double* doubles(const char* name, std::size_t at_least) const {
    return static_cast<const double*>(array(name, kDoubles, at_least, false));
  }
  const std::int32_t* ints(const char* name, std::size_t at_least) const {
    return static_cast<const std::int32_t*>(array(name, kInts, at_least, false));
  }
  const std::uint8_t* bytes(const char* name, std::size_t at_least) const {
    return static_cast<const std::uint8_t*>(array(name, kBytes, at_least, false));
  }
  const float* optional_floats(const char* name, std::size_t at_least) const {
    return has(name) ? floats(name, at_least) : nullptr;
  }

  float* out_floats(const char* name, std::size_t at_least) const {
    return static_cast<float*>(array(name, kFloats, at_least, true));
  }
  double* out_doubles(const char* name, std::size_t at_least) const {
    return static_cast<double*>(array(name, kDoubles, at_least, true));
  }
  std::int32_t* out_ints(const char* name, std::size_t at_least) const {
    return static_cast<std::int32_t*>(array(name, kInts, at_least, true));
  }
  std::uint8_t* out_bytes(const char* name, std::size_t at_least) const {
    return static_cast<std::uint8_t*>(array(name, kBytes, at_least, true));
  }
  float* optional_out_floats(const char* name, std::size_t at_least) const {
    return has(name) ? out_floats(name, at_least) : nullptr;
  }

  void may_be_one(const void* a, const void* b) const { use_->allow(a, b); }
  void no_overlap() const { use_->no_overlap(kernel_); }

  /// The offsets of `rows` lists, [rows + 1], which start at 0 and never fall. The last is the
  /// total length.
  const std::int32_t* offsets(const char* name, std::size_t rows) const {
    const std::int32_t* indptr = ints(name, rows + 1);
    bool good = indptr[0] == 0;
    for (std::size_t i = 0; i < rows; i++) good &= indptr[i] <= indptr[i + 1];
    if (!good) refuse(name, "offsets that begin with 0 and never fall", "others");
    return indptr;
  }

  /// n numbers of 0 .. below - 1.
  const std::int32_t* indices(const char* name, std::size_t n, std::size_t below) const {
    const std::int32_t* index = ints(name, n);
    std::size_t bad = n;
    for (std::size_t i = n; i-- > 0;)
      if (index[i] < 0 || static_cast<std::size_t>(index[i]) >= below) bad = i;
    if (bad < n) refuse(name, "numbers below " + std::to_string(below), std::to_string(index[bad]));
    return index;
  }

  /// `index`, n numbers of 0 .. below - 1; refused when two are equal.
  const std::int32_t* distinct(const char* name, const std::int32_t* index, std::size_t n, std::size_t below) const {
    std::vector<bool> seen(below);
    for (std::size_t i = 0; i < n; i++) {
      if (seen[index[i]]) refuse(name, "numbers that differ", std::to_string(index[i]) + " twice");
      seen[index[i]] = true;
    }
    return index;
  }

  /// Numbers that are finite and not negative.
  const float* weights(const char* name, std::size_t n) const {
    const float* weight = floats(name, n);
    for (std::size_t i = 0; i < n; i++)
      if (!(weight[i] >= 0.0f && weight[i] <= FLT_MAX))
        refuse(name, "finite numbers, none below zero", std::to_string(weight[i]));
    return weight;
  }

  /// A typed array of any kind, as memory.
  Memory memory(const char* name) const { return used(name, view_of(name, object_.Get(name)).memory, false); }
  Memory out_memory(const char* name) const { return used(name, view_of(name, object_.Get(name)).memory, true); }

  /// An array of typed arrays.
  std::vector<Memory> memories(const char* name) const { return used_memories(name, false); }
  std::vector<Memory> out_memories(const char* name) const { return used_memories(name, true); }

  /// An array of Float32Arrays.
  std::vector<Memory> float_memories(const char* name) const {
    std::vector<Memory> all;
    for (const Napi::Value& value : list(name, "an array of Float32Arrays")) {
      const View view = view_of(name, value);
      if (view.type != kFloats.type) refuse(name, "an array of Float32Arrays", "another typed array");
      all.push_back(used(name, view.memory, false));
    }
    return all;
  }

  /// The number of elements of a typed array.
  std::size_t length(const char* name) const {
    const Memory memory = view_of(name, object_.Get(name)).memory;
    return memory.bytes / static_cast<std::size_t>(memory.element_bytes);
  }

  [[noreturn]] void refuse(const char* name, const std::string& expected, const std::string& received) const {
    throw Error("shape/mismatch", std::string("[") + kernel_ + "] Expected " + expected + " for " + name +
                                      " but received " + received + ".");
  }

 private:
  struct Kind {
    napi_typedarray_type type;
    const char* name;
  };
  static constexpr Kind kFloats{napi_float32_array, "Float32Array"}, kDoubles{napi_float64_array, "Float64Array"},
      kInts{napi_int32_array, "Int32Array"}, kBytes{napi_uint8_array, "Uint8Array"};

  struct View {
    Memory memory;
    napi_typedarray_type type;
  };

  std::uint64_t whole(const char* name, std::uint64_t least, std::uint64_t most) const {
    const double value = number(name);
    if (!(value >= static_cast<double>(least) && value <= static_cast<double>(most)) || std::floor(value) != value)
      refuse(name, "an integer from " + std::to_string(least) + " to " + std::to_string(most), std::to_string(value));
    return static_cast<std::uint64_t>(value);
  }

  Arguments object_of(const char* name, const Napi::Value& value) const {
    if (!value.IsObject()) refuse(name, "an object", "something else");
    Arguments inner{kernel_, value.As<Napi::Object>()};
    inner.use_ = use_;
    return inner;
  }

  std::vector<Napi::Value> list(const char* name, const char* expected) const {
    const Napi::Value value = object_.Get(name);
    if (!value.IsArray()) refuse(name, expected, "something else");
    const Napi::Array array = value.As<Napi::Array>();
    std::vector<Napi::Value> all;
    for (std::uint32_t i = 0; i < array.Length(); i++) all.push_back(array.Get(i));
    return all;
  }

  Memory used(const char* name, const Memory& memory, bool written) const {
    use_->add(name, memory.data, memory.bytes, written);
    return memory;
  }

  std::vector<Memory> used_memories(const char* name, bool written) const {
    std::vector<Memory> all;
    for (const Napi::Value& value : list(name, "an array of typed arrays"))
      all.push_back(used(name, view_of(name, value).memory, written));
    return all;
  }

  View view_of(const char* name, const Napi::Value& value) const {
    napi_typedarray_type type;
    std::size_t length = 0;
    void* data = nullptr;
    // The C call, because it also accepts arrays over SharedArrayBuffers.
    if (!value.IsTypedArray() ||
        napi_get_typedarray_info(value.Env(), value, &type, &length, &data, nullptr, nullptr) != napi_ok)
      refuse(name, "a typed array", "something else");
    int size = 1;
    if (type == napi_int16_array || type == napi_uint16_array) size = 2;
    if (type == napi_int32_array || type == napi_uint32_array || type == napi_float32_array) size = 4;
    if (type == napi_float64_array || type == napi_bigint64_array || type == napi_biguint64_array) size = 8;
    return {{static_cast<char*>(data), length * static_cast<std::size_t>(size), size}, type};
  }

  /// Zero for `at_least` means the whole array, whatever its length.
  void* array(const char* name, const Kind& kind, std::size_t at_least, bool written) const {
    const View view = view_of(name, object_.Get(name));
    if (view.type != kind.type) refuse(name, kind.name, "another typed array");
    const std::size_t element = static_cast<std::size_t>(view.memory.element_bytes),
                      length = view.memory.bytes / element;
    if (length < at_least)
      refuse(name, std::string(kind.name) + " of at least " + std::to_string(at_least) + " elements",
             std::to_string(length) + " elements");
    use_->add(name, view.memory.data, (at_least > 0 ? at_least : length) * element, written);
    return view.memory.data;
  }

  const char* kernel_;
  Napi::Object object_;
  std::shared_ptr<MemoryUse> use_;
};

}  // namespace concord::node
