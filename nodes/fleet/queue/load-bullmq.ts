import { NodeError } from '../../errors.js';

/** Loads the queue's library, which is an optional peer: only fleets beyond one machine need it. */
export async function loadBullmq(): Promise<
  typeof import('bullmq') & Pick<typeof import('ioredis'), 'Redis'>
> {
  try {
    const { Redis } = await import('ioredis');
    return { ...(await import('bullmq')), Redis };
  } catch (cause) {
    throw new NodeError(
      'a fleet of many machines needs the packages bullmq and ioredis, which are not installed: ' +
        `\`npm install bullmq@6 ioredis@6\` (${(cause as Error).message})`,
      { cause },
    );
  }
}
