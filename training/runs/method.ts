import type * as tf from '@tensorflow/tfjs';
import type { z } from 'zod';
import type { Manifest } from '../../models/manifest.js';
import type { Intrinsics } from '../../msgs/camera/intrinsics.js';
import type { PanelTile } from '../../msgs/picture/panel.js';
import type { BatchArrays, BatchSchema, TensorsOf } from '../datasets/batches/batch-schema.js';
import type { PerceptionNetwork } from '../networks/perception-network.js';
import type { Scope } from '../networks/scope.js';
import type { Sizes } from '../ops/assert-shape.js';
import type { OptimizerOptions } from '../optimizers/create-optimizer.js';
import type { DataRole, Facts, Size } from './data-role.js';
import type { HealthOptions } from './health/health-options.js';
import type { HostContext, HostState } from './host-state.js';
import type { RunOptions } from './run-options.js';

/**
 * A paper (or another way to learn), as composition alone: networks, losses, phases, data roles. Disks, resume, logs,
 * panels, engines and export are the run's: `runMethod`. Whoever writes a method never sees a folder or a signal.
 */
export interface Method<O extends RunOptions = RunOptions, S extends BatchSchema = BatchSchema>
  extends MethodChoices<O> {
  /** Its command: `rxdepth train NAME`. */
  readonly name: string;
  /** For people, one or two sentences. */
  readonly summary: string;
  /** In order; the first decides how long an epoch is. */
  readonly data: Readonly<Record<string, DataRole<O>>>;
  /** The batch, with the fields of all roles and what host states add. */
  readonly batch: S;
  /** Sizes of letters in the batch's shapes that no role has. */
  sizes?(options: O, size: Size): Sizes;
  /**
   * The networks by name, which is what the names of their parameters begin with (`encoder.`).
   * @param options of a run. */
  networks(options: O): readonly string[];
  /** Computes all networks once for an image [1, 64, 64, 3], so that the scope meets every parameter. */
  declare(scope: Scope, image: tf.Tensor4D, options: O): void;
  /**
   * Run one after another; most methods have one. It is also asked before there are data, for the optimizers alone: then there are
   * no facts.
   */
  phases(options: O, facts: Facts): readonly Phase<S>[];
  /** Share of a batch's statistics in the running ones. */
  readonly statisticsMomentum: number;
  /**
   * Names of the numbers that steps report, in the log's order. Where a step has several updates, `NAME.loss` and
   * `NAME.gradientNorm` of each follow by themselves.
   */
  readonly metrics: readonly string[];
  /**
   * Adversaries, and what shows that they have collapsed. Then a run that diverges or collapses stops with a message, and
   * what it had become replaces no earlier checkpoint. Left out: only weights that are not finite are kept from replacing
   * one.
   */
  health?(options: O): HealthOptions;
  /** What lives on the host between steps, made anew for every phase. */
  host?(options: O, context: HostContext): Promise<readonly HostState[]>;
  /** The fields that host states give in a phase of this run; all that are of no role where left out. */
  hostFields?(options: O, phase?: string): readonly string[];
  /** What held-out samples are measured and shown by. */
  inspect(options: O, facts: Facts): Inspection<S>;
  /** What is exported of the weights after so many steps; undefined: such a run has nothing to export. */
  inference(options: O, facts: Facts, step: number): Inference | undefined;
  /** Networks that a fresh run must be given by `--init`, whole. */
  startsFrom?(options: O): readonly string[];
  /** Why a run whose networks are all drawn will not learn with these options: said at its start. */
  drawnWarning?(options: O): string | undefined;
  /** Rows of the paper's ablation table, and what each changes of the whole method. */
  readonly ablation?: Readonly<Record<string, Partial<O>>>;
  /** Rows of the paper's other tables, which are trained only where `--rows` names them. */
  readonly furtherRows?: Readonly<Record<string, Partial<O>>>;
  /** How its rows are trained by `rxdepth train ablation NAME`. */
  readonly ablationSetting?: AblationSetting<O>;
  /** What names of exported models begin with where nothing is said; as the method is called where left out. */
  readonly modelName?: string;
  /** What the options mean, for the manifest. */
  provenance(options: O): { readonly method: string; readonly data: string };
}

/** What can be said of a run of a method. */
export interface MethodChoices<O extends RunOptions = RunOptions> {
  /**
   * Everything that decides the outcome, strict; saved once, compared on resume. Flags of the command follow from it: see
   * `option`.
   */
  readonly options: z.ZodObject & z.ZodType<O>;
  /** What is taken where nothing is given, by the name of `--preset`; over the defaults of the options. */
  readonly presets: Readonly<Record<string, Partial<O>>>;
  /** What follows from other options where nothing is given; over the preset. */
  defaults?(given: Partial<O>): Partial<O>;
}

