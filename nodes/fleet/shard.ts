import { NodeError } from '../errors.js';

/** One of several fleets that share a folder: it does every `count`-th bag, from the `index`-th on. */
export interface Shard {
  /** 0 .. count - 1. */
  readonly index: number;
  readonly count: number;
}

/**
 * Reads `2/8`; `/8` takes the index from `JOB_COMPLETION_INDEX`, which Kubernetes gives the pods of an Indexed Job.
 * @throws NodeError when it reads otherwise, or when there is no index.
 */
export function parseShard(text: string, environment: Readonly<NodeJS.ProcessEnv> = process.env): Shard {
  const [, given = '', counted = ''] = /^(\d{0,6})\/(\d{1,6})$/.exec(text) ?? [];
  const count = Number(counted);
  if (count < 1) {
    throw new NodeError(
      `--shard: expected \`INDEX/COUNT\` with INDEX from 0 to COUNT - 1, or \`/COUNT\`, got \`${text}\``,
      { field: '--shard' },
    );
  }
  const named = given === '' ? (environment.JOB_COMPLETION_INDEX ?? '') : given;
  if (given === '' && !/^\d{1,6}$/.test(named)) {
    throw new NodeError(
      `--shard ${text}: JOB_COMPLETION_INDEX is ${named === '' ? 'not set' : `\`${named}\``}: expected a number, as Kubernetes ` +
        "gives it to an Indexed Job's pods; elsewhere name the index, `0/COUNT`",
      { field: '--shard' },
    );
  }
  const index = Number(named);
  if (index >= count) {
    throw new NodeError(`--shard: expected an index from 0 to ${count - 1}, got ${index}`, {
      field: '--shard',
    });
  }
  return { index, count };
}

/** The bags of a shard: they are dealt in the order of their names, each once, so that every shard deals the same. */
export function bagsOfShard(bags: readonly string[], shard: Shard | undefined): readonly string[] {
  if (shard === undefined) return bags;
  return [...new Set(bags)].sort().filter((_, i) => i % shard.count === shard.index);
}

/** In names of files that every shard has for itself; empty for a fleet that shares nothing. */
export function shardTag(shard: Shard | undefined): string {
  return shard === undefined ? '' : `-${shard.index}-of-${shard.count}`;
}
