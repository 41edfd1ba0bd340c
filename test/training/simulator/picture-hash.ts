import { createHash } from 'node:crypto';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { domainNamed } from '../../../training/simulator/domains.js';
import type { SimulatedFrame } from '../../../training/simulator/frame.js';
import { simulateSnapshot } from '../../../training/simulator/snapshot.js';

/** SHA-256 of everything a frame shows. */
export function frameHash(frame: SimulatedFrame): string {
  const hash = createHash('sha256');
  for (const part of [frame.rgb, frame.depthMeters, frame.labels, frame.instances, frame.worldFromCamera])
    hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  return hash.digest('hex');
}

// As a worker: renders the seeds it was given and answers with their hashes.
if (!isMainThread && workerData?.seeds !== undefined) {
  const { seeds, domain, width, height } = workerData as {
    seeds: number[];
    domain: string;
    width: number;
    height: number;
  };
  parentPort?.postMessage(
    seeds.map((seed) => frameHash(simulateSnapshot({ domain: domainNamed(domain), seed, width, height }))),
  );
}
