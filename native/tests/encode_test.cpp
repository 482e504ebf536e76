// Top-k equals sorting every float32 score, on each instruction set, for shapes that fit no tile
// and for rows that are hard to screen. The result does not depend on the number of threads.
#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "problem.hpp"

using namespace concord;

namespace {

Code encode(const Kernels& kernels, const Problem& p, bool relu, int threads, int margin) {
  ThreadPool pool(threads);
  const EncoderPacking packing = kernels.encoder_packing(p.d, p.f, p.k);
  AlignedBytes packed(packing.bytes);
  kernels.pack_encoder(packing, p.w.data(), p.d, p.f, nullptr, packed.memory, pool);
  Code code;
  code.indices.resize(static_cast<std::size_t>(p.batch) * p.k);
  code.values.resize(code.indices.size());
  EncodeTopK args{p.x.data(), p.batch, p.d,  p.w.data(),          p.bias.data(),      p.f, &packing, packed.memory,
                  p.k,        margin,  relu, code.indices.data(), code.values.data(), 0};
  kernels.encode_topk(args, pool);
  code.redone = args.redone_rows;
  return code;
}

/// Scores in float64; the result must be a best set up to the rounding of float32, and exactly so
/// for equal scores.
void expect_best(const Problem& p, const Code& code, bool relu, const char* claim) {
  std::vector<double> score(p.f), size(p.f);
  int wrong = 0;
  for (int b = 0; b < p.batch; b++) {
    for (int f = 0; f < p.f; f++) {
      score[f] = p.bias[f];
      size[f] = std::fabs(p.bias[f]);
      for (int j = 0; j < p.d; j++) {
        const double product = static_cast<double>(p.x[b * p.d + j]) * p.w[static_cast<std::size_t>(f) * p.d + j];
        score[f] += product;
        size[f] += std::fabs(product);
      }
    }
    const int* chosen = code.indices.data() + static_cast<std::size_t>(b) * p.k;
    std::vector<char> in(p.f, 0);
    double weakest = std::numeric_limits<double>::infinity(), slack = 0;
    for (int i = 0; i < p.k; i++) {
      if (chosen[i] < 0 || chosen[i] >= p.f || (i > 0 && chosen[i] <= chosen[i - 1])) {
        wrong++;
        continue;
      }
      in[chosen[i]] = 1;
      const double tolerance = 1e-6 * size[chosen[i]];
      weakest = std::min(weakest, score[chosen[i]]);
      slack = std::max(slack, tolerance);
      const double expected = relu ? std::max(0.0, score[chosen[i]]) : score[chosen[i]];
      wrong += !(std::fabs(code.values[static_cast<std::size_t>(b) * p.k + i] - expected) <= tolerance + 1e-37);
    }
    for (int f = 0; f < p.f; f++) wrong += !in[f] && score[f] > weakest + slack + 1e-6 * size[f];
    // Among identical latents the lowest indices are taken.
    for (int f = 1; f < p.f; f++)
      if (in[f] && !in[f - 1] && p.bias[f] == p.bias[f - 1] &&
          std::memcmp(&p.w[static_cast<std::size_t>(f) * p.d], &p.w[static_cast<std::size_t>(f - 1) * p.d],
                      sizeof(float) * p.d) == 0)
        wrong++;
  }
  check::that(wrong == 0, claim, std::to_string(wrong).c_str());
}

}  // namespace

