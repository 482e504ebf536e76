/** @file What is left of an erased concept, and what erasing it costs, by the size of the edit. */

import { type Curve, lineChart } from "../../../figures/plot/line-chart.ts";
import type { Specification } from "../../../figures/plot/specification.ts";
import type { ErasureResult } from "../causal/erasure/result.ts";

type Method = ErasureResult["methods"][number];

/** A curve for each group of ways; ways that stand alone are single points. */
function curvesOf(
  methods: readonly Method[],
  x: (method: Method) => number,
  y: (method: Method) => Method["kl"],
): Curve[] {
  const groups = [...new Set(methods.map(({ group }) => group))];
  return groups.map((name) => {
    const own = methods.filter(({ group }) => group === name);
    const points = own.map((one) => {
      const { mean, interval } = y(one);
      return { name: one.name, x: x(one), y: mean, low: interval?.[0], high: interval?.[1] };
    });
    return { name, points: points.sort((a, b) => a.x - b.x) };
  });
}

/** The figures, by the names of their files: one more where a text was predicted. */
export function erasureFigures({
  task,
  model,
  hook,
  pairs,
  methods,
}: ErasureResult): Readonly<Record<string, Specification>> {
  const where = `Task ${task}, ${model} at ${hook}, ${pairs} pairs of prompts with fillings that nothing was fitted to; bars are 95 % intervals over pairs (bootstrap).`;
  const ways = "Points of one line ablate more and more latents; “drawn” ones are a control.";
  const byEdit = { xLabel: "size of the edit, mean ‖Δ‖ per token", marks: true, xInclude: [0] };
  const figures = {
    probe: lineChart({
      ...byEdit,
      title: "What a probe still reads, by the size of the edit",
      description: `${where} Accuracy of a logistic probe fitted after the erasure; chance is 0.5. ${ways}`,
      curves: curvesOf(
        methods,
        ({ edit }) => edit,
        ({ probe }) => probe,
      ),
      yLabel: "accuracy of a probe",
      include: [0.5, 1],
    }),
    model: lineChart({
      ...byEdit,
      title: "What the model still gets right, by the size of the edit",
      description: `${where} Fraction of right answers; giving the same answer every time is right in 0.5. ${ways}`,
      curves: curvesOf(
        methods,
        ({ edit }) => edit,
        ({ accuracy }) => accuracy,
      ),
      yLabel: "right answers of the model",
      include: [0.5, 1],
    }),
    kl: lineChart({
      ...byEdit,
      title: "What erasing costs, by the size of the edit",
      description: `${where} KL of the model's predictions behind the prompts. ${ways}`,
      curves: curvesOf(
        methods,
        ({ edit }) => edit,
        ({ kl }) => kl,
      ),
      yLabel: "KL(unchanged ‖ erased), nats",
      include: [0],
    }),
  };
  const onText = methods.filter(({ text_kl: kl }) => kl !== null);
  if (onText.length === 0) return figures;
  const cost = lineChart({
    title: "What a probe still reads, by the cost on another text",
    description: `${where} The cost is KL per token of the text. ${ways}`,
    curves: curvesOf(
      onText,
      ({ text_kl: kl }) => kl!,
      ({ probe }) => probe,
    ),
    xLabel: "KL(unchanged ‖ erased) per token of the text, nats",
    xInclude: [0],
    yLabel: "accuracy of a probe",
    include: [0.5, 1],
    marks: true,
  });
  return { ...figures, cost };
}
