/** @file The fused step behind the contract of `Trainable`. */

import { type CountingBackend, countingBackend } from "../../backend/counting-backend.ts";
import { copyArrays, type SavedState } from "../../base/checkpointable.ts";
import type { Sae } from "../sae.ts";
import type {
  Atoms,
  Batch,
  Draw,
  PlannedUse,
  StepOptions,
  StepResult,
  Trainable,
  TrainableBytes,
  TrainableContext,
} from "../trainable.ts";
import { auxWorkspace, deadAfter, deadLatents } from "./aux-k.ts";
import { constraintRoom } from "./constraints.ts";
import type { LinearForward } from "./forward.ts";
import {
  allocateMember,
  initialiseDecoderBias,
  initialiseWeights,
  type Member,
  type MemberOptions,
  packWeights,
  startingBytes,
} from "./member.ts";
import { decoderParameter, encoderWeights, namedArrays } from "./parameters.ts";
import { denseWorkspace } from "./rules/dense.ts";
import { ruleOf } from "./rules/rules.ts";
import { startFrom } from "./start-from.ts";
import { startOnCentroids } from "./start-on-centroids.ts";
import { backward, forward } from "./train-step.ts";
import { allocateWorkspace, keptGradients, type Workspace } from "./workspace.ts";

/** Fraction of the latents that a plan takes for dead once any can be. */
const EXPECTED_DEAD = 0.1;

/** An SAE with a linear encoder and decoder, trained by the fused step. */
export class LinearTrainable implements Trainable {
  readonly dIn: number;
  readonly dSae: number;
  readonly encodesRows = true;
  readonly member: Member;
  readonly workspace: Workspace;
  #seed = 0;
  #needsRows = false;

  /** Members of one shape and selection share their step's memory. */
  constructor(context: TrainableContext, options: Omit<MemberOptions, "dIn">) {
    const { backend, dIn, batch, shared } = context;
    const { dSae, spec } = options;
    this.dIn = dIn;
    this.dSae = dSae;
    const rule = ruleOf(spec.selection);
    const capacity = rule.capacity(spec.selection, { batch, dSae });
    const key = `linear ${dSae} ${spec.selection.kind} ${capacity} ${rule.sharing?.(spec.selection) ?? ""}`;
    const known = shared.get(key) as Workspace | undefined;
    this.workspace = known ?? allocateWorkspace(backend, { batch, dIn, dSae, capacity });
    shared.set(key, this.workspace);
    this.member = allocateMember(backend, { dIn, ...options });
  }

  get activePerRow(): number | undefined {
    const { selection } = this.member.spec;
    return ruleOf(selection).activePerRow(selection);
  }

  get startRows(): number {
    return this.#needsRows ? (this.member.spec.centroids?.rows ?? 0) : 0;
  }

