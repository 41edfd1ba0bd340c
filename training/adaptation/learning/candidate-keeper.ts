import path from 'node:path';
import { disparityRange } from '../../../models/manifest.js';
import { makeFolder } from '../../../msgs/files/make-folder.js';
import { exportModel } from '../../perception-graph/export-model.js';
import type { TrainableModel } from '../../perception-graph/load-weights.js';
import { wholeModel } from '../../perception-graph/whole-model.js';
import type { LearningContext } from '../adaptation-method.js';
import type { LearnedModel, LearningProgress } from '../judge/contenders.js';

type KeptModel = Pick<TrainableModel, 'network' | 'parameters' | 'pose' | 'precision' | 'classAdjustment'>;

/** Writes the weights as they are on the way of learning as model folders. */
export class CandidateKeeper {
  readonly #context: LearningContext;
  readonly #model: KeptModel;
  readonly #method: string;
  readonly #began: number;
  readonly #learned: LearnedModel[] = [];

  private constructor(context: LearningContext, model: KeptModel, method: string) {
    this.#context = context;
    this.#model = model;
    this.#method = method;
    this.#began = context.elapsed();
  }

  /** @param model whose parameters change in place. @param method for the manifest. */
  static async create(context: LearningContext, model: KeptModel, method: string): Promise<CandidateKeeper> {
    await makeFolder(context.options.work.checkpoints);
    return new CandidateKeeper(context, model, method);
  }

  /** @param own steps of this method. */
  async keep(own: number): Promise<void> {
    const { options, parent, domains, lessons, elapsed, before } = this.#context;
    const { manifest } = parent;
    const steps = own + (before?.steps ?? 0);
    const folder = path.join(options.work.checkpoints, String(steps).padStart(5, '0'));
    await exportModel({
      ...{ folder, overwrite: true, precision: this.#model.precision },
      ...wholeModel(this.#model, disparityRange(manifest)),
      description: {
        ...{ name: manifest.name, version: options.version, license: manifest.license },
        ...{ input: manifest.input, depth: manifest.depth, classAdjustment: this.#model.classAdjustment },
        provenance: {
          method: before === undefined ? this.#method : `${before.method}, ${this.#method}`,
          data: [
            `drives ${options.bags.map((bag) => path.basename(path.resolve(bag))).join(', ')}`,
            ...(lessons === undefined ? [] : [`teacher ${lessons.teachers.join(', ')}`]),
            `simulator, domain ${domains.join()}`,
          ].join('; '),
          ...{ seed: options.settings.seed, steps, trainedSeconds: Math.round(elapsed() - this.#began) },
          ...{ command: options.command, parent: before?.parent ?? `${manifest.name}/${manifest.version}` },
          createdAt: new Date().toISOString(),
          // Whose weights the encoder started from, and their licence, stays true.
          encoder: manifest.provenance.encoder,
          metrics: {},
        },
      },
    });
    this.#learned.push({ steps, folder });
  }

  /**
   * Keeps the end too.
   * @param steps of this method.
   * @returns all that was kept, in the order of learning; undefined when the run was stopped.
   */
  async finish(steps: number, progress?: LearningProgress): Promise<readonly LearnedModel[] | undefined> {
    if (this.#context.options.signal.aborted) return undefined;
    const all = steps + (this.#context.before?.steps ?? 0);
    if (this.#learned[this.#learned.length - 1]?.steps !== all) await this.keep(steps);
    return this.#learned.map((each) => (each.steps === all && progress ? { ...each, progress } : each));
  }
}
