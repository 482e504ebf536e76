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
import { denseWorkspace } from "./dense-path.ts";
import type { LinearForward } from "./forward.ts";
import {
  allocateMember,
  initialiseDecoderBias,
  initialiseWeights,
  type Member,
  type MemberOptions,
  packWeights,
  selectionK,
  startingBytes,
} from "./member.ts";
import { decoderParameter, encoderWeights, namedArrays } from "./parameters.ts";
import { startFrom } from "./start-from.ts";
import { backward, forward } from "./train-step.ts";
import { allocateWorkspace, keptGradients, type Workspace } from "./workspace.ts";

/** Fraction of the latents that a plan takes for dead once any can be. */
const EXPECTED_DEAD = 0.1;

/** Expected active latents of a batch, for the first allocation; ReLU grows it when needed. */
function expectedCapacity({ spec, dSae }: Omit<MemberOptions, "dIn">, batch: number): number {
  const { selection } = spec;
  return batch * (selection.kind === "topk" ? selection.k : Math.ceil(dSae / 16));
}

/** An SAE with a linear encoder and decoder, trained by the fused step. */
export class LinearTrainable implements Trainable {
  readonly dIn: number;
  readonly dSae: number;
  readonly member: Member;
  readonly workspace: Workspace;

  /** Members of one shape and selection share their step's memory. */
  constructor(context: TrainableContext, options: Omit<MemberOptions, "dIn">) {
    const { backend, dIn, batch, shared } = context;
    const { dSae, spec } = options;
    this.dIn = dIn;
    this.dSae = dSae;
    const capacity = expectedCapacity(options, batch);
    const key = `linear ${dSae} ${spec.selection.kind} ${capacity}`;
    const known = shared.get(key) as Workspace | undefined;
    this.workspace = known ?? allocateWorkspace(backend, { batch, dIn, dSae, capacity });
    shared.set(key, this.workspace);
    this.member = allocateMember(backend, { dIn, ...options });
  }

  get activePerRow(): number | undefined {
    return selectionK(this.member.spec) || undefined;
  }

  async initialise(draw: Draw): Promise<void> {
    this.member.tokensSinceFired.fill(0);
    this.member.density = 1;
    await initialiseWeights(this.workspace.backend, this.member, draw);
  }

  async startFrom(sae: Sae): Promise<void> {
    await startFrom(this.workspace.backend, this.member, sae);
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
    const { parameters: p, spec } = this.member;
    return {
      selection: spec.selection,
      architecture: spec.name,
      dIn: p.dIn,
      dSae: p.dSae,
      encoder: encoderWeights(p),
      decoder: p.unit,
      encoderBias: p.bias.parameter,
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
      json: { steps: member.steps, adam_steps: member.adamSteps, density: member.density },
    };
  }

  async load({ arrays, json }: SavedState): Promise<void> {
    const { member } = this;
    copyArrays(this.save().arrays, arrays);
    member.steps = Number(json["steps"]);
    member.adamSteps = Number(json["adam_steps"]);
    member.density = Number(json["density"]);
    await packWeights(this.workspace.backend, member);
  }

  bytes(use: PlannedUse): TrainableBytes {
    const { member, workspace: w } = this;
    const { batch, dIn, dSae } = w;
    const { spec, parameters: p } = member;
    const isRelu = spec.selection.kind === "relu";
    const arrays = Object.values(namedArrays(p)).reduce((sum, { length }) => sum + 4 * length, 0);
    const step = counted(this, ({ backend }) => {
      const capacity = expectedCapacity({ ...member, dSae }, batch);
      allocateWorkspace(backend, { batch, dIn, dSae, capacity });
    });
    const shared = [
      { what: "workspaces", bytes: step },
      { what: "dense path", bytes: isRelu ? counted(this, (own) => denseWorkspace(own)) : 0 },
      {
        what: "clipped gradients",
        bytes: spec.clipNorm === undefined ? 0 : counted(this, (own) => keptGradients(own, p)),
      },
      { what: "targets", bytes: use.hasTargets ? 4 * batch * dIn : 0 },
      { what: "AuxK", bytes: this.#auxBytes(EXPECTED_DEAD, use) },
    ];
    // Six arrays of a step's code, where half of the latents are active.
    const full = isRelu ? 24 * Math.max(0, 0.125 * batch * dSae - w.code.indices.length) : 0;
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
      starting: startingBytes(member, batch),
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
  make({ ...workspace, backend: counter.backend, kept: {}, aux: undefined, dense: undefined });
  return counter.bytes;
}
