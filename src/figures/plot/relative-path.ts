/**
 * @file Long polylines as short text: a start, then steps to a tenth of a pixel whose rounding does
 *   not add up.
 */

/** Tenths of a pixel as text: 3, −0.4. */
function tenths(n: number): string {
  return String(n / 10 || 0);
}

const VERTEX = /([ML])(-?[\d.e-]+)[ ,](-?[\d.e-]+)/g;
const OTHER_COMMANDS = /[^MLZ\d.,e\s-]/;

/**
 * Path data of straight lines between absolute places, as Plot writes it, in about seven characters
 * per point. Other path data is returned as it is.
 *
 * @example relativePath("M1,2L3.04,2") // "M1 2l2 0"
 */
export function relativePath(d: string): string {
  if (OTHER_COMMANDS.test(d)) return d;
  let [x, y] = [0, 0];
  return d.replace(VERTEX, (_, command: string, toX: string, toY: string) => {
    const [nextX, nextY] = [Math.round(10 * Number(toX)), Math.round(10 * Number(toY))];
    const text =
      command === "M"
        ? `M${tenths(nextX)} ${tenths(nextY)}`
        : `l${tenths(nextX - x)} ${tenths(nextY - y)}`;
    [x, y] = [nextX, nextY];
    return text;
  });
}
