import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { NodeError } from '../errors.js';

/** A vehicle and its drives. */
export interface Vehicle {
  readonly name: string;
  /** Drives that are learned from, and those that it is judged by alone. */
  readonly learned: readonly string[];
  readonly heldOut: readonly string[];
}

const BAG_FILE = /\.(mcap|db3)(\.zstd)?$/;

/**
 * Finds the drives in the folders of vehicles: bag folders and bag files. The last ones of each, in natural order of their
 * names, are kept for judging.
 * @param heldOut how many, of each vehicle.
 * @throws NodeError naming a folder that holds too few, or that is a bag itself.
 */
export async function findVehicles(folders: readonly string[], heldOut: number): Promise<Vehicle[]> {
  const vehicles: Vehicle[] = [];
  for (const folder of folders) {
    const drives = await drivesIn(folder);
    if (drives.length <= heldOut) {
      throw new NodeError(
        `fleet adapt: ${folder} holds ${drives.length} ${drives.length === 1 ? 'drive' : 'drives'}: expected at least ` +
          `\`${heldOut + 1}\`, of which ${heldOut} ${heldOut === 1 ? 'is' : 'are'} kept for judging (\`--held-out\`)`,
        { file: folder },
      );
    }
    const cut = drives.length - heldOut;
    const name = path.basename(path.resolve(folder));
    if (vehicles.some((other) => other.name === name)) {
      throw new NodeError(
        `fleet adapt: two vehicles are called \`${name}\`; the folders' names tell them apart`,
        { file: folder },
      );
    }
    vehicles.push({ name, learned: drives.slice(0, cut), heldOut: drives.slice(cut) });
  }
  return vehicles;
}

async function drivesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: Error) => {
    throw new NodeError(
      `fleet adapt: expected the folder of a vehicle, with its drives in it, got \`${folder}\`: ${cause.message}`,
      { file: folder, cause },
    );
  });
  if (entries.some(({ name }) => name === 'metadata.yaml')) {
    throw new NodeError(
      `fleet adapt: ${folder} is a drive itself; expected the folder of a vehicle, with its drives in it`,
      { file: folder },
    );
  }
  return entries
    .filter((entry) => !entry.name.startsWith('.') && (BAG_FILE.test(entry.name) || !entry.isFile()))
    .map(({ name }) => name)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((name) => path.resolve(folder, name));
}
