// The memory that one call of a kernel reads and writes, to refuse arrays that overlap.
#pragma once
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "concord/error.hpp"

namespace concord::node {

/// The memory of every array named by one call.
class MemoryUse {
 public:
  void add(const char* name, const void* data, std::size_t bytes, bool written) {
    const char* begin = static_cast<const char*>(data);
    if (bytes > 0) uses_.push_back({name, begin, begin + bytes, written});
  }

  /// Allows these two to be one array: the kernel works in place.
  void allow(const void* a, const void* b) { allowed_.emplace_back(a, b); }

  /// Throws Error("shape/mismatch") when an array that is written shares memory with another one.
  void no_overlap(const char* kernel) const {
    for (std::size_t i = 0; i < uses_.size(); i++)
      for (std::size_t j = 0; j < i; j++) {
        const Use &a = uses_[j], &b = uses_[i];
        if ((!a.written && !b.written) || a.begin >= b.end || b.begin >= a.end || is_allowed(a, b)) continue;
        throw Error("shape/mismatch", std::string("[") + kernel + "] Expected arrays that share no memory, but " +
                                          a.name + " and " + b.name + " overlap.");
      }
  }

 private:
  struct Use {
    const char* name;
    const char *begin, *end;
    bool written;
  };

  bool is_allowed(const Use& a, const Use& b) const {
    if (a.begin != b.begin || a.end != b.end) return false;
    for (const auto& [one, other] : allowed_)
      if (a.begin == one && a.begin == other) return true;
    return false;
  }

  std::vector<Use> uses_;
  std::vector<std::pair<const void*, const void*>> allowed_;
};

}  // namespace concord::node
