import { TrainingError } from '../errors.js';
import { declaredParameters } from '../weights/network-parameters.js';
import { initialParameters } from '../weights/parameters.js';
import { takeEncoder } from '../weights/published/take-encoder.js';
import { parseOptions } from './complete-options.js';
import type { Method } from './method.js';
import type { RunOptions } from './run-options.js';
import type { Run } from './run-setup.js';
import type { RunDefinition } from './run-state.js';
import { readStartingWeights } from './starting-weights.js';

/** Options as a run of the method saved them. @throws TrainingError when they are of another method. */
export function readOptions(method: Method, saved: unknown, file: string): RunOptions & { method: string } {
  const fields: Readonly<Record<string, unknown>> =
    typeof saved === 'object' && saved !== null ? { ...saved } : {};
  const { method: name, ...options } = fields;
  if (name !== undefined && name !== method.name) {
    throw new TrainingError(
      `${file} belongs to a run of \`train ${name}\`, not of \`train ${method.name}\`.`,
      { file },
    );
  }
  return { method: method.name, ...parseOptions(method, options, file) };
}

/** The parameters of a run; drawn, but for those that `from` has. */
export function definitionOf(
  method: Method,
  options: RunOptions,
  { from, encoder, report }: Partial<Pick<Run, 'from' | 'encoder' | 'report'>> = {},
): RunDefinition {
  const specs = declaredParameters((scope, image) => method.declare(scope, image, options));
  const updates = method.phases(options, {}).flatMap((phase) => phase.updates);
  return {
    specs,
    optimizers: Object.fromEntries(updates.map(({ name, optimizer }) => [name, optimizer])),
    start: async () => {
      const drawn = initialParameters(specs, options.seed);
      const networks = method.networks(options);
      const required = method.startsFrom?.(options) ?? [];
      const refuseDrawn = (names: readonly string[]) => {
        if (names.length === 0) return;
        throw new TrainingError(
          `train ${method.name}: with these options it trains nothing of \`${names.join('`, `')}\`: expected \`--init\` with a run or model that has them.`,
        );
      };
      if (encoder !== undefined) {
        const taken = takeEncoder(encoder, specs);
        const isGiven = (network: string) =>
          [...taken.parameters.keys()].some((name) => name.startsWith(`${network}.`));
        refuseDrawn(required.filter((network) => !isGiven(network)));
        report?.(taken.report);
        return { parameters: new Map([...drawn, ...taken.parameters]) };
      }
      if (from === undefined) {
        refuseDrawn(required);
        const warning = method.drawnWarning?.(options);
        if (warning !== undefined) report?.(`warning: ${warning}`);
        return { parameters: drawn };
      }
      const { parentParts: parts } = options;
      const given = await readStartingWeights(from, specs, { networks, parts, required }, report);
      return { ...given, parameters: new Map([...drawn, ...given.parameters]) };
    },
  };
}
