// Reading one options object from JavaScript: typed arrays as pointers with their lengths checked, numbers as what they are.
#pragma once
#include <napi.h>

#include <cstdint>
#include <string>
#include <vector>

#include "concord/error.hpp"

namespace concord::node {

struct Memory {
  char* data;
  std::size_t bytes;
  int element_bytes;
};

class Arguments {
 public:
  Arguments(const char* kernel, Napi::Object object) : kernel_(kernel), object_(object) {}

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

  /// A whole number from 0 to 2^31 - 1.
  int integer(const char* name) const {
    const double value = number(name);
    if (!(value >= 0 && value <= INT32_MAX && value == static_cast<double>(static_cast<std::int32_t>(value))))
      refuse(name, "an integer from 0 to 2147483647", std::to_string(value));
    return static_cast<int>(value);
  }

  bool flag(const char* name) const { return object_.Get(name).ToBoolean().Value(); }

  std::string text(const char* name) const {
    const Napi::Value value = object_.Get(name);
    if (!value.IsString()) refuse(name, "a string", "something else");
    return value.As<Napi::String>().Utf8Value();
  }

  Arguments nested(const char* name) const {
    const Napi::Value value = object_.Get(name);
    if (!value.IsObject()) refuse(name, "an object", "something else");
    return {kernel_, value.As<Napi::Object>()};
  }

  float* floats(const char* name, std::size_t at_least) const {
    return static_cast<float*>(array(name, napi_float32_array, "Float32Array", at_least));
  }
  double* doubles(const char* name, std::size_t at_least) const {
    return static_cast<double*>(array(name, napi_float64_array, "Float64Array", at_least));
  }
  std::int32_t* ints(const char* name, std::size_t at_least) const {
    return static_cast<std::int32_t*>(array(name, napi_int32_array, "Int32Array", at_least));
  }
  std::uint16_t* halves(const char* name, std::size_t at_least) const {
    return static_cast<std::uint16_t*>(array(name, napi_uint16_array, "Uint16Array", at_least));
  }
  std::uint8_t* bytes(const char* name, std::size_t at_least) const {
    return static_cast<std::uint8_t*>(array(name, napi_uint8_array, "Uint8Array", at_least));
  }
  float* optional_floats(const char* name, std::size_t at_least) const {
    return has(name) ? floats(name, at_least) : nullptr;
  }

  /// The offsets of `rows` lists, [rows + 1]: from 0 on and never falling. The last is how long the lists are together.
  std::int32_t* offsets(const char* name, std::size_t rows) const {
    std::int32_t* indptr = ints(name, rows + 1);
    bool good = indptr[0] == 0;
    for (std::size_t i = 0; i < rows; i++) good &= indptr[i] <= indptr[i + 1];
    if (!good) refuse(name, "offsets that begin with 0 and never fall", "others");
    return indptr;
  }

  /// n numbers of 0 .. below - 1.
  std::int32_t* indices(const char* name, std::size_t n, std::size_t below) const {
    std::int32_t* index = ints(name, n);
    std::size_t bad = n;
    for (std::size_t i = n; i-- > 0;)
      if (index[i] < 0 || static_cast<std::size_t>(index[i]) >= below) bad = i;
    if (bad < n) refuse(name, "numbers below " + std::to_string(below), std::to_string(index[bad]));
    return index;
  }

  /// A typed array of any kind, as the memory it takes.
  Memory memory(const char* name) const { return memory_of(name, object_.Get(name)); }

  /// An array of typed arrays.
  std::vector<Memory> memories(const char* name) const {
    const Napi::Value value = object_.Get(name);
    if (!value.IsArray()) refuse(name, "an array of typed arrays", "something else");
    const Napi::Array list = value.As<Napi::Array>();
    std::vector<Memory> all;
    for (std::uint32_t i = 0; i < list.Length(); i++) all.push_back(memory_of(name, list.Get(i)));
    return all;
  }

  std::size_t length(const char* name) const {
    return object_.Get(name).As<Napi::TypedArray>().ElementLength();
  }

 private:
  Memory memory_of(const char* name, const Napi::Value& value) const {
    napi_typedarray_type type;
    std::size_t length = 0;
    void* data = nullptr;
    if (!value.IsTypedArray() ||
        napi_get_typedarray_info(value.Env(), value, &type, &length, &data, nullptr, nullptr) != napi_ok)
      refuse(name, "a typed array", "something else");
    int size = 1;
    if (type == napi_int16_array || type == napi_uint16_array) size = 2;
    if (type == napi_int32_array || type == napi_uint32_array || type == napi_float32_array) size = 4;
    if (type == napi_float64_array || type == napi_bigint64_array || type == napi_biguint64_array) size = 8;
    return {static_cast<char*>(data), length * static_cast<std::size_t>(size), size};
  }

  void* array(const char* name, napi_typedarray_type type, const char* type_name, std::size_t at_least) const {
    const Napi::Value value = object_.Get(name);
    if (!value.IsTypedArray()) refuse(name, type_name, "something else");
    napi_typedarray_type actual;
    std::size_t length = 0;
    void* data = nullptr;
    // The C call, because it also accepts arrays over SharedArrayBuffers.
    if (napi_get_typedarray_info(value.Env(), value, &actual, &length, &data, nullptr, nullptr) != napi_ok ||
        actual != type)
      refuse(name, type_name, "another typed array");
    if (length < at_least)
      refuse(name, std::string(type_name) + " of at least " + std::to_string(at_least) + " elements",
             std::to_string(length) + " elements");
    return data;
  }

  [[noreturn]] void refuse(const char* name, const std::string& expected, const std::string& received) const {
    throw Error("shape/mismatch",
                std::string("[") + kernel_ + "] Expected " + expected + " for " + name + " but received " + received + ".");
  }

  const char* kernel_;
  Napi::Object object_;
};

}  // namespace concord::node
