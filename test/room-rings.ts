import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Rooms that import one another in a ring, and every import that ties two of them. */
export interface RoomRing {
  /** Sorted. */
  readonly rooms: readonly string[];
  /** `FILE -> FILE`, sorted: at least one of them has to go. */
  readonly imports: readonly string[];
}

const IMPORT = /\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g;

/** Rooms of a layer: what lies directly in its folder, folders as well as files. */
export function roomsOf(layer: string): string[] {
  return readdirSync(layer).sort();
}

/**
 * The rings between the rooms of a layer. The linter sees circles of files; rooms can form a ring without one, when a file of
 * A imports B and another file of B imports A.
 */
export function roomRings(layer: string): RoomRing[] {
  const imports = new Map<string, Map<string, string[]>>();
  const files = new Set(readdirSync(layer, { recursive: true, encoding: 'utf8' }));
  for (const file of files) {
    if (!/\.tsx?$/.test(file)) continue;
    for (const [, specifier = ''] of readFileSync(path.join(layer, file), 'utf8').matchAll(IMPORT)) {
      const target = path.join(path.dirname(file), specifier);
      const imported = ['.ts', '.tsx']
        .map((end) => target.replace(/\.js$/, end))
        .find((name) => files.has(name));
      if (imported === undefined) continue;
      const [from = '', to = ''] = [file, imported].map((name) => name.split(path.sep)[0]);
      if (from === to) continue;
      const ofRoom = imports.get(from) ?? new Map<string, string[]>();
      imports.set(from, ofRoom.set(to, [...(ofRoom.get(to) ?? []), `${file} -> ${imported}`]));
    }
  }
  const reached = new Map([...imports.keys()].map((room) => [room, reachedFrom(room, imports)]));
  const left = new Set([...reached.keys()].sort());
  const rings: RoomRing[] = [];
  for (const room of left) {
    if (!reached.get(room)?.has(room)) continue;
    const rooms = [...left].filter((other) => reached.get(room)?.has(other) && reached.get(other)?.has(room));
    for (const other of rooms) left.delete(other);
    const ties = rooms.flatMap((from) => rooms.flatMap((to) => imports.get(from)?.get(to) ?? []));
    rings.push({ rooms, imports: ties.sort() });
  }
  return rings;
}

function reachedFrom(start: string, imports: ReadonlyMap<string, ReadonlyMap<string, unknown>>): Set<string> {
  const reached = new Set<string>();
  const waiting = [start];
  for (let room = waiting.pop(); room !== undefined; room = waiting.pop()) {
    for (const next of imports.get(room)?.keys() ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      waiting.push(next);
    }
  }
  return reached;
}
