import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer, type Server } from 'node:net';
import os from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { MEMORY_SETTINGS } from '../../../../models/memory-settings.js';
import { isPackageInstalled } from '../../../../nodes/transport/ros2/installed-package.js';
import { loadRclnodejs } from '../../../../nodes/transport/ros2/load-rclnodejs.js';
import { type QosProfile, RELIABLE } from '../../../../nodes/transport/ros2/qos.js';
import type { BagCameraOptions } from './bag-publisher.js';
import type { BytesAs, ClientReport, ClientRequest } from './graph-client.js';
import type { CameraOptions } from './synthetic-camera.js';

const program = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const NODE = program('../../../../nodes/perception-node/main.js');
/** As launch/scripts/node.in starts it. */
const FLAGS = ['--single-threaded-gc'];
const ENVIRONMENT = MEMORY_SETTINGS;
/** How long anything may take on a busy machine, milliseconds. */
const PATIENCE_MS = 300_000;
/** How long a test of many steps may take there, milliseconds. */
const TEST_MS = 1_800_000;
/** Above it, the ports of DDS are among those that Linux gives away (docs of ROS 2, ROS_DOMAIN_ID). */
const LAST_DOMAIN = 101;
/** Of the ports that say which domains are taken; those of DDS begin at 7400. */
const FIRST_PORT = 6800;

/** A process of the graph, with what it printed. */
export class GraphProcess {
  readonly child: ChildProcess;
  /** Exit code or signal. */
  readonly exited: Promise<number | string | null>;
  said = '';

  constructor(program: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    const hear = (chunk: Buffer) => {
      this.said += chunk.toString();
    };
    this.child.stdout?.on('data', hear);
    this.child.stderr?.on('data', hear);
    this.exited = new Promise((resolve) => {
      this.child.once('exit', (code, signal) => resolve(code ?? signal));
      this.child.once('error', (error) => {
        this.said += error.message;
        resolve(error.message);
      });
    });
  }

  /** Resolves when it has said so, `times` times. */
  async says(what: RegExp, times = 1): Promise<void> {
    const all = new RegExp(what, `${what.flags}g`);
    await until(
      () => (this.said.match(all)?.length ?? 0) >= times,
      () => `${what} in\n${this.said}`,
    );
  }

  /** @returns its exit code and how long it took to end, milliseconds */
  async end(signal: NodeJS.Signals): Promise<{ exit: number | string | null; ms: number }> {
    const startMs = performance.now();
    this.child.kill(signal);
    return { exit: await this.exited, ms: performance.now() - startMs };
  }
}

/** Messages of a topic as the client got them. */
export interface Heard<T> {
  readonly messages: T[];
  readonly agesMs: number[];
}

/**
 * Processes on a live ROS 2 graph of their own; rclnodejs cannot live in a worker thread, where ava runs tests. Source
 * ROS 2 and a workspace with rxdepth_msgs, and have rclnodejs installed or on NODE_PATH.
 */
export class LiveGraph {
  readonly #env: NodeJS.ProcessEnv;
  readonly #started: GraphProcess[] = [];
  readonly #heard = new Map<string, Heard<unknown>>();
  readonly #answers = new Map<number, (report: ClientReport & { kind: 'answer' }) => void>();
  #client: GraphProcess | undefined;
  #calls = 0;

  constructor(domain: number) {
    this.#env = { ...process.env, ROS_DOMAIN_ID: String(domain) };
  }

  run(script: string, args: readonly string[]): GraphProcess {
    return this.command(process.execPath, [script, ...args]);
  }

