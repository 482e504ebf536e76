#include "concord/thread_pool.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "concord/error.hpp"

namespace concord {

namespace {
constexpr int kSlots = 10;

struct Buffer {
  void* memory = nullptr;
  std::size_t bytes = 0;
  ~Buffer() { std::free(memory); }
};
}  // namespace

struct ThreadPool::State {
  int threads;
  std::vector<std::thread> workers;
  std::vector<Buffer> buffers;

  std::mutex run_mutex;  // one run() at a time
  std::mutex mutex;
  std::condition_variable wake, done;
  std::size_t generation = 0;
  bool stopping = false;

  void (*body)(void*, int, int) = nullptr;
  void* context = nullptr;
  int chunks = 0;
  std::atomic<int> next{0};
  int busy = 0;
  std::exception_ptr failure;
  int failed_chunk = 0;

  explicit State(int n) : threads(n), buffers(static_cast<std::size_t>(n) * kSlots) {}

  void work(int worker) {
    int chunk = 0;
    try {
      while ((chunk = next.fetch_add(1, std::memory_order_relaxed)) < chunks) body(context, chunk, worker);
    } catch (...) {
      // Chunks are handed out in order, so the lowest failing chunk has always run.
      std::lock_guard<std::mutex> lock(mutex);
      if (failure && failed_chunk < chunk) return;
      failure = std::current_exception();
      failed_chunk = chunk;
    }
  }

  void stop() {
    {
      std::lock_guard<std::mutex> lock(mutex);
      stopping = true;
    }
    wake.notify_all();
    for (auto& worker : workers) worker.join();
  }

  void loop(int worker) {
    std::size_t seen = 0;
    for (;;) {
      {
        std::unique_lock<std::mutex> lock(mutex);
        wake.wait(lock, [&] { return stopping || generation != seen; });
        if (stopping) return;
        seen = generation;
      }
      work(worker);
      std::lock_guard<std::mutex> lock(mutex);
      if (--busy == 0) done.notify_one();
    }
  }
};

ThreadPool::ThreadPool(int threads) : state_(std::make_unique<State>(threads < 1 ? 1 : threads)) {
  try {
    for (int worker = 1; worker < state_->threads; worker++)
      state_->workers.emplace_back([this, worker] { state_->loop(worker); });
  } catch (const std::exception&) {
    const std::size_t started = state_->workers.size() + 1;
    state_->stop();
    throw Error("backend/failed",
                "The system gave " + std::to_string(started) + " of " + std::to_string(state_->threads) + " threads.");
  }
}

ThreadPool::~ThreadPool() { state_->stop(); }

int ThreadPool::threads() const noexcept { return state_->threads; }

void ThreadPool::run(int chunks, void (*body)(void*, int, int), void* context) {
  if (chunks <= 0) return;
  State& s = *state_;
  std::lock_guard<std::mutex> one_at_a_time(s.run_mutex);
  {
    std::lock_guard<std::mutex> lock(s.mutex);
    s.body = body;
    s.context = context;
    s.chunks = chunks;
    s.next.store(0, std::memory_order_relaxed);
    s.failure = nullptr;
    s.busy = s.threads - 1;
    s.generation++;
  }
  if (s.threads > 1) s.wake.notify_all();
  s.work(0);
  std::exception_ptr failure;
  {
    std::unique_lock<std::mutex> lock(s.mutex);
    s.done.wait(lock, [&] { return s.busy == 0; });
    failure = s.failure;
  }
  if (failure) std::rethrow_exception(failure);
}

void* ThreadPool::scratch(int worker, int slot, std::size_t bytes) {
  Buffer& buffer = state_->buffers[static_cast<std::size_t>(worker) * kSlots + static_cast<std::size_t>(slot)];
  if (buffer.bytes < bytes) {
    std::free(buffer.memory);
    const std::size_t rounded = (bytes + 4095) / 4096 * 4096;
    buffer.memory = std::aligned_alloc(64, rounded);
    buffer.bytes = buffer.memory ? rounded : 0;
    if (!buffer.memory) throw std::bad_alloc();
  }
  return buffer.memory;
}

}  // namespace concord
