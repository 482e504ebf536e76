// The addon: configure(), and one exported function per kernel.
#include <napi.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <memory>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "state.hpp"
#include "task.hpp"

namespace concord::node {

namespace {
/// The version of the kernel interface, that is, which kernels exist and what arguments they take.
/// src/backend/native/load-addon.ts refuses a core with another version. Raise both when a kernel
/// is added or its arguments change.
constexpr int kKernelInterface = 4;

const Kernels* chosen_kernels = nullptr;
std::unique_ptr<ThreadPool> chosen_pool;

/// configure({isa, threads}) → {isa, threads, available}. An empty isa means the best one.
Napi::Value configure(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  try {
    const Arguments args = options_of("configure", info);
    const std::string isa = args.has("isa") ? args.text("isa") : "";
    chosen_kernels = &kernels_for(isa.c_str());
    const int threads = args.positive("threads");
    if (!chosen_pool || chosen_pool->threads() != threads) chosen_pool = std::make_unique<ThreadPool>(threads);
    Napi::Object result = Napi::Object::New(env);
    result.Set("isa", chosen_kernels->isa);
    result.Set("threads", chosen_pool->threads());
    result.Set("available", available_isas());
    return result;
  } catch (const Error& error) {
    throw to_javascript(env, error.code(), error.what());
  }
}

/// addressOf(view) → the address of its first element modulo 64, so that callers can align what
/// they allocate.
Napi::Value address_of(const Napi::CallbackInfo& info) {
  void* data = nullptr;
  if (napi_get_typedarray_info(info.Env(), info[0], nullptr, nullptr, &data, nullptr, nullptr) != napi_ok)
    throw to_javascript(info.Env(), "argument/invalid", "Expected a typed array for addressOf.");
  return Napi::Number::New(info.Env(), static_cast<double>(reinterpret_cast<std::uintptr_t>(data) % 64));
}

/// preferLargePages(view): asks for large pages behind memory that was never touched. Filling 2 MiB
/// then takes one page fault instead of 512, and rows read at random miss fewer address
/// translations. Without support in the system it does nothing.
void prefer_large_pages(const Napi::CallbackInfo& info) {
  void* data = nullptr;
  std::size_t length = 0;
  napi_typedarray_type type;
  if (napi_get_typedarray_info(info.Env(), info[0], &type, &length, &data, nullptr, nullptr) != napi_ok ||
      type != napi_uint8_array)
    throw to_javascript(info.Env(), "argument/invalid", "Expected a Uint8Array for preferLargePages.");
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  constexpr std::uintptr_t kPage = 4096;
  const std::uintptr_t first = (reinterpret_cast<std::uintptr_t>(data) + kPage - 1) / kPage * kPage;
  const std::uintptr_t last = (reinterpret_cast<std::uintptr_t>(data) + length) / kPage * kPage;
  if (first < last) madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
#endif
}

}  // namespace

const Kernels& kernels() {
  if (!chosen_kernels) throw Error("backend/unavailable", "The native core was used before configure().");
  return *chosen_kernels;
}

ThreadPool& pool() {
  if (!chosen_pool) throw Error("backend/unavailable", "The native core was used before configure().");
  return *chosen_pool;
}

void export_kernel(Napi::Env env, Napi::Object exports, const char* name, Binding binding) {
  exports.Set(name, Napi::Function::New(env, [binding, name](const Napi::CallbackInfo& info) -> Napi::Value {
    const Napi::Env env = info.Env();
    try {
      const Arguments args = options_of(name, info);
      Plan plan = binding(args);
      args.no_overlap();
      auto* task = new Task(env, args.object(), std::move(plan.work), std::move(plan.result));
      const Napi::Promise promise = task->promise();
      task->Queue();
      return promise;
    } catch (const Error& error) {
      throw to_javascript(env, error.code(), error.what());
    }
  }, name));
}

}  // namespace concord::node

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  using namespace concord::node;
#if defined(__GLIBC__)
  // Large blocks return to the system as soon as they are freed. By default glibc raises its
  // threshold up to 32 MiB as such blocks come and go, and keeps up to that much per thread.
  // Comparing two dictionaries of 24576 atoms then held 600 MB more.
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
  exports.Set("kernelInterface", Napi::Number::New(env, kKernelInterface));
  exports.Set("configure", Napi::Function::New(env, configure, "configure"));
  exports.Set("addressOf", Napi::Function::New(env, address_of, "addressOf"));
  exports.Set("preferLargePages", Napi::Function::New(env, prefer_large_pages, "preferLargePages"));
  export_encode(env, exports);
  export_search(env, exports);
  export_step(env, exports);
  export_dense(env, exports);
  export_activation(env, exports);
  export_convolution(env, exports);
  export_forward(env, exports);
  export_similarity(env, exports);
  export_random(env, exports);
  export_synthetic(env, exports);
  export_convert(env, exports);
  return exports;
}

NODE_API_MODULE(concord, Init)
