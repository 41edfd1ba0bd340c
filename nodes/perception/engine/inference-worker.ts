import { parentPort, workerData } from 'node:worker_threads';
import { type DecodedImage, decodeImage } from '../../../models/decode-image.js';
import { ImageConverter } from '../../../models/image-converter.js';
import { pixelLimit } from '../../../msgs/camera/pixel-limit.js';
import { BufferPool } from './buffer-pool.js';
import { buffersOf } from './buffers-of.js';
import type { FromWorker, ToWorker, WireRequest, WorkerSetup } from './inference-protocol.js';
import { PerceptionSession } from './perception-session.js';
import { SharedReply } from './shared-reply.js';
import { yieldProcessor } from './yield-processor.js';

/**
 * The worker around one session: it decodes the next image while the graph computes the current one. There is one run at a
 * time: concurrent runs crash the WebGPU provider, and would only share the same cores.
 */

/** Outputs of the frames in flight, and of a few whose messages are still being written. */
const KEPT_BUFFERS = 32;

const setup = workerData as WorkerSetup;
// Before the session starts its threads.
yieldProcessor(setup.nice ?? 0);
const pool = new BufferPool(KEPT_BUFFERS);
const converter = new ImageConverter(setup.threads);
const started = setup.started && new SharedReply(setup.started);

function post(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

async function main(): Promise<void> {
  let session: PerceptionSession;
  let warmUpMs = 0;
  try {
    session = await PerceptionSession.open(setup.graphPath, setup.device, setup.threads);
    if (setup.warmUp !== undefined) warmUpMs = await warmUp(session, setup.warmUp);
  } catch (error) {
    started?.send((error as Error).message);
    post({ kind: 'refused', message: (error as Error).message });
    parentPort?.close();
    return;
  }
  post({ kind: 'ready', device: session.device, passedOver: session.passedOver, warmUpMs });
  started?.send('');

  let turn = Promise.resolve();
  parentPort?.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'recycle':
        for (const buffer of message.buffers) pool.give(buffer);
        break;
      case 'infer': {
        const startMs = performance.now();
        const { image, info } = message.request;
        const mostPixels = setup.decoding?.mostPixels ?? pixelLimit(info);
        const decoded = decodeImage(image, converter, { ...setup.decoding, mostPixels }).then(
          (image) => ({ decodeMs: performance.now() - startMs, ...image }),
          (error: unknown) => ({ error }),
        );
        turn = turn.then(() => serve(session, message.request, decoded));
        break;
      }
      case 'close':
        turn = turn.then(async () => {
          await session.release();
          await converter.release();
          parentPort?.close();
        });
    }
  });
}

type Decoded = (DecodedImage & { readonly decodeMs: number }) | { readonly error: unknown };

async function serve(
  session: PerceptionSession,
  request: WireRequest,
  decoding: Promise<Decoded>,
): Promise<void> {
  const { id, header, image, info, cameraKind, scale, wants } = request;
  const input = image.bytes.buffer as ArrayBuffer;
  try {
    const decoded = await decoding;
    if ('error' in decoded) throw decoded.error;
    // `run` blocks this thread: first take what arrived meanwhile, so that the next image is decoded beside it.
    await new Promise((resolve) => setImmediate(resolve));
    const { pixels, warnings, decodeMs } = decoded;
    const startMs = performance.now();
    const job = { header, pixels, info, cameraKind, scale, wants };
    const { messages, maps, incomparable, inferMs } = await session
      .run(job, pool)
      .finally(() => converter.reuse(pixels));
    const encodeMs = performance.now() - startMs - inferMs;
    const buffers = buffersOf({ messages, ...(maps && { maps }) });
    const { height, width } = pixels;
    const timings = { decodeMs, inferMs, encodeMs };
    const result = {
      kind: 'result',
      id,
      width,
      height,
      messages,
      timings,
      input,
      ...(maps && { maps }),
      ...(incomparable && { incomparable }),
      ...(warnings.length > 0 && { warnings }),
    } as const;
    post(result, [...buffers, input]);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    post({ kind: 'failed', id, message, input }, [input]);
  }
}

/** A grey picture: it shows that the graph runs at all before the first frame is lost on it. */
async function warmUp(
  session: PerceptionSession,
  { height, width }: { height: number; width: number },
): Promise<number> {
  const startMs = performance.now();
  const header = { stamp: { sec: 0, nanosec: 0 }, frame_id: '' };
  const data = new Uint8Array(height * width * 3).fill(128);
  const k = [width, 0, width / 2, 0, width, height / 2, 0, 0, 1];
  await session.run(
    {
      header,
      pixels: { data, height, width, step: width * 3, bytesPerPixel: 3, channelOrder: [0, 1, 2] },
      info: {
        ...{
          header,
          height,
          width,
          k,
          d: [],
          r: [],
          p: [],
          distortion_model: '',
          binning_x: 0,
          binning_y: 0,
        },
        roi: { x_offset: 0, y_offset: 0, height: 0, width: 0, do_rectify: false },
      },
      cameraKind: 'raw',
      scale: 1,
      wants: { depth: '32FC1', labels: true, pointStride: 4 },
    },
    pool,
  );
  return performance.now() - startMs;
}

await main();
