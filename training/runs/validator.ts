import type { DeviceChoice } from '../../models/device.js';
import { type PanelTile, panel } from '../../msgs/picture/panel.js';
import { writePng } from '../../msgs/picture/write-png.js';
import { NO_AUGMENTATION } from '../datasets/batches/augmentation.js';
import { BatchMaker } from '../datasets/batches/batch-maker.js';
import {
  asTensors,
  type BatchArrays,
  type BatchSchema,
  traceInputs,
} from '../datasets/batches/batch-schema.js';
import type { RoleBatches } from '../datasets/batches/role-batches.js';
import { StoredSamples } from '../datasets/stores/stored-samples.js';
import { StoredTriplets } from '../datasets/stores/stored-triplets.js';
import { Scope } from '../networks/scope.js';
import type { Sizes } from '../ops/assert-shape.js';
import { type CompiledFunction, compile } from '../tracer/compile.js';
import { parameterInputs, parameterValues } from '../weights/parameter-inputs.js';
import type { Parameters } from '../weights/parameters.js';
import type { Size } from './data-role.js';
import type { Inspected, Inspection, KnownSample } from './method.js';

export interface ValidatorOptions {
  readonly inspection: Inspection;
  readonly schema: BatchSchema;
  /** The held-out samples. */
  readonly role: RoleBatches;
  /** Sizes of a batch of one. */
  readonly sizes: Sizes;
  readonly size: Size;
  readonly parameters: Parameters;
  readonly threads: number;
  /** Where it runs; the CPU where left out. */
  readonly device?: DeviceChoice | undefined;
}

/** Measures networks with their running statistics on held-out samples, and draws some of them. */
export class Validator {
  readonly #options: ValidatorOptions;
  readonly #compiled: CompiledFunction;

  private constructor(options: ValidatorOptions, compiled: CompiledFunction) {
    this.#options = options;
    this.#compiled = compiled;
  }

  static async create(options: ValidatorOptions): Promise<Validator> {
    const { inspection, schema, sizes, parameters, threads, device, role } = options;
    const fields = Object.values(role.names);
    const inputs = traceInputs(schema, sizes, fields);
    const compiled = await compile(
      (given) => {
        const batch = Object.fromEntries(Object.keys(inputs).map((name) => [name, given[name]]));
        const weights = Object.fromEntries(Object.entries(given).filter(([name]) => !(name in inputs)));
        const known = Object.fromEntries(Object.entries(schema).filter(([name]) => fields.includes(name)));
        return { ...inspection.outputs(Scope.over(weights, false), asTensors(known, batch)) };
      },
      { ...parameterInputs(parameters), ...inputs },
      { threads, ...(device && { device }) },
    );
    return new Validator({ ...options, role: plain(role) }, compiled);
  }

  /** @returns the figures of the method's inspection; writes the panel, of samples spread over the held-out ones. */
  async run(panelFile: string): Promise<Record<string, number>> {
    const { inspection, role, size, parameters } = this.#options;
    const stored = role.kind === 'triplets' ? new StoredTriplets(role.data) : new StoredSamples(role.data);
    const maker = new BatchMaker({ roles: [role], seed: 0 });
    const measure = inspection.measure();
    const rows: PanelTile[][] = [];
    const values = parameterValues(parameters);
    for (let i = 0; i < stored.count; i++) {
      const batch = await maker.single(i);
      const outputs = await this.#compiled.run({ ...values, ...batch });
      const seen: Inspected = { batch, outputs: dataOf(outputs), sample: known(await stored.read(i)), size };
      measure.add(seen);
      const every = Math.max(1, Math.floor(stored.count / inspection.shown));
      if (i % every === 0 && rows.length < inspection.shown) rows.push(inspection.tiles(seen));
    }
    stored.close();
    maker.close();
    const columns = rows[0]?.length ?? 1;
    await writePng(panelFile, panel(rows.flat(), { columns }), { inOwnFolder: true });
    return measure.figures();
  }

  async release(): Promise<void> {
    await this.#compiled.close();
  }
}

/** One at a time, as they are. */
function plain(role: RoleBatches): RoleBatches {
  const change = { batchSize: 1, augmentation: NO_AUGMENTATION };
  if (role.kind === 'labelled')
    return { ...role, fill: role.fill.slice(0, 1).map((fill) => ({ ...fill, ...change })) };
  return role.kind === 'pictures'
    ? { ...role, fill: role.fill.slice(0, 1).map((fill) => ({ ...fill, ...change })) }
    : { ...role, fill: role.fill.slice(0, 1).map((fill) => ({ ...fill, ...change })) };
}

function dataOf(outputs: Awaited<ReturnType<CompiledFunction['run']>>): BatchArrays {
  const arrays = Object.entries(outputs).map(([name, { data }]) => [name, data] as const);
  return Object.fromEntries(arrays) as BatchArrays; // inspections give floats and int32
}

function known(sample: Partial<KnownSample> & { readonly target?: Uint8Array }): Partial<KnownSample> {
  return { ...sample, ...(sample.target && { rgb: sample.target }) };
}
