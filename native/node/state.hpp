// The kernels and the thread pool that configure() chose; a process has one of each.
#pragma once
#include <napi.h>

#include "concord/kernels.hpp"

namespace concord::node {

const Kernels& kernels();
ThreadPool& pool();

void export_encode(Napi::Env env, Napi::Object exports);
void export_search(Napi::Env env, Napi::Object exports);
void export_step(Napi::Env env, Napi::Object exports);
void export_dense(Napi::Env env, Napi::Object exports);
void export_activation(Napi::Env env, Napi::Object exports);
void export_convolution(Napi::Env env, Napi::Object exports);
void export_forward(Napi::Env env, Napi::Object exports);
void export_similarity(Napi::Env env, Napi::Object exports);
void export_random(Napi::Env env, Napi::Object exports);
void export_synthetic(Napi::Env env, Napi::Object exports);
void export_convert(Napi::Env env, Napi::Object exports);

}  // namespace concord::node
