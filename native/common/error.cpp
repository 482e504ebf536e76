#include "concord/error.hpp"

namespace concord {

void fail(const char* code, const char* message) { throw Error(code, message); }

}  // namespace concord
