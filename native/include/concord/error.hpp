// The one exception type of the native core. Only native/node translates it for JavaScript.
#pragma once
#include <stdexcept>
#include <string>

namespace concord {

/// A failure with a stable code, the same codes as src/errors.ts.
class Error : public std::runtime_error {
 public:
  Error(std::string code, const std::string& message) : std::runtime_error(message), code_(std::move(code)) {}
  const std::string& code() const noexcept { return code_; }

 private:
  std::string code_;
};

/// Throws Error. For code that is compiled once per instruction set, which must not instantiate
/// std::string.
[[noreturn]] void fail(const char* code, const char* message);

}  // namespace concord
