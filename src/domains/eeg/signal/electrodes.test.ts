import { describe, expect, test } from "vitest";
import { ELECTRODES, electrodeMapPosition, electrodePosition, TEN_TWENTY } from "./electrodes.ts";

const close = (point: readonly number[] | undefined, wanted: readonly number[]) => {
  expect(point).toHaveLength(wanted.length);
  for (const [i, v] of wanted.entries()) expect(point![i]).toBeCloseTo(v, 9);
};

describe("positions", () => {
  test("Cz is the pole; nose, back and ears are where the axes end", () => {
    close(electrodePosition("Cz"), [0, 0, 1]);
    close(electrodePosition("Fpz"), [0, 1, 0]);
    close(electrodePosition("Oz"), [0, -1, 0]);
    close(electrodePosition("T7"), [-1, 0, 0]);
    close(electrodePosition("T8"), [1, 0, 0]);
  });

  test("Fz is halfway from Cz to Fpz, C3 halfway from T7 to Cz", () => {
    close(electrodePosition("Fz"), [0, Math.SQRT1_2, Math.SQRT1_2]);
    close(electrodePosition("C3"), [-Math.SQRT1_2, 0, Math.SQRT1_2]);
  });

  test("all lie on the unit sphere, no two in one place, and even numbers mirror odd ones", () => {
    const seen = new Set<string>();
    for (const name of ELECTRODES) {
      const [x, y, z] = electrodePosition(name)!;
      expect(Math.hypot(x, y, z), name).toBeCloseTo(1, 9);
      seen.add([x, y, z].map((v) => v.toFixed(6)).join(" "));
      const odd = /^(.*?)(\d+)$/.exec(name);
      if (odd && Number(odd[2]) % 2 === 1) {
        const twin = electrodePosition(`${odd[1]}${Number(odd[2]) + 1}`)!;
        close(twin, [-x, y, z]);
        expect(x).toBeLessThan(0);
      }
    }
    expect(seen.size).toBe(ELECTRODES.length);
    expect(ELECTRODES).toEqual(expect.arrayContaining([...TEN_TWENTY, "AF3", "PO8", "FT10", "Iz"]));
  });

  test("a name that is none has no position", () => {
    expect(electrodePosition("ECG")).toBeUndefined();
    expect(electrodeMapPosition("fp1")).toBeUndefined();
  });
});

test("the map has the nose up, the equator at radius 1 and angles from Cz as distances", () => {
  close(electrodeMapPosition("Cz"), [0, 0]);
  close(electrodeMapPosition("Fpz"), [0, 1]);
  close(electrodeMapPosition("T8"), [1, 0]);
  close(electrodeMapPosition("Pz"), [0, -0.5]);
  close(electrodeMapPosition("Iz"), [0, -1.25]);
  close(electrodeMapPosition("C1"), [-0.25, 0]);
});
