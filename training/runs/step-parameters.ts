import type { StepParameter } from '../tracer/compile-training-step.js';
import type { Parameters } from '../weights/parameters.js';

/**
 * The weights as parameters of a compiled training step: filters are stored as OIHW.
 * @param learns whether a trainable parameter gets a gradient; all do where left out.
 */
export function stepParameters(
  parameters: Parameters,
  learns: (name: string) => boolean = () => true,
): Record<string, StepParameter> {
  return Object.fromEntries(
    [...parameters].map(([name, { spec }]) => [
      name,
      {
        shape: [...spec.shape],
        layout: spec.shape.length === 4 ? 'OIHW' : 'logical',
        trainable: spec.trainable && learns(name),
      } as const,
    ]),
  );
}
