/** @file The keys of the page, and the switch that turns them off. */

import { useState } from "preact/hooks";
import { areKeysOn, switchKeys } from "./keys.ts";

const KEYS = [
  ["/", "search latents of this run"],
  ["j  k", "next, previous latent of the list"],
  ["r", "a random latent"],
  ["m", "the same place in the next member"],
  ["?", "this help"],
  ["Esc", "close"],
] as const;

/** The help, opened by `?`. */
export function Help() {
  const [isOn, setOn] = useState(areKeysOn);
  return (
    <dialog id="help" aria-labelledby="help-title">
      <form method="dialog">
        <h2 id="help-title">Keys</h2>
        <dl class="keys">
          {KEYS.map(([keys, what]) => (
            <div key={keys}>
              <dt>
                {keys.split("  ").map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <label class="check">
          <input
            type="checkbox"
            checked={isOn}
            onChange={(event) => {
              switchKeys(event.currentTarget.checked);
              setOn(event.currentTarget.checked);
            }}
          />
          Single letters do something
        </label>
        <p class="quiet small">
          A dashed brown line or a brown number is the null: what unrelated directions of the same
          shapes would show.
        </p>
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
