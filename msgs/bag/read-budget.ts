/** What a bag of any size may cost, so that small ones may compress as well as black pictures do. */
const LEAST_WORK = 512 << 20;
/** Work for every stored byte; real recordings need 1 to 100. */
const WORK_PER_BYTE = 1000;

/** The same for bytes that are not compressed. */
const LEAST_PLAIN_WORK = 1 << 20;
const PLAIN_WORK_PER_BYTE = 4;

/** Work of handing out one message, whatever its size: as much as for this many bytes. */
export const MESSAGE_WORK = 512;

/** Bytes of unpacked chunks that are held to bring overlapping ones into order. */
const HELD_BYTES = 256 << 20;
const LEAST_HELD_BYTES = 16 << 20;

/** The share of a bag's floor that one of its files has. */
export interface ReadLimits {
  readonly leastWork: number;
  readonly heldBytes: number;
}

/** Limits of each file of a bag of `files` files: a folder of many costs no more than one file. */
export function readLimits(files = 1): ReadLimits {
  return {
    leastWork: Math.ceil(LEAST_WORK / files),
    heldBytes: Math.max(LEAST_HELD_BYTES, Math.ceil(HELD_BYTES / files)),
  };
}

/**
 * The work that one pass over a file may take, in bytes. It is linear in the file's size, so that no small file keeps a
 * reader busy for long. What it does not cover is left out and reported.
 */
export class ReadBudget {
  #left: number;

  private constructor(work: number) {
    this.#left = work;
  }

  /** For `storedBytes` that are compressed. */
  static ofPacked(storedBytes: number, { leastWork }: ReadLimits): ReadBudget {
    return new ReadBudget(leastWork + WORK_PER_BYTE * storedBytes);
  }

  /** For `storedBytes` of which each is read once, unless something is wrong. */
  static ofPlain(storedBytes: number): ReadBudget {
    return new ReadBudget(LEAST_PLAIN_WORK + PLAIN_WORK_PER_BYTE * storedBytes);
  }

  /** Takes `work`, or nothing where less is left. @returns whether it was taken. */
  spend(work: number): boolean {
    if (work > this.#left) return false;
    this.#left -= work;
    return true;
  }
}
