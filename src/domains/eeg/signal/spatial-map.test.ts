import { expect, test } from "vitest";
import { expectAllclose } from "../../../../test/support/allclose.ts";
import { randomStream } from "../../../base/philox.ts";
import { whiteNoise } from "../../../base/white-noise.ts";
import { spatialMap } from "./spatial-map.ts";

const unit = (x: readonly number[]) => x.map((v) => v / Math.hypot(...x));

test("a map times a waveform gives the map back, whatever the signs", () => {
  const map = [0.5, -2, 1, 0];
  const pattern = map.flatMap((m) => Array.from({ length: 9 }, (_, t) => m * Math.cos(t)));
  expectAllclose(spatialMap(pattern, 4, 9), unit([-0.5, 2, -1, 0]), { atol: 1e-9 });
  const negative = pattern.map((v) => -v);
  expectAllclose(spatialMap(negative, 4, 9), unit([-0.5, 2, -1, 0]), { atol: 1e-9 });
  // One pattern of several, one after the other.
  expectAllclose(spatialMap([...pattern, 1, 2], 4, 9, 0), unit([-0.5, 2, -1, 0]), { atol: 1e-9 });
});

test("of several maps it is the stronger, and no direction explains more", () => {
  const noise = whiteNoise(randomStream(1, "map"), 5 * 40);
  const explained = (u: ArrayLike<number>) => {
    let sum = 0;
    for (let t = 0; t < 40; t++) {
      let along = 0;
      for (let c = 0; c < 5; c++) along += u[c]! * noise[c * 40 + t]!;
      sum += along ** 2;
    }
    return sum;
  };
  const best = spatialMap(noise, 5, 40);
  for (let i = 0; i < 50; i++) {
    const other = unit([...whiteNoise(randomStream(i, "other"), 5)]);
    expect(explained(other)).toBeLessThanOrEqual(explained(best));
  }
});

test("nothing has no map", () => {
  expect([...spatialMap(new Float64Array(6), 2, 3)]).toEqual([0, 0]);
});
