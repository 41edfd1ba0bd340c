import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { openRosNode } from '../../../../nodes/transport/ros2/open-ros-node.js';
import type { QosProfile } from '../../../../nodes/transport/ros2/qos.js';

/** How byte fields are reported: by their number, by their SHA-256 beside it, or whole. */
export type BytesAs = 'count' | 'sha256' | 'base64';

/** What the process is asked, a line of JSON each; `"7n"` stands for a 64-bit 7. */
export type ClientRequest =
  | {
      readonly listen: string;
      readonly type: string;
      readonly qos: QosProfile;
      readonly bytes?: BytesAs;
    }
  | { readonly call: string; readonly type: string; readonly request: unknown; readonly id: number };

/** What it answers; byte fields are replaced by `{ bytes, sha256?, base64? }`. */
export type ClientReport =
  | { readonly kind: 'message'; readonly topic: string; readonly ageMs: number; readonly message: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly answer?: unknown; readonly error?: string };

/**
 * `node graph-client.js`: a subscriber and a caller of services as a process of its own, because rclnodejs cannot live in the
 * worker threads in which tests run.
 */
const { node, ros } = await openRosNode('graph_client', process.argv.slice(2));
node.spin();

function report(line: ClientReport): void {
  process.stdout.write(`${JSON.stringify(line, plain)}\n`);
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  return ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value;
}

function digest(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

async function call(service: string, type: string, request: unknown, id: number): Promise<void> {
  try {
    report({ kind: 'answer', id, answer: await ros.call(service, type, request, 60_000) });
  } catch (error) {
    report({ kind: 'answer', id, error: String(error) });
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const asked = JSON.parse(line, (_key, value: unknown) =>
    typeof value === 'string' && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  ) as ClientRequest;
  if ('call' in asked) {
    void call(asked.call, asked.type, asked.request, asked.id);
    return;
  }
  const { listen, type, qos, bytes: bytesAs = 'count' } = asked;
  ros.messages<object>(listen, type, qos).subscribe(({ message, stampNs, logTimeNs }) => {
    const ageMs = Number(logTimeNs - stampNs) / 1e6;
    const data = 'data' in message && message.data instanceof Uint8Array ? message.data : undefined;
    const bytes = data && {
      data: {
        bytes: data.byteLength,
        ...(bytesAs === 'sha256' && { sha256: digest(data) }),
        ...(bytesAs === 'base64' && { base64: Buffer.from(data).toString('base64') }),
      },
    };
    report({ kind: 'message', topic: listen, ageMs, message: { ...message, ...bytes } });
  });
});
