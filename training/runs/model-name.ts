import type { Method } from './method.js';
import type { RunOptions } from './run-options.js';

/** What an exported model is called where nothing is said: after its method and preset, `dada-compact`. */
export function modelName({ name, modelName: prefix = name }: Method, options: RunOptions): string {
  const preset: unknown = 'preset' in options ? options.preset : undefined;
  return typeof preset === 'string' ? `${prefix}-${preset}` : prefix;
}
