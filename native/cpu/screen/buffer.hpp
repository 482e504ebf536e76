// Memory of a kernel that does not come from the pool.
#pragma once
#include <cstdlib>

#include "concord/error.hpp"
#include "packed.hpp"

namespace concord::CONCORD_ISA {

/// Memory that is freed at the end of a scope.
template <class T>
struct Buffer {
  T* data;
  explicit Buffer(std::size_t count)
      : data(static_cast<T*>(std::aligned_alloc(64, whole_lines((count ? count : 1) * sizeof(T))))) {
    if (!data) fail("backend/failed", "Out of memory.");
  }
  ~Buffer() { std::free(data); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  T& operator[](std::size_t i) { return data[i]; }
};

}  // namespace concord::CONCORD_ISA
