/** @file A curve as small as a word. */

const [WIDTH, HEIGHT] = [72, 20];

/** Values over steps as a line; logarithmic where all are above zero. */
export function Sparkline({
  x,
  y,
  label,
}: {
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
  readonly label: string;
}) {
  const points = x.flatMap((at, i): [number, number][] => {
    const value = y[i];
    return typeof value === "number" && Number.isFinite(value) ? [[at, value]] : [];
  });
  if (points.length < 2) return <span class="quiet">–</span>;
  const isLog = points.every(([, value]) => value > 0);
  const heights = points.map(([, value]) => (isLog ? Math.log(value) : value));
  const [low, high] = [Math.min(...heights), Math.max(...heights)];
  const [first, last] = [points[0]![0], points.at(-1)![0]];
  const path = points.map(([at], i) => {
    const left = ((at - first) / (last - first || 1)) * (WIDTH - 4) + 2;
    const down = (1 - (heights[i]! - low) / (high - low || 1)) * (HEIGHT - 4) + 2;
    return `${left.toFixed(1)} ${down.toFixed(1)}`;
  });
  const [endX, endY] = path.at(-1)!.split(" ");
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={label}
    >
      <path d={`M${path.join("L")}`} />
      <circle cx={endX} cy={endY} r="1.8" />
    </svg>
  );
}
