import { createHash } from 'node:crypto';
import path from 'node:path';

/** One bag to replay. The identity is that of what goes in, wherever the bag lies. */
export interface FleetJob {
  /** SHA-256, in hex, of the digests of bag and model and of the flags. */
  readonly id: string;
  readonly bag: string;
  /** Name of the output in the fleet's folder. */
  readonly output: string;
}

/** The job of a bag with the given contents under a model and flags of `rxdepth replay`. */
export function fleetJob(
  bag: string,
  digests: Readonly<Record<'bag' | 'model', string>>,
  flags: readonly string[],
): FleetJob {
  const content = JSON.stringify(['replay', digests.bag, digests.model, flags]);
  const id = createHash('sha256').update(content).digest('hex');
  const name = path.basename(bag).replace(/\.(mcap|db3)$/, '');
  return { id, bag, output: `${name}-${id.slice(0, 12)}` };
}
