/**
 * @file Rows that are served in whole groups, one after another: the poses of one thing, for
 *   example. Groups are shuffled as wide rows, so that every order of rows there is serves them.
 */

import type { ActivationStream, StreamState } from "../source.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { rowsOf, type StoredRows } from "./stored-rows.ts";

/** Key of a state that says how many rows of the current group were served. */
const PLACE = "place_in_group";

/**
 * The groups of `stored` as rows: [rows / size, size · d_in].
 *
 * @param size Divides the number of rows.
 */
export function groupsAsRows(stored: StoredRows, size: number): StoredRows {
  return {
    ...stored,
    dIn: stored.dIn * size,
    rows: stored.rows / size,
    read: (start, into) => stored.read(start * size, into),
  };
}

/**
 * The rows of a stream of groups. Groups are whole and in order; a batch that ends inside one goes
 * on there.
 *
 * @param groups A stream whose rows are groups of `size` rows of `dIn` numbers.
 */
export function rowsOfGroups(
  groups: ActivationStream,
  dIn: number,
  size: number,
): ActivationStream {
  const exclusive = oneAtATime();
  const group = new Float32Array(size * dIn);
  /** Where the current group begins, and how many of its rows were served. */
  let before = groups.state();
  let place = 0;

  const enter = async () => {
    before = groups.state();
    await groups.next(group);
  };
  const position = (): StreamState =>
    place === 0 ? { ...groups.state(), [PLACE]: 0 } : { ...before, [PLACE]: place };
  const restore = async (state: StreamState) => {
    const { [PLACE]: served, ...rest } = state;
    await groups.seek(rest);
    place = typeof served === "number" && served > 0 && served < size ? served : 0;
    if (place > 0) await enter();
  };

  return {
    dIn,
    rowsPerPass: groups.rowsPerPass === undefined ? undefined : groups.rowsPerPass * size,
    next: (out) =>
      exclusive(async () => {
        const wanted = rowsOf(out, dIn, "train.next");
        const start = position();
        try {
          for (let done = 0; done < wanted; ) {
            const whole = place === 0 ? Math.floor((wanted - done) / size) * size : 0;
            if (whole > 0) await groups.next(out.subarray(done * dIn, (done + whole) * dIn));
            done += whole;
            if (done === wanted) break;
            if (place === 0) await enter();
            const taken = Math.min(size - place, wanted - done);
            out.set(group.subarray(place * dIn, (place + taken) * dIn), done * dIn);
            place = (place + taken) % size;
            done += taken;
          }
        } catch (error) {
          // A second attempt must not skip the rows of a failed read.
          await restore(start);
          throw error;
        }
      }),
    state: position,
    seek: (state) => exclusive(() => restore(state)),
  };
}
