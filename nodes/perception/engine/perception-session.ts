import type { Device, DeviceChoice } from '../../../models/device.js';
import { contractProblems, GRAPH_CONTRACT, type GraphOutput } from '../../../models/graph-contract.js';
import { type InferenceSession, type OnnxValue, Tensor } from '../../../models/onnxruntime.js';
import { openSession } from '../../../models/open-session.js';
import { cameraModel } from '../../../msgs/camera/camera-model.js';
import { checkImageSize } from '../../../msgs/camera/delivered-window.js';
import type { CameraInfo } from '../../../msgs/camera-info.js';
import type { Header } from '../../../msgs/header.js';
import { layoutImage, writeImageAround } from '../../../msgs/image-layout.js';
import type { Pixels } from '../../../msgs/picture/pixels.js';
import { encodeColorCloud } from '../../../msgs/point-cloud.js';
import { NodeError } from '../../errors.js';
import type { BufferPool } from './buffer-pool.js';
import type { CameraFrame } from './camera-frame.js';
import { type CameraResults, type FrameMaps, frameMaps } from './frame-maps.js';
import type { CameraKind, PerceptionMessages, Wants } from './inference-request.js';
import { NetworkSizeRunner } from './network-size/network-size-runner.js';
import { RayCache } from './ray-cache.js';
import { runWholeFrame } from './run-whole-frame.js';

export interface PerceptionJob {
  readonly header: Header;
  readonly pixels: Pixels;
  readonly info: CameraInfo;
  readonly cameraKind: CameraKind;
  readonly scale: number;
  readonly wants: Wants;
}

/**
 * A perception graph in an onnxruntime session. The graph writes its outputs into the very buffers that become the
 * messages; `run` blocks its thread, so this lives in a worker.
 */
export class PerceptionSession {
  readonly device: Device;
  readonly passedOver: readonly { readonly device: Device; readonly why: string }[];
  /** Whether the graph gives what is needed to compare frames with each other. */
  readonly comparesFrames: boolean;
  readonly #session: InferenceSession;
  /** Whether the model has classes; without them its label outputs have no rows, whatever is wanted. */
  readonly #segments: boolean;
  /** Whether it tells how far its depth may be trusted. */
  readonly #trusts: boolean;
  /** Computes what the graph need not: absent where it has to. */
  readonly #small: NetworkSizeRunner | undefined;
  readonly #rays = new RayCache();
  #pointScratch = new Float32Array(0);
  #cloudBytes = 0;

  private constructor(opened: Awaited<ReturnType<typeof openSession>>) {
    this.#session = opened.session;
    this.#segments = hasLabels(opened.session);
    this.#trusts = opened.session.outputNames.includes('confidence' satisfies GraphOutput);
    this.comparesFrames = opened.session.outputNames.includes('network_image' satisfies GraphOutput);
    this.#small = NetworkSizeRunner.of(opened.session, opened.device);
    this.device = opened.device;
    this.passedOver = opened.passedOver;
  }

  /** @throws ModelError, or NodeError when the graph does not follow the contract. */
  static async open(graphPath: string, device: DeviceChoice, threads?: number): Promise<PerceptionSession> {
    const opened = await openSession(graphPath, device, threads);
    const { inputNames, outputNames } = opened.session;
    const problems = contractProblems(inputNames, outputNames);
    if (problems.length > 0) {
      await opened.session.release();
      throw new NodeError(
        `${graphPath} does not follow graph contract ${GRAPH_CONTRACT}: ${problems.join(', ')}.`,
        { file: graphPath },
      );
    }
    return new PerceptionSession(opened);
  }

