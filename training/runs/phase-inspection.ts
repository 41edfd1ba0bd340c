import type { Facts, Size } from './data-role.js';
import type { Inspection, Method, Phase } from './method.js';
import { besideSteps } from './phase-hosts.js';
import type { PhaseRun } from './phase-run.js';
import { letterSizes } from './run-data.js';
import type { RunOptions } from './run-options.js';
import { Validator } from './validator.js';

/** How a phase is measured. */
export function inspectionOf(method: Method, options: RunOptions, facts: Facts, phase: Phase): Inspection {
  return phase.inspection ?? method.inspect(options, facts);
}

/** The validator of a phase: the method's figures on samples that are kept aside. */
export async function validatorOf(
  { method, run, state, data, phase }: PhaseRun,
  size: Size,
): Promise<Validator> {
  const inspection = inspectionOf(method, run.options, data.facts, phase);
  const own = method.data[inspection.role]?.size?.(run.options) ?? size;
  return Validator.create({
    ...{ inspection, schema: method.batch, role: data.heldOut(inspection.role, size), size: own },
    sizes: letterSizes(method, run.options, size, 1),
    ...{ parameters: state.parameters, ...besideSteps(run) },
  });
}
