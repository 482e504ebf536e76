/** @file fast-check arbitraries for tensors of every dtype. */

import fc from "fast-check";
import { DTYPE_BYTES, DTYPES, type DType } from "../../src/base/dtype.ts";
import { elementCount, type Tensor, tensor } from "../../src/base/tensor.ts";
import { elementsOf } from "../../src/formats/typed-bytes.ts";

/**
 * Tensors of up to three axes of up to four, their bytes anything at all (NaNs with payloads,
 * subnormals, bools of 255).
 */
export function anyTensor(dtypes: readonly DType[] = DTYPES): fc.Arbitrary<Tensor> {
  return fc
    .record({
      dtype: fc.constantFrom(...dtypes),
      shape: fc.array(fc.nat({ max: 4 }), { maxLength: 3 }),
    })
    .chain(({ dtype, shape }) => {
      const size = elementCount(shape) * DTYPE_BYTES[dtype];
      return fc
        .uint8Array({ minLength: size, maxLength: size })
        .map((bytes) => tensor(dtype, shape, elementsOf(dtype, new Uint8Array(bytes))));
    });
}