  /**
   * One frame: pixels and calibration in, complete messages out, in buffers of `pool`. A model without segmentation makes no
   * label messages, even if they are wanted. One whose graph does not give the image as the network sees it makes no maps.
   * One without confidence makes none of that.
   * @throws MessageError or NodeError when this frame cannot be processed.
   */
  async run(
    job: PerceptionJob,
    pool: BufferPool,
  ): Promise<{ messages: PerceptionMessages; maps?: FrameMaps; incomparable?: true; inferMs: number }> {
    const { header, pixels } = job;
    const wants = {
      depth: job.wants.depth,
      pointStride: job.wants.pointStride,
      labels: job.wants.labels && this.#segments,
      confidence: job.wants.confidence === true && this.#trusts,
      maps: job.wants.maps === true && this.comparesFrames,
    };
    checkImageSize(job.info, pixels);
    const outputs = new Outputs(pool, header, pixels);
    const depth16 = wants.depth === '16UC1';
    const depth = outputs.image(wants.depth, depth16 ? 2 : 4);
    const depths = depth16
      ? new Uint16Array(depth.buffer, depth.data, outputs.pixelCount)
      : new Float32Array(depth.buffer, depth.data, outputs.pixelCount);
    const bytesOf = ({ buffer, data }: MessageBuffer, channels: number) =>
      new Uint8Array(buffer, data, outputs.pixelCount * channels);
    const confidence = wants.confidence ? outputs.image('32FC1', 4) : undefined;
    const trusted = confidence && new Float32Array(confidence.buffer, confidence.data, outputs.pixelCount);
    const labels = wants.labels ? outputs.image('mono8', 1) : undefined;
    const color = wants.labels ? outputs.image('rgb8', 3) : undefined;
    const dynamic = wants.labels ? outputs.image('mono8', 1) : undefined;
    const model = cameraModel(job.info, job.cameraKind);
    const stride = wants.pointStride;
    const frame: CameraFrame = {
      pixels,
      intrinsics: model.intrinsics,
      scale: job.scale,
      depth: depths,
      confidence: trusted,
      networkImage: wants.maps,
      ...(labels &&
        color &&
        dynamic && {
          labels: { labels: bytesOf(labels, 1), color: bytesOf(color, 3), dynamic: bytesOf(dynamic, 1) },
        }),
      ...(stride > 0 && {
        cloud: {
          stride,
          points: this.#points(pixels, stride),
          rays: this.#rays.get(model, pixels.height, pixels.width, stride),
        },
      }),
    };
    const startMs = performance.now();
    const results = await (this.#small?.run(frame) ?? runWholeFrame(this.#session, frame));
    const inferMs = performance.now() - startMs;

    const of = {
      height: pixels.height,
      width: pixels.width,
      pointStride: wants.pointStride,
      depth: depths,
      ...(labels && { labels: bytesOf(labels, 1) }),
      ...(trusted && { confidence: trusted }),
    };
    return {
      inferMs,
      ...(job.wants.maps && !this.comparesFrames && { incomparable: true }),
      ...(wants.maps && { maps: mapsOf(results.network_image, of, pool) }),
      messages: {
        depth: depth.finish(),
        ...(confidence && { confidence: confidence.finish() }),
        ...(labels && { labels: labels.finish() }),
        ...(color && { color: color.finish() }),
        ...(dynamic && { dynamic: dynamic.finish() }),
        ...(frame.cloud && {
          points: this.#cloud(job, frame.cloud.points, { labels: frame.labels?.labels, trusted }, pool),
        }),
      },
    };
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  /** Where the points of a frame go. */
  #points({ height, width }: Pixels, stride: number): Float32Array {
    const length = 3 * Math.ceil(height / stride) * Math.ceil(width / stride);
    if (this.#pointScratch.length !== length) this.#pointScratch = new Float32Array(length);
    return this.#pointScratch;
  }

  #cloud(
    { header, pixels, wants }: PerceptionJob,
    points: Float32Array,
    {
      labels,
      trusted,
    }: { readonly labels: Uint8Array | undefined; readonly trusted: Float32Array | undefined },
    pool: BufferPool,
  ): Uint8Array {
    const confidence = trusted && { values: trusted, least: wants.minConfidence ?? 0 };
    const cloud = {
      points,
      stride: wants.pointStride,
      image: pixels,
      ...(labels && { labels }),
      ...(confidence && { confidence }),
    };
    const reuse = pool.reuse(this.#cloudBytes, this.#cloudBytes);
    const message = encodeColorCloud(header, cloud, reuse);
    this.#cloudBytes = message.buffer.byteLength;
    return message;
  }
}

function hasLabels({ outputMetadata }: InferenceSession): boolean {
  const labels = outputMetadata.find(({ name }) => name === 'labels');
  return !(labels?.isTensor === true && labels.shape[0] === 0);
}

function mapsOf(image: OnnxValue | undefined, results: CameraResults, pool: BufferPool): FrameMaps {
  if (!(image instanceof Tensor)) throw new NodeError('the graph gave no `network_image`');
  const [height = 0, width = 0] = image.dims;
  return frameMaps(image.data as Uint8Array, { height, width }, results, pool);
}

interface MessageBuffer {
  readonly buffer: ArrayBuffer;
  /** Where the data starts in the buffer. */
  readonly data: number;
  /** Writes the fields around the data; returns the message. */
  finish(): Uint8Array;
}

/** Image messages of the size and header of one camera image. */
class Outputs {
  readonly size: readonly [height: number, width: number];
  readonly pixelCount: number;
  readonly #pool: BufferPool;
  readonly #header: Header;

  constructor(pool: BufferPool, header: Header, { height, width }: Pixels) {
    this.#pool = pool;
    this.#header = header;
    this.size = [height, width];
    this.pixelCount = height * width;
  }

  image(encoding: string, bytesPerPixel: number): MessageBuffer {
    const [height, width] = this.size;
    const step = width * bytesPerPixel;
    const layout = layoutImage({ frame_id: this.#header.frame_id, encoding }, height, width, step);
    const buffer = this.#pool.take(layout.bufferOffset + layout.byteLength);
    const message = new Uint8Array(buffer, layout.bufferOffset, layout.byteLength);
    return {
      buffer,
      data: layout.bufferOffset + layout.dataOffset,
      finish: () => {
        writeImageAround(message, { header: this.#header, height, width, encoding, is_bigendian: 0, step });
        return message;
      },
    };
  }
}
