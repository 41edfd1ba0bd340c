import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';

/** A Redis of its own, whose data outlive it: what it confirmed is in its append-only file. */
export class RedisServer {
  readonly url: string;
  readonly #folder: string;
  readonly #port: number;
  #child: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
    this.url = `redis://127.0.0.1:${port}`;
  }

  /** Whether there is a redis-server on this machine. */
  static isThere(): boolean {
    return spawnSync('redis-server', ['--version']).status === 0;
  }

  static async start(folder: string): Promise<RedisServer> {
    for (let attempt = 1; ; attempt++) {
      const server = new RedisServer(folder, await freePort());
      try {
        await server.start();
        return server;
      } catch (error) {
        // Somebody else may have taken the port meanwhile.
        if (attempt === 5) throw error;
      }
    }
  }

  /** Starts it, again, with what it knew. */
  async start(): Promise<void> {
    const args = ['--port', `${this.#port}`, '--bind', '127.0.0.1', '--dir', this.#folder, '--save', ''];
    const child = spawn('redis-server', [...args, '--appendonly', 'yes', '--appendfsync', 'always'], {
      stdio: 'ignore',
    });
    this.#child = child;
    let hasEnded = false;
    child.once('exit', () => {
      hasEnded = true;
    });
    const probe = new Redis(this.url, { maxRetriesPerRequest: null, retryStrategy: () => 100 });
    probe.on('error', () => undefined); // until it is up
    try {
      // It answers with an error while it loads, and not at all before.
      const answer = async () => {
        const waited = new Promise<string>((resolve) => setTimeout(() => resolve(''), 500));
        return await Promise.race([probe.ping().catch(() => ''), waited]);
      };
      while ((await answer()) !== 'PONG') {
        if (hasEnded) throw new Error(`redis-server did not start at port ${this.#port}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      if (hasEnded) throw new Error(`another Redis is at port ${this.#port}`);
    } finally {
      probe.disconnect();
    }
  }

  /** Ends it at once, as a power cut does. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise((resolve) => {
      child.once('close', resolve);
      child.kill('SIGKILL');
    });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on TCP has such an address.
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
