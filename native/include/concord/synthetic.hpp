// Activations with known features, generated on the fly: x = sum of coefficient * feature (+
// noise). Row r depends only on the keys and on r.
#pragma once
#include <cstdint>

#include "concord/random.hpp"

namespace concord {

enum class Coefficients : std::int32_t {
  uniform = 0,          // U(0, 1)
  absolute_normal = 1,  // |N(0, 1)|
  uniform_product = 2,  // U(0, 1) U(0, 1)
};

struct SyntheticRows {
  const float* features;  // [count, d_in]
  int count, d_in;
  Coefficients coefficients;

  // Either: draw one of `groups` groups of `group_size` consecutive features. Then draw `active`
  // features of that group without replacement, feature i with a weight proportional to weights[i].
  // (Exponential keys: the resulting order has the distribution of torch.multinomial.) With
  // `supports` [groups, active], the features of each group are given instead.
  int groups, group_size, active;
  const float* weights;  // [group_size]
  const std::int32_t* supports;

  // Or, when `probabilities` [count] is given: include each feature independently with its
  // probability.
  const float* probabilities;

  float noise;  // standard deviation of normal noise added to every element
  RandomKey key, noise_key;
  std::uint64_t start;  // first row
  int rows;
  float* out;  // [rows, d_in]
};

/// One draw of `active` features from each group, as SyntheticRows makes it, for the draw numbered
/// `draw`. out [groups, active] counts features from the first of their group.
struct DrawSupports {
  int groups, group_size, active;
  const float* weights;
  RandomKey key;
  std::uint64_t draw;
  std::int32_t* out;
};

}  // namespace concord
