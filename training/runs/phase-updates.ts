import { shapeOfStep } from '../datasets/batches/batch-order.js';
import type { BatchArrays, BatchSchema } from '../datasets/batches/batch-schema.js';
import { batchCounts } from './batch-counts.js';
import { type CompiledUpdate, compileUpdate } from './compiled-update.js';
import type { Engine } from './engine.js';
import type { HostState } from './host-state.js';
import type { Method, Update } from './method.js';
import type { PhaseRun } from './phase-run.js';
import { letterSizes } from './run-data.js';

/** Every update for every shape. */
export async function compileUpdates(
  { method, run, state, data, phase }: PhaseRun,
  engine: Engine,
): Promise<CompiledUpdate[][]> {
  const { options, threads, report } = run;
  const counts = batchCounts(method, options, phase);
  const hosts = Object.keys(method.batch).filter((name) => !isOfRole(method, name));
  const present = method.hostFields?.(options, phase.name) ?? hosts;
  const updates: CompiledUpdate[][] = [];
  for (const update of phase.updates) {
    const shapes: CompiledUpdate[] = [];
    for (const size of phase.shapes) {
      const { width, height } = size;
      report(
        `${engine.name}${phase.updates.length > 1 ? ` of ${update.name}` : ''} at ${width}x${height}, batch ${Object.values(counts).filter(Boolean).join(' + ')}`,
      );
      shapes.push(
        await compileUpdate({
          ...{
            parameters: state.parameters,
            update,
            frozen: phase.frozen,
            schema: readBy(update, method.batch),
          },
          ...{
            sizes: letterSizes(method, options, size, counts),
            fields: [...data.fields(counts), ...present],
            threads,
            engine,
          },
        }),
      );
    }
    updates.push(shapes);
  }
  return updates;
}

/** The part of the batch that an update reads. */
function readBy({ reads }: Update, batch: BatchSchema): BatchSchema {
  if (reads === undefined) return batch;
  return Object.fromEntries(Object.entries(batch).filter(([name]) => reads.includes(name)));
}

function isOfRole(method: Method, field: string): boolean {
  return Object.values(method.data).some(({ names }) => Object.values<unknown>(names).includes(field));
}

/** One step of an update, host states before and after it. @param shapes of the update, in the phase's order. */
export async function computeUpdate(
  shapes: readonly CompiledUpdate[],
  hosts: readonly HostState[],
  batch: BatchArrays,
  index: number,
  update: string,
) {
  const compiled = shapes[shapeOfStep(index, shapes.length)];
  if (compiled === undefined) throw new RangeError('a phase has at least one shape');
  let whole = batch;
  for (const host of hosts) whole = { ...whole, ...(await host.before(batch, index, update)) };
  const result = await compiled.step(whole);
  let { metrics } = result;
  for (const host of hosts) metrics = { ...metrics, ...host.after(result, whole) };
  return { ...result, metrics };
}