/** What all rows of an ablation have in common. */
export interface AblationSetting<O extends RunOptions = RunOptions> {
  /** Taken where nothing is given, over the presets: small pictures, two domains of the simulator. */
  readonly base: Partial<O>;
  /**
   * Options of a run whose weights every row starts from, over those of all rows: what pretraining is to the paper.
   * @param steps that are asked for.
   */
  start?(steps: number | undefined): Partial<O>;
}

/** For as long as this the updates are the same. */
export interface Phase<S extends BatchSchema = BatchSchema> {
  /** For people and host states, where a method has several. */
  readonly name?: string;
  readonly length: Length;
  /** Sizes of the pictures; every fourth batch has the second, where there is one. */
  readonly shapes: readonly Size[];
  /** Samples of each role in its batches, none of roles left out; as the roles say where there is none at all. */
  readonly batchSizes?: Readonly<Record<string, number>>;
  /** Batches whose gradients are averaged for a step, where those are not as many as `--accumulate` says. */
  readonly batchesPerStep?: number;
  /** How held-out samples are measured while it lasts, where that is another way than the method's. */
  readonly inspection?: Inspection<S>;
  /** Networks without gradients and with fixed statistics. */
  readonly frozen?: readonly string[];
  /** Taken one after another within a step, all on the same batch. */
  readonly updates: readonly Update<S>[];
}

/** Steps, passes over the first role's samples, or about so many minutes (of a method with one phase). */
export type Length = { readonly steps: number } | { readonly epochs: number } | { readonly minutes: number };

/** A loss, the networks that learn from it, and how. Compiled once for each shape. */
export interface Update<S extends BatchSchema = BatchSchema> {
  /** Name of its optimizer, which phases share by this name. */
  readonly name: string;
  readonly trains: readonly string[];
  /** Fields of the batch that it reads; all that the run has where left out. */
  readonly reads?: readonly string[];
  loss(scope: Scope, batch: TensorsOf<S>): MethodLoss;
  readonly optimizer: OptimizerOptions;
  learningRate(progress: Progress): number;
}

export interface MethodLoss {
  readonly loss: tf.Scalar;
  readonly metrics?: Readonly<Record<string, tf.Scalar>>;
  /** Tensors for host states, float32. */
  readonly host?: Readonly<Record<string, tf.Tensor>>;
}

/** How far a run is before a step. */
export interface Progress {
  /** Step of the whole run, from 0. */
  readonly step: number;
  readonly steps: number;
  /** Step of the phase. */
  readonly phaseStep: number;
  readonly phaseSteps: number;
}

/** How held-out samples are measured and shown. */
export interface Inspection<S extends BatchSchema = BatchSchema> {
  /** Whose held-out samples. */
  readonly role: string;
  /** Whether the untrained networks are measured too. */
  readonly untrained: boolean;
  /** Names of the figures, in the log's order. */
  readonly metrics: readonly string[];
  /** What the networks make of a batch of one, with their running statistics. */
  outputs(scope: Scope, batch: TensorsOf<S>): Readonly<Record<string, tf.Tensor>>;
  measure(): Measure;
  /** A row of the panel. */
  tiles(seen: Inspected): PanelTile[];
  /** Rows of the panel at most. */
  readonly shown: number;
}

/** A held-out sample and what the networks make of it; outputs are row major. */
export interface Inspected {
  readonly batch: BatchArrays;
  readonly outputs: BatchArrays;
  /** As it was stored; what of it is known depends on the data. */
  readonly sample: Partial<KnownSample>;
  readonly size: Size;
}

/** What may be known of a stored sample, at its own size. */
export interface KnownSample extends Size {
  readonly rgb: Uint8Array;
  readonly labels: Uint8Array;
  readonly depthMeters: Float32Array;
  readonly intrinsics: Intrinsics;
}

/** Takes held-out samples one after another. */
export interface Measure {
  add(seen: Inspected): void;
  /** Figures by name; what is not known is left out. */
  figures(): Record<string, number>;
}

/** What a model folder is made of, but for the weights and where they come from. */
export interface Inference {
  readonly network: PerceptionNetwork;
  readonly input: Manifest['input'];
  readonly depth: Manifest['depth'];
  /** The model keeps its number of pixels, and why. */
  readonly fixedSize?: string;
}

/** Gives a method to what runs any method: a run hands it only options that its own schema has read. */
export function defineMethod<O extends RunOptions, S extends BatchSchema>(method: Method<O, S>): Method {
  return method as unknown as Method; // as said above
}
