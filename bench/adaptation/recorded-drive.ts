import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Domain, domainNamed } from '../../training/simulator/domains.js';
import { simulateDrive } from '../../training/simulator/drive.js';
import { DriveRecorder } from '../../training/simulator/drive-recorder.js';
import type { DriveKind } from './drive-quality.js';

const START_NS = 1_700_000_000_000_000_000n;

/**
 * A drive as a bag that a vehicle would have recorded, simulated unless it is there. @returns its folder.
 * @param domain default: that of the kind's name.
 */
export async function recordedDrive(
  root: string,
  kind: DriveKind,
  domain: Domain = domainNamed(kind.domain),
): Promise<string> {
  const folder = path.join(root, `${kind.domain}-${kind.seed}`);
  if (existsSync(path.join(folder, 'metadata.yaml'))) return folder;
  const recorder = await DriveRecorder.create(folder, { overwrite: true, startNs: START_NS });
  const frames = simulateDrive({ ...kind, domain });
  for (const frame of frames) await recorder.write(frame);
  await recorder.close();
  return folder;
}
