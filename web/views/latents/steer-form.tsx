/** @file What is done to a latent, and by how much: the choices of the box. */

import type { EffectsBody } from "../../../src/server/api/steer.ts";

/** What is done to a latent; `ablate` is `scale` by 0. */
export type Deed = "add" | "clamp" | "scale" | "ablate";

/** A deed: its name, what it means, its range, and strengths whose cost is shown. */
export interface DeedWords {
  readonly name: string;
  readonly meaning: string;
  /** Of the slider, in units of the strongest activation, or a factor. */
  readonly range: readonly [min: number, max: number, first: number];
  readonly compared: readonly number[];
  /** Whether strengths are in units of the strongest activation. */
  readonly inActivations: boolean;
}

/** In the order of the box. */
export const DEEDS: Readonly<Record<Deed, DeedWords>> = {
  add: {
    name: "add",
    meaning: "its direction is added to every activation",
    range: [-5, 5, 1],
    compared: [-2, -1, -0.5, 0, 0.5, 1, 2],
    inActivations: true,
  },
  clamp: {
    name: "clamp",
    meaning: "it counts as this active everywhere",
    range: [-5, 5, 1],
    compared: [-1, 0, 0.5, 1, 2],
    inActivations: true,
  },
  scale: {
    name: "scale",
    meaning: "where it is active, it is this many times as active",
    range: [-5, 5, 2],
    compared: [-1, 0, 0.5, 1, 2, 4],
    inActivations: false,
  },
  ablate: {
    name: "ablate",
    meaning: "it is taken out where it is active",
    range: [0, 0, 0],
    compared: [0, 0.25, 0.5, 0.75, 1],
    inActivations: false,
  },
};

/** The change of a deed, as the server knows it. */
export const changeOf = (deed: Deed): NonNullable<EffectsBody["change"]> =>
  deed === "ablate" ? "scale" : deed;

/** Choices of the deed, and the slider of its strength where it has one. */
export function DeedChoice({
  deed,
  strength,
  max,
  onDeed,
  onStrength,
}: {
  readonly deed: Deed;
  readonly strength: number;
  /** The largest activation, as text. */
  readonly max: string;
  readonly onDeed: (deed: Deed) => void;
  readonly onStrength: (strength: number) => void;
}) {
  const { range, meaning, inActivations } = DEEDS[deed];
  return (
    <>
      <fieldset class="deeds">
        <legend>Change</legend>
        {Object.entries(DEEDS).map(([key, { name }]) => (
          <label key={key}>
            <input
              type="radio"
              name="deed"
              value={key}
              checked={deed === key}
              onChange={() => onDeed(key as Deed)}
            />
            {name}
          </label>
        ))}
        <span class="quiet">{meaning}</span>
      </fieldset>
      {deed !== "ablate" && (
        <label>
          {inActivations ? `Strength, × its largest activation (${max})` : "Factor"}
          <span class="range">
            <input
              type="range"
              min={range[0]}
              max={range[1]}
              step={0.25}
              value={strength}
              onInput={(event) => onStrength(Number(event.currentTarget.value))}
            />
            <output>{strength}×</output>
          </span>
        </label>
      )}
    </>
  );
}
