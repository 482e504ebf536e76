// Random numbers by position, shuffles, and draws of features.
#include <algorithm>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

#include "check.hpp"

using namespace concord;

int main() {
  check::each_isa([](const Kernels& kernels) {
    const std::string isa = std::string(kernels.isa) + ": ";
    ThreadPool one(1), two(2);

    // The first block of Random123's known answers for Philox4x32-10, counter and key zero.
    const std::uint32_t known[4] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    float first[4], expected[4];
    for (int i = 0; i < 4; i++) expected[i] = static_cast<float>(known[i] >> 8) * 0x1p-24f;
    FillRandom zero{{0, 0}, 0, first, 4, false, 1.0f};
    kernels.fill_random(zero, one);
    check::that(std::memcmp(first, expected, sizeof first) == 0, (isa + "Philox gives the known answers").c_str());

    for (const bool normal : {false, true}) {
      std::vector<float> all(100'003), part(1'000), again(all.size());
      FillRandom whole{{7, 9}, 0, all.data(), static_cast<long>(all.size()), normal, 1.0f};
      kernels.fill_random(whole, one);
      whole.out = again.data();
      kernels.fill_random(whole, two);
      check::that(all == again, (isa + "random numbers are the same on two threads").c_str());
      FillRandom middle{{7, 9}, 54'321, part.data(), static_cast<long>(part.size()), normal, 1.0f};
      kernels.fill_random(middle, two);
      check::that(std::equal(part.begin(), part.end(), all.begin() + 54'321),
                  (isa + "a number depends on its position alone").c_str());
      double mean = 0, square = 0;
      for (const float x : all) {
        mean += x / static_cast<double>(all.size());
        square += static_cast<double>(x) * x / static_cast<double>(all.size());
      }
      // Five standard errors.
      const double center = normal ? 0 : 0.5, second = normal ? 1 : 1.0 / 3;
      check::that(
          std::fabs(mean - center) < 5 / std::sqrt(all.size()) &&
              std::fabs(square - second) < 5 * std::sqrt(2.0 / all.size()),
          (isa + (normal ? "normal numbers have mean 0 and variance 1" : "uniform numbers have the moments of [0, 1)"))
              .c_str());
    }

    // Each of the 24 orders of four numbers comes about equally often.
    int seen[256] = {};
    for (std::uint32_t draw = 0; draw < 24'000; draw++) {
      std::int32_t order[4] = {0, 1, 2, 3};
      Shuffle shuffle{{draw, 3}, order, 4};
      kernels.shuffle(shuffle);
      seen[order[0] * 64 + order[1] * 16 + order[2] * 4 + order[3]]++;
    }
    const long orders = std::count_if(std::begin(seen), std::end(seen), [](int n) { return n > 0; });
    check::that(orders == 24 && *std::max_element(std::begin(seen), std::end(seen)) < 1'200,
                (isa + "a shuffle gives every order").c_str());

    // Features of a group, counted from its first: distinct, in range, heavier ones more often.
    std::vector<float> weights(20);
    for (int i = 0; i < 20; i++) weights[i] = i < 10 ? 3.0f : 1.0f;
    std::vector<std::int32_t> drawn(2 * 5);
    long heavy = 0, wrong = 0;
    for (std::uint64_t draw = 0; draw < 2'000; draw++) {
      DrawSupports support{2, 20, 5, weights.data(), {1, 2}, draw, drawn.data()};
      kernels.draw_supports(support);
      for (int g = 0; g < 2; g++) {
        std::sort(drawn.begin() + 5 * g, drawn.begin() + 5 * (g + 1));
        for (int i = 0; i < 5; i++) {
          const std::int32_t f = drawn[5 * g + i];
          wrong += f < 0 || f >= 20 || (i > 0 && f == drawn[5 * g + i - 1]);
          heavy += f < 10;
        }
      }
    }
    check::that(wrong == 0, (isa + "a draw takes distinct features of its group").c_str());
    check::that(heavy > 12'500, (isa + "heavier features are drawn more often").c_str(), std::to_string(heavy).c_str());
  });
  return check::summary("random_test");
}