int main() {
  check::each_isa([](const Kernels& kernels) {
    const std::string isa = std::string(kernels.isa) + ": ";
    const int shapes[][4] = {{1, 1, 1, 1},       {3, 5, 7, 7},      {13, 33, 100, 3}, {37, 64, 1000, 8},
                             {70, 130, 2049, 6}, {33, 96, 515, 32}, {5, 257, 4100, 1}};
    for (const auto& s : shapes) {
      const Problem p = random_problem(s[0], s[1], s[2], s[3], 7u + s[2]);
      for (const bool relu : {true, false}) {
        const Code one = encode(kernels, p, relu, 1, 16);
        expect_best(p, one, relu, (isa + "top-k is the best k of " + std::to_string(s[2])).c_str());
        expect_same(one, encode(kernels, p, relu, 2, 16), (isa + "top-k is the same on two threads").c_str());
        expect_same(one, encode(kernels, p, relu, 3, 80), (isa + "top-k is the same for any margin").c_str());
      }
    }

    Problem duplicates = random_problem(20, 48, 1200, 5, 11);
    for (int f = 0; f < duplicates.f; f++)
      std::copy_n(&duplicates.w[static_cast<std::size_t>(f / 300 * 300) * 48], 48,
                  &duplicates.w[static_cast<std::size_t>(f) * 48]);
    std::fill(duplicates.bias.begin(), duplicates.bias.end(), 0.0f);
    const Code of_duplicates = encode(kernels, duplicates, false, 2, 16);
    expect_best(duplicates, of_duplicates, false, (isa + "ties go to the lower index").c_str());

    Problem mean = random_problem(20, 64, 1500, 6, 12);
    for (int b = 0; b < mean.batch; b++) mean.x[b * 64 + 3] += 3000.0f;
    expect_best(mean, encode(kernels, mean, true, 2, 16), true, (isa + "a huge mean does not spoil the order").c_str());

    Problem tiny = random_problem(20, 64, 1500, 6, 13);
    for (float& v : tiny.x) v *= 1e-38f;
    for (float& v : tiny.w) v *= 1e-3f;
    for (float& v : tiny.bias) v = 0;
    const Code of_tiny = encode(kernels, tiny, false, 2, 16);
    expect_best(tiny, of_tiny, false, (isa + "subnormal scores are ordered").c_str());

    Problem broken = random_problem(4, 16, 40, 8, 14);
    for (float& w : broken.w) w = std::numeric_limits<float>::quiet_NaN();
    bool named = false;
    try {
      encode(kernels, broken, true, 2, 16);
    } catch (const Error& error) {
      named = error.code() == "numeric/not-finite" && std::strstr(error.what(), "Row ");
    }
    check::that(named, (isa + "NaN weights are an error that names a row").c_str());

    // A NaN in one row of many, whichever way it is scored and whichever thread gets there first.
    for (const int latents : {40, 1500}) {
      Problem one = random_problem(300, 21, latents, 4, 17);
      one.x[static_cast<std::size_t>(7) * 21 + 20] = one.x[static_cast<std::size_t>(250) * 21] =
          std::numeric_limits<float>::quiet_NaN();
      std::string message;
      try {
        encode(kernels, one, true, 3, 16);
      } catch (const Error& error) {
        message = error.what();
      }
      check::that(message.find("Row 7 ") != std::string::npos, (isa + "the first row with a NaN is named").c_str(),
                  message.c_str());
      one = random_problem(300, 21, latents, 4, 17);
      one.w[static_cast<std::size_t>(latents / 2) * 21 + 20] = std::numeric_limits<float>::quiet_NaN();
      message = "";
      try {
        encode(kernels, one, true, 3, 16);
      } catch (const Error& error) {
        message = error.what();
      }
      check::that(message.find("Row 0 ") != std::string::npos, (isa + "a NaN in one latent is not overlooked").c_str(),
                  message.c_str());
    }

    // Scores that differ in the last place of a huge bias, of more latents than k and fewer than
    // are kept.
    Problem biased = random_problem(30, 64, 1500, 6, 18);
    for (float& v : biased.x) v *= 0.02f;
    for (int f = 0; f < biased.f; f++) biased.bias[f] = f % 60 == 7 ? 1e6f : 0.0f;
    const Code of_biased = encode(kernels, biased, false, 2, 16);
    expect_same(of_biased, encode(kernels, biased, false, 2, 1494),
                (isa + "huge biases do not spoil the order").c_str());

    // All scores above zero, against the same scores computed one by one.
    const Problem p = random_problem(29, 45, 333, 0, 15);
    ThreadPool pool(2);
    const EncoderPacking packing = kernels.encoder_packing(p.d, p.f, 0);
    AlignedBytes packed(packing.bytes);
    kernels.pack_encoder(packing, p.w.data(), p.d, p.f, nullptr, packed.memory, pool);
    std::vector<int> indptr(p.batch + 1), indices(static_cast<std::size_t>(p.batch) * p.f);
    std::vector<float> values(indices.size());
    EncodePositive args{
        p.x.data(), p.batch,       p.d,           p.w.data(),     p.bias.data(), p.f,
        &packing,   packed.memory, indptr.data(), indices.data(), values.data(), static_cast<long>(indices.size()),
        0};
    kernels.encode_positive(args, pool);
    int wrong = 0;
    for (int b = 0; b < p.batch; b++) {
      int at = indptr[b];
      for (int f = 0; f < p.f; f++) {
        double score = p.bias[f];
        for (int j = 0; j < p.d; j++)
          score += static_cast<double>(p.x[b * p.d + j]) * p.w[static_cast<std::size_t>(f) * p.d + j];
        if (std::fabs(score) < 1e-4) continue;  // either side of zero is right
        while (at < indptr[b + 1] && indices[at] < f) at++;
        const bool active = at < indptr[b + 1] && indices[at] == f;
        wrong += active != (score > 0) || (active && std::fabs(values[at] - score) > 1e-4);
      }
    }
    check::that(wrong == 0 && args.nnz == indptr[p.batch], (isa + "positive scores are all there").c_str());
    args.capacity = 3;
    kernels.encode_positive(args, pool);
    check::that(args.nnz == indptr[p.batch], (isa + "too little room reports how much is needed").c_str());
    std::vector<float> spoiled = p.x;
    spoiled[static_cast<std::size_t>(11) * p.d] = std::numeric_limits<float>::quiet_NaN();
    args.x = spoiled.data();
    std::string message;
    try {
      kernels.encode_positive(args, pool);
    } catch (const Error& error) {
      message = error.what();
    }
    check::that(message.find("Row 11 ") != std::string::npos, (isa + "a NaN among the scores names its row").c_str(),
                message.c_str());
  });
  return check::summary("encode_test");
}
