import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FromNode, NodeCounts, NodeSettings } from './node-counts.js';

/** The viewed node in a process of its own, so that its memory and processor time are its own. */
export class NodeProcess {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(settings: NodeSettings): Promise<NodeProcess> {
    const file = fileURLToPath(new URL('./viewed-node.js', import.meta.url));
    const child = fork(file, [JSON.stringify(settings)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const opened = await Promise.race([once(child, 'message'), once(child, 'exit')]);
    const [first] = opened as [FromNode | number | null];
    if (typeof first !== 'object' || first?.kind !== 'open')
      throw new Error(`the viewed node ended with ${first} before its page was open`);
    return new NodeProcess(child, first.url);
  }

  async counts(): Promise<NodeCounts> {
    const answer = once(this.#child, 'message');
    this.#child.send('counts');
    const [message] = (await answer) as [FromNode];
    if (message.kind !== 'counts') throw new Error('the viewed node answers something else');
    return message.counts;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }
}
