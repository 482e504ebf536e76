// The search of matching, on each instruction set: floors, ties at a floor, groups in another
// order, and the reach of rows into groups.
#include <algorithm>
#include <limits>
#include <numeric>
#include <string>

#include "problem.hpp"

using namespace concord;

namespace {

/// Searches all columns, whose prices are p.bias.
Code search(const Kernels& kernels, const Problem& p, int threads, int margin, const float* floor = nullptr) {
  ThreadPool pool(threads);
  const EncoderPacking packing = kernels.encoder_packing(p.d, p.f, p.k);
  AlignedBytes packed(packing.bytes);
  kernels.pack_encoder(packing, p.w.data(), p.d, p.f, nullptr, packed.memory, pool);
  // As few groups as possible.
  const int size = (p.f + 1023) / 1024 * 32;
  std::vector<float> reach(static_cast<std::size_t>(p.batch) * ((p.f + size - 1) / size));
  const ColumnGroups groups{nullptr, size, nullptr, reach.data()};
  Code code;
  code.indices.resize(static_cast<std::size_t>(p.batch) * p.k);
  code.values.resize(code.indices.size());
  SearchTopK args{};
  args.rows = p.x.data();
  args.count = p.batch;
  args.d = p.d;
  args.columns = p.w.data();
  args.prices = p.bias.data();
  args.column_count = p.f;
  args.packing = &packing;
  args.packed = packed.memory;
  args.k = p.k;
  args.margin = margin;
  args.floor = floor;
  args.groups = &groups;
  args.candidates = code.indices.data();
  args.scores = code.values.data();
  kernels.search_topk(args, pool);
  code.redone = args.redone_rows;
  return code;
}

/// Encodes with the negated prices as biases.
Code encode(const Kernels& kernels, const Problem& p) {
  ThreadPool pool(2);
  const EncoderPacking packing = kernels.encoder_packing(p.d, p.f, p.k);
  AlignedBytes packed(packing.bytes);
  kernels.pack_encoder(packing, p.w.data(), p.d, p.f, nullptr, packed.memory, pool);
  std::vector<float> bias(p.bias);
  for (float& b : bias) b = -b;
  Code code;
  code.indices.resize(static_cast<std::size_t>(p.batch) * p.k);
  code.values.resize(code.indices.size());
  EncodeTopK args{p.x.data(), p.batch, p.d,   p.w.data(),          bias.data(),        p.f, &packing, packed.memory,
                  p.k,        16,      false, code.indices.data(), code.values.data(), 0};
  kernels.encode_topk(args, pool);
  return code;
}

/// `code` without the scores below the floors.
Code above(const Problem& p, const Code& code, const std::vector<float>& floor) {
  Code kept;
  for (int b = 0; b < p.batch; b++) {
    for (int i = b * p.k; i < (b + 1) * p.k; i++) {
      if (code.values[i] < floor[b]) continue;
      kept.indices.push_back(code.indices[i]);
      kept.values.push_back(code.values[i]);
    }
    kept.indices.resize(static_cast<std::size_t>(b + 1) * p.k, -1);
    kept.values.resize(kept.indices.size(), -std::numeric_limits<float>::infinity());
  }
  return kept;
}

/// Groups of columns in another order, of which every row searches some.
void test_groups(const Kernels& kernels, const std::string& isa, int batch, int d, int f, int k, int size) {
  const Problem p = random_problem(batch, d, f, k, 31);
  std::vector<int> order(f), place(f);
  for (int i = 0; i < f; i++) place[order[i] = static_cast<int>((i * 7L + 5) % f)] = i;
  const int count = (f + size - 1) / size;
  std::vector<std::uint32_t> wanted(batch);
  std::vector<float> floor(batch);
  for (int b = 0; b < batch; b++) {
    wanted[b] = b % 5 == 0 ? 0u : static_cast<std::uint32_t>(b) * 2654435761u;
    floor[b] = (b % 3 == 0 ? -100.0f : 1.5f) * std::sqrt(static_cast<float>(d));
  }
  const auto in_wanted = [&](int b, int column) { return (wanted[b] >> (place[column] / size) & 1u) != 0; };
  ThreadPool pool(2);
  const EncoderPacking packing = kernels.encoder_packing(d, f, k);
  AlignedBytes packed(packing.bytes);
  kernels.pack_encoder(packing, p.w.data(), d, f, order.data(), packed.memory, pool);
  std::vector<float> reach(static_cast<std::size_t>(batch) * count, 77.0f), values(static_cast<std::size_t>(batch) * k);
  std::vector<int> indices(values.size());
  const ColumnGroups groups{order.data(), size, wanted.data(), reach.data()};
  SearchTopK args{};
  args.rows = p.x.data();
  args.count = batch;
  args.d = d;
  args.columns = p.w.data();
  args.prices = p.bias.data();
  args.column_count = f;
  args.packing = &packing;
  args.packed = packed.memory;
  args.k = k;
  args.margin = 8;
  args.floor = floor.data();
  args.groups = &groups;
  args.candidates = indices.data();
  args.scores = values.data();
  kernels.search_topk(args, pool);
  int wrong_candidates = 0, wrong_reaches = 0, loose_reaches = 0;
  for (int b = 0; b < batch; b++) {
    std::vector<double> score(f);
    for (int j = 0; j < f; j++) {
      score[j] = -p.bias[j];
      for (int q = 0; q < d; q++)
        score[j] += static_cast<double>(p.x[b * d + q]) * p.w[static_cast<std::size_t>(j) * d + q];
    }
    std::vector<double> best;
    for (int j = 0; j < f; j++)
      if (in_wanted(b, j) && score[j] >= floor[b]) best.push_back(score[j]);
    std::sort(best.rbegin(), best.rend());
    const int expected = std::min<int>(k, static_cast<int>(best.size()));
    std::vector<char> listed(f, 0);
    int found = 0;
    for (int i = 0; i < k; i++) {
      const int column = indices[static_cast<std::size_t>(b) * k + i];
      if (column < 0) continue;
      found++;
      wrong_candidates +=
          !in_wanted(b, column) || std::fabs(values[static_cast<std::size_t>(b) * k + i] - score[column]) > 1e-4 * d;
      wrong_candidates += expected > 0 && score[column] < best[expected - 1] - 1e-4 * d;
      listed[column] = 1;
    }
    wrong_candidates += found != expected;
    for (int g = 0; g < count; g++) {
      const float known = reach[static_cast<std::size_t>(b) * count + g];
      if ((wanted[b] >> g & 1u) == 0) {
        wrong_reaches += known != 77.0f;
        continue;
      }
      double most = -1e30, largest = -1e30;
      for (int i = g * size; i < f && i < (g + 1) * size; i++) {
        largest = std::max(largest, score[order[i]]);
        if (!listed[order[i]]) most = std::max(most, score[order[i]]);
      }
      wrong_reaches += most > known + 1e-4 * d;
      loose_reaches += known > largest + 0.05 * d;
    }
  }
  check::that(wrong_candidates == 0, (isa + "a row's candidates come from the groups it searches").c_str(),
              std::to_string(wrong_candidates).c_str());
  check::that(wrong_reaches == 0, (isa + "nothing left out of a group exceeds its reach").c_str(),
              std::to_string(wrong_reaches).c_str());
  check::that(loose_reaches == 0, (isa + "a reach is little more than the group's best").c_str(),
              std::to_string(loose_reaches).c_str());
}

}  // namespace

