import type { Preparation, SizedPreparation } from '../datasets/prepare/prepared-data.js';
import type { Size } from './data-role.js';

/** Data are made ready at the size of the network's pictures. @param options of a run; `size` where it is another one. */
export function sizedPreparation(
  options: Size & { readonly dataSeed: number },
  preparation: Preparation,
  { width, height }: Size = options,
): SizedPreparation {
  return { ...preparation, width, height, seed: options.dataSeed };
}
