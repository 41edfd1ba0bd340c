import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { isRemote, shownPlace } from '../../msgs/remote/remote-url.js';
import { NodeError } from '../errors.js';

/** A vehicle and its drives. */
export interface Vehicle {
  readonly name: string;
  /** Drives that are learned from, and those that it is judged by alone. */
  readonly learned: readonly string[];
  readonly heldOut: readonly string[];
}

/** A vehicle whose drives lie elsewhere: their paths and URLs, one a line. */
const LIST = '.txt';
const BAG_FILE = /\.(mcap|db3)(\.zstd)?$/;

/**
 * Finds the drives of vehicles. A vehicle is a folder with bag folders and bag files in it. It may also be a text file (`.txt`)
 * that lists paths and URLs of bags, one a line. The last ones of each are kept for judging. They are taken in natural order of
 * their names in a folder, in the order of the lines in a list.
 * @param places one for each vehicle
 * @param heldOut how many drives of each vehicle are kept, 1 at least
 * @throws NodeError naming a place that holds too few drives, that is a bag itself, or that cannot be read.
 */
export async function findVehicles(places: readonly string[], heldOut: number): Promise<Vehicle[]> {
  const vehicles: Vehicle[] = [];
  for (const folder of places) {
    const drives = await (folder.endsWith(LIST) ? drivesOf(folder) : drivesIn(folder));
    if (drives.length <= heldOut) {
      throw new NodeError(
        `fleet adapt: ${folder} holds ${drives.length} ${drives.length === 1 ? 'drive' : 'drives'}: expected at least ` +
          `\`${heldOut + 1}\`, of which ${heldOut} ${heldOut === 1 ? 'is' : 'are'} kept for judging (\`--held-out\`)`,
        { file: folder },
      );
    }
    const cut = drives.length - heldOut;
    const name = path.basename(path.resolve(folder), LIST);
    if (vehicles.some((other) => other.name === name)) {
      throw new NodeError(
        `fleet adapt: two vehicles are called \`${name}\`; the names of folders and lists tell them apart`,
        { file: folder },
      );
    }
    vehicles.push({ name, learned: drives.slice(0, cut), heldOut: drives.slice(cut) });
  }
  return vehicles;
}

async function drivesOf(list: string): Promise<string[]> {
  const text = await readFile(list, 'utf8').catch((cause: Error) => {
    throw new NodeError(`fleet adapt: the list of drives ${list} cannot be read: ${cause.message}`, {
      file: list,
      cause,
    });
  });
  const drives = text.split('\n').flatMap((line) => line.trim() || []);
  return drives.map((drive) => (isRemote(drive) ? drive : path.resolve(drive)));
}

async function drivesIn(folder: string): Promise<string[]> {
  if (isRemote(folder)) {
    throw new NodeError(
      `fleet adapt: ${shownPlace(folder)} is a URL: a store is not searched for drives; expected a text file (\`.txt\`) that ` +
        "lists the URLs of the vehicle's drives, one a line",
      { file: shownPlace(folder) },
    );
  }
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
