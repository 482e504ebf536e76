// The exchange between ranks: Gloo's messages over TCP, behind three functions. It is an addon of
// its own, because only `--ranks` needs the library. src/backend/ranks/load-gloo.ts builds it when
// it is first asked for.
#include <napi.h>

#include <gloo/rendezvous/context.h>
#include <gloo/rendezvous/file_store.h>
#include <gloo/transport/tcp/device.h>
#include <gloo/transport/unbound_buffer.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

/// The connections of one rank to all others.
struct Group {
  std::shared_ptr<gloo::rendezvous::Context> context;
  /// Messages of one call have its number, which is the same on every rank.
  std::uint64_t calls = 0;
};

using Handle = std::shared_ptr<Group>;

/// Ranks that do not answer any more, and what was said of the first.
struct LostRanks {
  std::set<int> ranks;
  std::string reason;
};

/// Connects to every other rank. They find each other by files in `folder`, which is empty before.
Handle connect(int rank, int size, const std::string& folder, const std::string& address, Milliseconds timeout) {
  gloo::transport::tcp::attr attributes;
  attributes.hostname = address;
  auto device = gloo::transport::tcp::CreateDevice(attributes);
  gloo::rendezvous::FileStore store(folder);
  auto context = std::make_shared<gloo::rendezvous::Context>(rank, size);
  context->setTimeout(timeout);
  context->connectFullMesh(store, device);
  auto group = std::make_shared<Group>();
  group->context = std::move(context);
  return group;
}

/// Sends `mine` to every other rank and receives theirs in `all`, by rank. Each rank sends directly
/// to each other one, so that a wait that fails names the rank that was lost.
///
/// Throws LostRanks. One of them was lost first, and others may have ended because of it.
void gather(Group& group, const std::uint8_t* mine, std::uint8_t* all, const std::vector<std::size_t>& lengths,
            Milliseconds timeout) {
  using Buffer = std::unique_ptr<gloo::transport::UnboundBuffer>;
  auto& context = *group.context;
  const int rank = context.rank, size = context.size;
  const std::uint64_t slot = group.calls++;
  const auto deadline = Clock::now() + timeout;
  const auto left = [&] {
    const auto rest = std::chrono::duration_cast<Milliseconds>(deadline - Clock::now());
    return rest.count() > 0 ? rest : Milliseconds(1);
  };
  LostRanks lost;
  std::vector<Buffer> in(size), out(size);
  // The others are still served, so that they do not take this rank for lost.
  const auto attempt = [&](int other, Buffer& buffer, const std::function<void()>& act) {
    if (!buffer) return;
    try {
      act();
    } catch (const std::exception& error) {
      buffer.reset();
      if (lost.ranks.empty()) lost.reason = error.what();
      // After a wait that took too long, Gloo gives up all connections.
      if (lost.ranks.empty() || Clock::now() < deadline) lost.ranks.insert(other);
    }
  };
  std::size_t offset = 0;
  for (int other = 0; other < size; offset += lengths[other++]) {
    if (other == rank) {
      std::copy(mine, mine + lengths[rank], all + offset);
      continue;
    }
    if (lengths[other] > 0) in[other] = context.createUnboundBuffer(all + offset, lengths[other]);
    if (lengths[rank] > 0) out[other] = context.createUnboundBuffer(const_cast<std::uint8_t*>(mine), lengths[rank]);
    attempt(other, in[other], [&] { in[other]->recv(other, slot); });
    attempt(other, out[other], [&] { out[other]->send(other, slot); });
  }
  for (int other = 0; other < size; other++) {
    attempt(other, in[other], [&] { in[other]->waitRecv(left()); });
    attempt(other, out[other], [&] { out[other]->waitSend(left()); });
  }
  if (lost.ranks.empty()) return;
  // Others may still be reading what was sent to them. A process that ends resets its connections,
  // and they would then take this rank for the lost one.
  std::this_thread::sleep_for(std::chrono::seconds(1));
  throw lost;
}

/// Runs `work` off the event loop and settles a promise. `held` lives until then.
class Task : public Napi::AsyncWorker {
 public:
  using Work = std::function<void()>;
  using Result = std::function<Napi::Value(Napi::Env)>;

  Task(Napi::Env env, Napi::Object held, Work work, Result result)
      : Napi::AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        held_(Napi::Persistent(held)),
        work_(std::move(work)),
        result_(std::move(result)) {}

  Napi::Promise start() {
    Queue();
    return deferred_.Promise();
  }

