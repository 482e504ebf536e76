// A fixed set of threads that run numbered chunks of a loop.
//
// Determinism: which thread runs a chunk is not fixed, so a kernel's result may depend only on the
// chunk number. Sums over chunks are stored per chunk, and the caller adds them in chunk order.
#pragma once
#include <cstddef>
#include <memory>

namespace concord {

class ThreadPool {
 public:
  /// `threads` >= 1; the thread that calls run() is one of them. Throws Error("backend/failed")
  /// when the system starts fewer.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const noexcept;

  /// Runs body(context, chunk, worker) for chunks 0 .. chunks-1, and returns when all are done.
  /// `worker` is below threads() and selects the scratch memory that the body may use. Calls from
  /// several threads wait for one another. If chunks throw, the exception of the lowest such chunk
  /// is rethrown here, after the running chunks have ended.
  void run(int chunks, void (*body)(void* context, int chunk, int worker), void* context);

  /// Calls f(chunk, worker) for every chunk.
  template <class F>
  void for_each(int chunks, F&& f) {
    run(chunks, [](void* context, int chunk, int worker) { (*static_cast<F*>(context))(chunk, worker); }, &f);
  }

  /// At least `bytes` of 64-byte aligned memory that belongs to `worker` until its next request for
  /// the same `slot` (0 .. 8). Contents are unspecified.
  void* scratch(int worker, int slot, std::size_t bytes);

  template <class T>
  T* scratch_of(int worker, int slot, std::size_t count) {
    return static_cast<T*>(scratch(worker, slot, count * sizeof(T)));
  }

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Number of chunks of `size` that cover `total`.
[[gnu::always_inline]] inline int chunk_count(long total, long size) {
  return static_cast<int>((total + size - 1) / size);
}

}  // namespace concord
