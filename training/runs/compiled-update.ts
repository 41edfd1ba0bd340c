import {
  asTensors,
  type BatchArrays,
  type BatchSchema,
  traceInputs,
} from '../datasets/batches/batch-schema.js';
import { Scope } from '../networks/scope.js';
import type { Sizes } from '../ops/assert-shape.js';
import { rateOf } from '../optimizers/parameter-groups.js';
import type { Tensors } from '../optimizers/tensors.js';
import { parameterValues } from '../weights/parameter-inputs.js';
import type { Parameters } from '../weights/parameters.js';
import { COMPILED, type Engine } from './engine.js';
import type { Update } from './method.js';
import { stepParameters } from './step-parameters.js';
import type { UpdateResult } from './step-result.js';

export interface CompileUpdateOptions<S extends BatchSchema> {
  readonly parameters: Parameters;
  /** What its optimizer leaves as it is, at a rate of 0, gets no gradient. */
  readonly update: Pick<Update<S>, 'name' | 'trains' | 'loss'> & Partial<Pick<Update<S>, 'optimizer'>>;
  readonly frozen?: readonly string[] | undefined;
  readonly schema: S;
  readonly sizes: Sizes;
  /** Fields that the batches have; all where left out. */
  readonly fields?: readonly string[] | undefined;
  readonly threads: number;
  /** Whether networks compute with the batch's statistics and update the running ones; they do where left out. */
  readonly batchStatistics?: boolean;
  /** COMPILED by default. */
  readonly engine?: Engine | undefined;
}

export interface CompiledUpdate {
  /** @param batch all fields; what no graph reads may be among them. */
  step(batch: BatchArrays): Promise<UpdateResult>;
  release(): Promise<void>;
}

/** Marks what is for host states among the updates of a step. */
const HOST = 'host:';

/**
 * Compiles loss and gradients of an update for one shape of batches; reads the parameters' current values at every step.
 */
export async function compileUpdate<S extends BatchSchema>({
  parameters,
  update,
  frozen = [],
  schema,
  sizes,
  fields,
  threads,
  batchStatistics = true,
  engine = COMPILED,
}: CompileUpdateOptions<S>): Promise<CompiledUpdate> {
  const batch = traceInputs(schema, sizes, fields);
  const learns = (name: string) => {
    const network = name.slice(0, name.indexOf('.'));
    if (!update.trains.includes(network) || frozen.includes(network)) return false;
    return rateOf(update.optimizer?.groups ?? [], name) > 0;
  };
  const compiled = await engine.start({
    parameters: stepParameters(parameters, learns),
    batch,
    loss: (weights, tensors) => {
      const scope = Scope.over(weights, batchStatistics, frozen);
      const { loss, metrics = {}, host = {} } = update.loss(scope, asTensors(schema, tensors));
      const asked = Object.entries(host).map(([name, tensor]) => [`${HOST}${name}`, tensor] as const);
      return { loss, metrics, updates: { ...scope.updates(), ...Object.fromEntries(asked) } };
    },
    options: { threads },
  });
  const values = parameterValues(parameters);
  const read = Object.keys(batch);
  return {
    step: async (given) => {
      const feeds = Object.fromEntries(read.map((name) => [name, given[name] as Float32Array])); // the graph checks them
      const { updates: all, ...result } = await compiled.step(values, feeds);
      const entries = Object.entries(all as Tensors); // statistics are float32
      const updates = Object.fromEntries(entries.filter(([name]) => !name.startsWith(HOST)));
      const host = entries.flatMap(([name, x]) =>
        name.startsWith(HOST) ? [[name.slice(5), x] as const] : [],
      );
      return { ...result, update: update.name, updates, host: Object.fromEntries(host) };
    },
    release: () => compiled.close(),
  };
}