 protected:
  void Execute() override {
    try {
      work_();
    } catch (const LostRanks& lost) {
      ranks_ = lost.ranks;
      SetError(lost.reason);
    } catch (const std::exception& error) {
      SetError(error.what());
    }
  }
  void OnOK() override { deferred_.Resolve(result_(Env())); }
  void OnError(const Napi::Error& error) override {
    Napi::Array ranks = Napi::Array::New(Env());
    for (const int rank : ranks_) ranks.Set(ranks.Length(), rank);
    error.Set("ranks", ranks);
    deferred_.Reject(error.Value());
  }

 private:
  Napi::Promise::Deferred deferred_;
  Napi::ObjectReference held_;
  Work work_;
  Result result_;
  std::set<int> ranks_;
};

int integer(const Napi::Object& from, const char* name) {
  const Napi::Value value = from.Get(name);
  if (!value.IsNumber()) throw Napi::TypeError::New(from.Env(), std::string("Expected a number for ") + name + ".");
  return value.As<Napi::Number>().Int32Value();
}

std::string text(const Napi::Object& from, const char* name) {
  const Napi::Value value = from.Get(name);
  if (!value.IsString()) throw Napi::TypeError::New(from.Env(), std::string("Expected a text for ") + name + ".");
  return value.As<Napi::String>().Utf8Value();
}

Napi::Object options_of(const Napi::CallbackInfo& info) {
  if (!info[0].IsObject()) throw Napi::TypeError::New(info.Env(), "Expected an options object.");
  return info[0].As<Napi::Object>();
}

Napi::Uint8Array bytes(const Napi::Object& from, const char* name) {
  const Napi::Value value = from.Get(name);
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array)
    throw Napi::TypeError::New(from.Env(), std::string("Expected a Uint8Array for ") + name + ".");
  return value.As<Napi::Uint8Array>();
}

Handle group_of(const Napi::Object& from) {
  const Napi::Value value = from.Get("group");
  if (!value.IsExternal()) throw Napi::TypeError::New(from.Env(), "Expected what connect() gave for group.");
  return *value.As<Napi::External<Handle>>().Data();
}

/// connect({rank, size, folder, address, timeoutMs}) → Promise<group>.
Napi::Value connect_ranks(const Napi::CallbackInfo& info) {
  const Napi::Object args = options_of(info);
  const int rank = integer(args, "rank"), size = integer(args, "size");
  if (size < 2 || rank < 0 || rank >= size) throw Napi::RangeError::New(info.Env(), "Expected a rank below size.");
  const std::string folder = text(args, "folder"), address = text(args, "address");
  const Milliseconds timeout(integer(args, "timeoutMs"));
  auto handle = std::make_shared<Handle>();
  auto* task =
      new Task(info.Env(), args, [=] { *handle = connect(rank, size, folder, address, timeout); }, [=](Napi::Env env) {
    return Napi::External<Handle>::New(env, new Handle(*handle), [](Napi::Env, Handle* held) { delete held; });
  });
  return task->start();
}

/// gather({group, mine, all, lengths, timeoutMs}) → Promise. One call at a time.
Napi::Value gather_bytes(const Napi::CallbackInfo& info) {
  const Napi::Object args = options_of(info);
  const Handle group = group_of(args);
  const Napi::Uint8Array mine = bytes(args, "mine"), all = bytes(args, "all");
  const Napi::Value given = args.Get("lengths");
  std::vector<std::size_t> lengths;
  if (given.IsArray())
    for (std::uint32_t i = 0; i < given.As<Napi::Array>().Length(); i++)
      lengths.push_back(static_cast<std::size_t>(given.As<Napi::Array>().Get(i).ToNumber().Int64Value()));
  const std::size_t total = std::accumulate(lengths.begin(), lengths.end(), std::size_t{0});
  const auto& context = *group->context;
  if (lengths.size() != static_cast<std::size_t>(context.size) || total != all.ByteLength() ||
      lengths[context.rank] != mine.ByteLength())
    throw Napi::RangeError::New(info.Env(), "Expected lengths of all ranks that sum to that of all.");
  const Milliseconds timeout(integer(args, "timeoutMs"));
  const std::uint8_t* from = mine.Data();
  std::uint8_t* to = const_cast<Napi::Uint8Array&>(all).Data();
  auto* task = new Task(info.Env(), args, [=] { gather(*group, from, to, lengths, timeout); },
                        [](Napi::Env env) { return env.Undefined(); });
  return task->start();
}

/// close({group}): other ranks take this one for lost from here on.
void close_ranks(const Napi::CallbackInfo& info) { group_of(options_of(info))->context->closeConnections(); }

Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports.Set("connect", Napi::Function::New(env, connect_ranks, "connect"));
  exports.Set("gather", Napi::Function::New(env, gather_bytes, "gather"));
  exports.Set("close", Napi::Function::New(env, close_ranks, "close"));
  return exports;
}

}  // namespace

NODE_API_MODULE(gloo, init)