int main() {
  check::each_isa([](const Kernels& kernels) {
    const std::string isa = std::string(kernels.isa) + ": ";
    const int shapes[][4] = {{1, 1, 1, 1},       {3, 5, 7, 7},      {13, 33, 100, 3}, {37, 64, 1000, 8},
                             {70, 130, 2049, 6}, {33, 96, 515, 32}, {5, 257, 4100, 1}};
    for (const auto& s : shapes) {
      const Problem p = random_problem(s[0], s[1], s[2], s[3], 7u + s[2]);
      const Code all = search(kernels, p, 1, 16);
      expect_same(all, encode(kernels, p), (isa + "without floors a search finds what encoding finds").c_str());
      // Floors at a score itself, just above one, between scores, below and above all.
      std::vector<float> floor(p.batch);
      for (int b = 0; b < p.batch; b++) {
        const float some = all.values[b * p.k + b % p.k];
        const float choices[] = {
            some, std::nextafter(some, 1e9f), some - 0.3f, -1e9f, 1e9f, -std::numeric_limits<float>::infinity()};
        floor[b] = choices[b % 6];
      }
      for (const int margin : {0, 16})
        expect_same(above(p, all, floor), search(kernels, p, 2, margin, floor.data()),
                    (isa + "what is below the floor is left out").c_str());
    }

    Problem duplicates = random_problem(20, 48, 1200, 5, 11);
    for (int f = 0; f < duplicates.f; f++)
      std::copy_n(&duplicates.w[static_cast<std::size_t>(f / 300 * 300) * 48], 48,
                  &duplicates.w[static_cast<std::size_t>(f) * 48]);
    std::fill(duplicates.bias.begin(), duplicates.bias.end(), 0.0f);
    const Code of_duplicates = search(kernels, duplicates, 2, 16);
    const std::vector<float> at_ties(duplicates.batch, of_duplicates.values[0]);
    expect_same(above(duplicates, of_duplicates, at_ties), search(kernels, duplicates, 2, 0, at_ties.data()),
                (isa + "ties at the floor stay").c_str());

    Problem one = random_problem(300, 21, 1500, 4, 17);
    one.x[static_cast<std::size_t>(7) * 21 + 20] = one.x[static_cast<std::size_t>(250) * 21] =
        std::numeric_limits<float>::quiet_NaN();
    std::string message;
    try {
      const std::vector<float> floor(one.batch, 0.5f);
      search(kernels, one, 3, 16, floor.data());
    } catch (const Error& error) {
      message = error.what();
    }
    check::that(message.find("Row 7 ") != std::string::npos,
                (isa + "with floors the first row with a NaN is named").c_str(), message.c_str());

    test_groups(kernels, isa, 100, 40, 1000, 4, 32);
    test_groups(kernels, isa, 37, 70, 1500, 16, 96);
    test_groups(kernels, isa, 30, 20, 100, 5, 32);
  });
  return check::summary("search_test");
}
