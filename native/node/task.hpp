// Runs a kernel off the event loop and settles a promise. Errors keep their code.
#pragma once
#include <napi.h>

#include <functional>
#include <string>
#include <utility>

#include "arguments.hpp"
#include "concord/error.hpp"

namespace concord::node {

inline Napi::Error to_javascript(Napi::Env env, const std::string& code, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  return error;
}

/// The options object that a function was called with.
inline Arguments options_of(const char* name, const Napi::CallbackInfo& info) {
  if (!info[0].IsObject()) throw Error("argument/invalid", std::string("Expected an options object for ") + name + ".");
  return {name, info[0].As<Napi::Object>()};
}

class Task : public Napi::AsyncWorker {
 public:
  using Work = std::function<void()>;
  using Result = std::function<Napi::Value(Napi::Env)>;

  /// `arguments` stays alive until the kernel has run.
  Task(Napi::Env env, Napi::Object arguments, Work work, Result result)
      : Napi::AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        arguments_(Napi::Persistent(arguments)),
        work_(std::move(work)),
        result_(std::move(result)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    try {
      work_();
    } catch (const Error& error) {
      code_ = error.code();
      SetError(error.what());
    } catch (const std::exception& error) {
      code_ = "backend/failed";
      SetError(error.what());
    }
  }
  void OnOK() override { deferred_.Resolve(result_ ? result_(Env()) : Env().Undefined()); }
  void OnError(const Napi::Error& error) override {
    deferred_.Reject(to_javascript(Env(), code_, error.Message()).Value());
  }

 private:
  Napi::Promise::Deferred deferred_;
  Napi::ObjectReference arguments_;
  Work work_;
  Result result_;
  std::string code_;
};

/// What a binding makes of its arguments: the work, and a conversion of its result, which may be
/// empty.
struct Plan {
  Task::Work work;
  Task::Result result;
};

using Binding = Plan (*)(const Arguments&);

/// Exports `name`(options) → Promise.
void export_kernel(Napi::Env env, Napi::Object exports, const char* name, Binding binding);

}  // namespace concord::node
