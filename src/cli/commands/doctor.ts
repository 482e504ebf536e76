/** @file concord doctor: what this installation runs on, and how fast. */

import { measureBackend } from "../../backend/measure-backend.ts";
import { PACKAGE_ROOT } from "../../backend/native/package-root.ts";
import { advice } from "../advice.ts";
import { backendFor } from "../environment.ts";
import { hostFacts } from "../host.ts";
import { bytes, short } from "../output.ts";
import { print } from "../print.ts";

export async function doctor({ json }: { json?: boolean }): Promise<void> {
  const opened = backendFor();
  const { backend, fallbackReason, availableIsas } = opened;
  const host = hostFacts();
  const todo = advice(host, opened);
  const rates = await measureBackend(backend, () => performance.now());
  const { name, isa, threads } = backend;
  const { gemm, encode, read } = rates;
  if (json) {
    const facts = {
      backend: {
        name,
        isa,
        threads,
        available_isas: availableIsas,
        fallback_reason: fallbackReason,
      },
      host: {
        system: host.system,
        cpu: host.cpu,
        processors: host.processors,
        memory_bytes: host.memoryBytes,
        free_memory_bytes: host.freeMemoryBytes,
      },
      package: PACKAGE_ROOT,
      versions: host.versions,
      tools: host.tools,
      advice: todo,
      rates: {
        gemm: { gflops: gemm.gflops, m: gemm.m, n: gemm.n, k: gemm.k },
        encode: {
          tflops: encode.tflops,
          screen: encode.screen,
          batch: encode.batch,
          d_in: encode.dIn,
          d_sae: encode.dSae,
          k: encode.k,
        },
        read: { gigabytes_per_second: read.gigabytesPerSecond, bytes: read.bytes },
      },
    };
    return void print(`${JSON.stringify(facts)}\n`);
  }
  const { processors, allProcessors } = host;
  const of = processors === allProcessors ? "" : ` of ${allProcessors}`;
  const lines: [string, string][] = [
    ["backend", fallbackReason === undefined ? name : `${name}, because ${fallbackReason}`],
    [
      "instructions",
      isa + (availableIsas.length > 0 ? ` (available: ${availableIsas.join(", ")})` : ""),
    ],
    ["threads", String(threads)],
    ["CPU", `${host.cpu}, ${processors}${of} processors`],
    ["memory", `${bytes(host.memoryBytes)}, ${bytes(host.freeMemoryBytes)} free`],
    ["system", host.system],
    ["package", PACKAGE_ROOT],
    ...Object.entries(host.versions),
    ...Object.entries(host.tools).map(([tool, version]): [string, string] => [
      tool,
      version ?? `not found${tool === "ninja" ? ", nor needed" : ""}`,
    ]),
    [
      "GEMM",
      `${short(gemm.gflops)} GFLOP/s in float32, [${gemm.m}, ${gemm.k}] × [${gemm.k}, ${gemm.n}]`,
    ],
    [
      "TopK encoder",
      `${short(encode.tflops)} TFLOP/s, screened in ${encode.screen}, [${encode.batch}, ${encode.dIn}] × [${encode.dIn}, ${encode.dSae}], k ${encode.k}`,
    ],
    ["reading", `${short(read.gigabytesPerSecond)} GB/s over ${bytes(read.bytes)}`],
  ];
  const width = Math.max(...lines.map(([label]) => label.length));
  const shown = lines.map(([label, text]) => `${label.padEnd(width)}  ${text}`);
  print(`${[...shown, ...todo.map((line) => `\n${line}`)].join("\n")}\n`);
}
