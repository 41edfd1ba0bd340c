import test from 'ava';
import { domainNamed } from '../../../training/simulator/domains.js';
import { simulateDrive } from '../../../training/simulator/drive.js';
import { simulateSnapshot } from '../../../training/simulator/snapshot.js';
import { frameHash } from './picture-hash.js';

/** Start of the hash of snapshots 7 and 8 (192x64) and of the second frame of drive 3 (160x48), as samples and figures rest on them. */
const FROZEN: Readonly<Record<string, readonly [string, string, string]>> = {
  'town-clean': ['b68193961b77', 'baa03995a8a9', '8517ca3c4679'],
  'town-camera': ['d5b9c9f67054', 'f40913f94d58', '0fc5da33c374'],
  wide: ['11cbb69db630', '7718fd4ea6b7', '4492ca9c602a'],
  traffic: ['146b195518f3', '2a4c681df189', '748518cc6b51'],
  convoy: ['78e88b9fa943', '2febb8a7fc5d', '998b0adaa84a'],
  highway: ['70a99410e6a3', '8dcb1cc5af0c', '0225f954eeb2'],
  parked: ['74bb055ed03a', 'ae6ff0c71092', '07e660cd5b46'],
  standing: ['78e88b9fa943', '2febb8a7fc5d', '941501768035'],
  'town-varied': ['63fb4e78e181', '20a38d525f25', '6edc767479ef'],
  'traffic-varied': ['17cb70c7a0ff', '954274ffa2d9', 'a4128c8c6b86'],
};

for (const [name, expected] of Object.entries(FROZEN)) {
  test(`domain ${name} gives the pictures, depths and labels that published figures were measured on`, (t) => {
    t.timeout(600_000);
    const domain = domainNamed(name);
    const start = (frame: Parameters<typeof frameHash>[0] | undefined): string =>
      frame === undefined ? 'no frame' : frameHash(frame).slice(0, 12);
    const snapshots = [7, 8].map((seed) => start(simulateSnapshot({ domain, seed, width: 192, height: 64 })));
    const drive = [
      ...simulateDrive({ domain, seed: 3, frames: 2, frameRate: 10, width: 160, height: 48 }),
    ] as const;
    t.deepEqual([...snapshots, start(drive[1])], [...expected]);
  });
}