  /** Any program in the graph's environment. */
  command(
    program: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): GraphProcess {
    const started = new GraphProcess(program, args, { ...this.#env, ...environment });
    this.#started.push(started);
    return started;
  }

  /** The perception node, `/perception`, which starts itself. @param start flags of Node.js, topics under other names, a prefix */
  perception(
    parameters: Readonly<Record<string, string | number | boolean>>,
    start: {
      readonly flags?: readonly string[];
      readonly remaps?: Readonly<Record<string, string>>;
      readonly prefix?: readonly string[];
    } = {},
  ): GraphProcess {
    const { flags = [], remaps = {}, prefix = [] } = start;
    // Tests share their processors: what is late there is no fault.
    const given = { autostart: true, device: 'cpu', threads: 1, max_age: '20.0', ...parameters };
    const args = Object.entries(given).flatMap(([name, value]) => ['-p', `${name}:=${value}`]);
    const names = Object.entries(remaps).flatMap(([from, to]) => ['-r', `${from}:=${to}`]);
    const node = [process.execPath, ...FLAGS, ...flags, NODE, '--ros-args', ...args, ...names];
    const [program = process.execPath, ...rest] = [...prefix, ...node];
    return this.command(program, rest, ENVIRONMENT);
  }

  /** The perception node with arguments for ROS alone. */
  perceptionWith(rosArgs: readonly string[]): GraphProcess {
    return this.command(process.execPath, [...FLAGS, NODE, '--ros-args', ...rosArgs], ENVIRONMENT);
  }

  /** @param namespace of its topics, `/front` */
  camera(options: CameraOptions, namespace = '/'): GraphProcess {
    const rosArgs = ['--ros-args', '-r', `__ns:=${namespace}`];
    return this.run(program('./synthetic-camera.js'), [JSON.stringify(options), ...rosArgs]);
  }

  /** `ros2 launch` of one of our launch files. End it by SIGINT: killed, it leaves its nodes behind. */
  launch(file: string, given: Readonly<Record<string, string>>): GraphProcess {
    const values = Object.entries(given).map(([name, value]) => `${name}:=${value}`);
    return this.command('ros2', ['launch', 'rxdepth', file, ...values]);
  }

  bagCamera(options: BagCameraOptions): GraphProcess {
    return this.run(program('./bag-publisher.js'), [JSON.stringify(options)]);
  }

  /** Messages of a topic from now on. */
  listen<T>(topic: string, type: string, qos: QosProfile = RELIABLE, bytes: BytesAs = 'count'): Heard<T> {
    const heard: Heard<T> = { messages: [], agesMs: [] };
    this.#heard.set(topic, heard as Heard<unknown>);
    this.#ask({ listen: topic, type, qos, bytes });
    return heard;
  }

  async call<T>(service: string, type: string, request: unknown): Promise<T> {
    this.#calls += 1;
    const id = this.#calls;
    const answered = new Promise<ClientReport & { kind: 'answer' }>((resolve) =>
      this.#answers.set(id, resolve),
    );
    this.#ask({ call: service, type, request, id });
    const { answer, error } = await answered;
    if (error !== undefined) throw new Error(error);
    return answer as T;
  }

  /** The subscriber dies without a word; what is asked next starts another one. */
  killClient(): void {
    this.#client?.child.kill('SIGKILL');
    this.#client = undefined;
  }

  kill(): void {
    for (const { child } of this.#started) child.kill('SIGKILL');
  }

  #ask(request: ClientRequest): void {
    this.#client ??= this.#startClient();
    this.#client.child.stdin?.write(`${JSON.stringify(request)}\n`);
  }

  #startClient(): GraphProcess {
    const client = this.run(program('./graph-client.js'), []);
    const { stdout } = client.child;
    if (stdout === null) throw new Error('no stdout');
    createInterface({ input: stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      const report = JSON.parse(line) as ClientReport;
      if (report.kind === 'answer') this.#answers.get(report.id)?.(report);
      else {
        const heard = this.#heard.get(report.topic);
        heard?.messages.push(report.message);
        heard?.agesMs.push(report.ageMs);
      }
    });
    return client;
  }
}

/** Resolves as soon as `condition` holds. */
export async function until(condition: () => boolean, what: string | (() => string)): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > endMs)
      throw new Error(`did not come to pass: ${typeof what === 'string' ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * A node ends with exit code 0. Only where other programs leave it no processor may it end itself by force, as `EndOnSignals` says:
 * what it waits for are answers of other busy processes, too.
 */
export async function endsWell(
  t: ExecutionContext,
  node: GraphProcess,
  signal: 'SIGINT' | 'SIGTERM',
): Promise<void> {
  const { exit } = await node.end(signal);
  // `ros2 launch` says it so, and ends with another code.
  const forced = exit === 'SIGKILL' || node.said.includes("escalating to 'SIGTERM'");
  if (forced && isBusy()) t.log(`ended by force on a busy machine: ${os.loadavg()}`);
  else t.is(exit, 0, node.said);
}

/** Whether other programs leave those of a test too little processor to end in time. */
export function isBusy(): boolean {
  return (os.loadavg()[0] ?? 0) > os.availableParallelism();
}

/** A graph of its own that ends with the test; undefined, and the test passes with a plain word, where there is no ROS 2. */
export async function liveGraph(t: ExecutionContext): Promise<LiveGraph | undefined> {
  const absent = await absence();
  if (absent !== undefined) {
    t.log(`SKIPPED, no live ROS 2 graph: ${absent}`);
    t.pass();
    return undefined;
  }
  t.timeout(TEST_MS);
  const { domain, release } = await claimDomain();
  const graph = new LiveGraph(domain);
  t.teardown(() => {
    graph.kill();
    release();
  });
  return graph;
}

/**
 * A domain that no other test has, in this run or in another one beside it: test files run as threads of one process, so its
 * id does not tell them apart. Who has a domain listens on a port of its number.
 */
async function claimDomain(): Promise<{ readonly domain: number; readonly release: () => void }> {
  for (let domain = 1; domain <= LAST_DOMAIN; domain++) {
    const server = await listenOn(FIRST_PORT + domain);
    if (server !== undefined) return { domain, release: () => server.close() };
  }
  throw new Error('no domain of ROS 2 is free');
}

function listenOn(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer().unref();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
}

/** Why there is no ROS to test with. */
async function absence(): Promise<string | undefined> {
  try {
    // Found, not loaded: that would be in a worker thread.
    const require = createRequire(import.meta.url);
    const load = async () => {
      require.resolve('rclnodejs/package.json');
      return { default: {} as never };
    };
    await loadRclnodejs({ environment: process.env, load });
  } catch (error) {
    return (error as Error).message;
  }
  return isPackageInstalled('rxdepth_msgs')
    ? undefined
    : 'rxdepth_msgs is in no sourced workspace; run `colcon build --base-paths msgs/rxdepth_msgs`';
}