  async startOn(rows: Float32Array, found: Map<string, object>): Promise<void> {
    const settings = this.member.spec.centroids!;
    const how = { settings, memberSeed: this.#seed, found };
    await startOnCentroids(this.workspace.backend, this.member, rows, how);
    this.#needsRows = false;
  }

  async initialise(draw: Draw): Promise<void> {
    this.#seed = draw.seed;
    this.#needsRows = draw.restart === 0;
    this.member.tokensSinceFired.fill(0);
    this.member.density = 1;
    await initialiseWeights(this.workspace.backend, this.member, draw);
  }

  async startFrom(sae: Sae): Promise<void> {
    await startFrom(this.workspace.backend, this.member, sae);
    this.#needsRows = false;
  }

  async fitTo(firstBatch: Float32Array): Promise<void> {
    const { backend, batch } = this.workspace;
    await initialiseDecoderBias(backend, this.member, firstBatch, batch);
  }

  forward(batch: Batch): Promise<LinearForward> {
    return forward(this.member, this.workspace, batch);
  }

  backward(found: LinearForward, step: StepOptions): Promise<StepResult> {
    return backward(this.member, this.workspace, step, found);
  }

  dictionary(): Atoms {
    const { parameters: p } = this.member;
    const parameter = decoderParameter(p);
    return {
      unit: p.unit,
      count: p.dSae,
      d: p.dIn,
      parameter: parameter === p.unit ? undefined : parameter,
    };
  }

  inference(): Sae {
    const { member, workspace } = this;
    const { parameters: p, spec } = member;
    const rule = ruleOf(spec.selection);
    const own = { encoder: encoderWeights(p), bias: p.bias.parameter };
    const { encoder, bias } = rule.inferenceEncoder?.(member, workspace) ?? own;
    return {
      selection: rule.inference(member),
      architecture: spec.name,
      dIn: p.dIn,
      dSae: p.dSae,
      encoder,
      decoder: p.unit,
      encoderBias: bias,
      decoderBias: p.decoderBias?.parameter,
    };
  }

  deadLatents(): number {
    return deadLatents(this.member).length;
  }

  save(): SavedState {
    const { member } = this;
    return {
      arrays: { ...namedArrays(member.parameters), tokens_since_fired: member.tokensSinceFired },
      json: {
        steps: member.steps,
        adam_steps: member.adamSteps,
        density: member.density,
        ...(member.threshold === undefined ? {} : { threshold: member.threshold }),
      },
    };
  }

  async load({ arrays, json }: SavedState): Promise<void> {
    const { member } = this;
    copyArrays(this.save().arrays, arrays);
    this.#needsRows = false;
    member.steps = Number(json["steps"]);
    member.adamSteps = Number(json["adam_steps"]);
    member.density = Number(json["density"]);
    member.threshold = json["threshold"] as number | undefined;
    await packWeights(this.workspace.backend, member);
  }

  bytes(use: PlannedUse): TrainableBytes {
    const { member, workspace: w } = this;
    const { batch, dIn, dSae } = w;
    const { spec, parameters: p } = member;
    const { selection } = spec;
    const rule = ruleOf(selection);
    const hasDense = rule.denseForward !== undefined;
    const arrays = Object.values(namedArrays(p)).reduce((sum, { length }) => sum + 4 * length, 0);
    const step = counted(this, ({ backend }) => {
      const capacity = rule.capacity(selection, { batch, dSae });
      const own = allocateWorkspace(backend, { batch, dIn, dSae, capacity });
      rule.prepare?.(selection, own);
    });
    const shared = [
      { what: "workspaces", bytes: step },
      { what: "dense path", bytes: hasDense ? counted(this, (own) => denseWorkspace(own)) : 0 },
      {
        what: "clipped gradients",
        bytes: spec.clipNorm === undefined ? 0 : counted(this, (own) => keptGradients(own, p)),
      },
      { what: "constraints", bytes: counted(this, (own) => constraintRoom(member, own)) },
      { what: "targets", bytes: use.hasTargets ? 4 * batch * dIn : 0 },
      { what: "AuxK", bytes: this.#auxBytes(EXPECTED_DEAD, use) },
    ];
    // Six arrays of a step's code, where half of the latents are active.
    const full = hasDense ? 24 * Math.max(0, 0.125 * batch * dSae - w.code.indices.length) : 0;
    return {
      held: [
        { what: "parameters and moments", bytes: arrays },
        { what: "packed encoders", bytes: member.packed.length },
        { what: "workspaces", bytes: 8 * dSae },
        ...shared.map((item) => ({ ...item, owner: w })),
      ],
      most: [
        {
          what: "AuxK",
          bytes: this.#auxBytes(1, use) - this.#auxBytes(EXPECTED_DEAD, use),
          owner: w,
        },
        { what: "full codes", bytes: full, owner: w },
      ],
      starting: startingBytes(w.backend, member, batch),
      inference: {
        k: rule.inferenceK?.(selection) ?? 0,
        bytes: rule.inferenceEncoder ? 4 * dSae * dIn : 0,
      },
    };
  }

  /** Memory of AuxK with a fraction `dead` of latents dead; 0 where none can be yet. */
  #auxBytes(dead: number, { activations }: PlannedUse): number {
    const settings = this.member.spec.auxK;
    if (!settings || activations < deadAfter(this.member)) return 0;
    const latents = Math.ceil(dead * this.dSae);
    return counted(this, (own) =>
      auxWorkspace(own, latents, Math.min(settings.kAux, latents), settings),
    );
  }
}

/** Bytes that `make` would allocate in a workspace like that of the trainable. */
function counted({ workspace }: LinearTrainable, make: (w: Workspace) => void): number {
  const counter: CountingBackend = countingBackend(workspace.backend);
  make({
    ...workspace,
    backend: counter.backend,
    kept: {},
    aux: undefined,
    dense: undefined,
    rooms: new Map(),
  });
  return counter.bytes;
}
