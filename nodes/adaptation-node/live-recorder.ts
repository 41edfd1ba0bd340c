import { randomBytes } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { merge, type Subscription } from 'rxjs';
import { BagWriter } from '../../msgs/bag/bag-writer.js';
import { BagFolder } from '../../msgs/bag/files/bag-folder.js';
import { cameraInfoCodec } from '../../msgs/camera-info.js';
import { codecFor } from '../../msgs/codecs.js';
import { compressedImageCodec } from '../../msgs/compressed-image.js';
import { LockedError } from '../../msgs/files/locked-error.js';
import { makeFolder } from '../../msgs/files/make-folder.js';
import { imageCodec } from '../../msgs/image.js';
import { durableMessages } from '../transport/ros2/durable-messages.js';
import type { RosNode } from '../transport/ros2/ros-node.js';
import type { InputMessage } from '../transport/transport.js';
import { findDrives } from './find-drives.js';

export interface LiveRecorderOptions {
  /** Where drives go, as `live-STAMP`; only these are ever removed. */
  readonly folder: string;
  /** Whether the camera sends CompressedImage on `image/compressed`. */
  readonly compressed: boolean;
  /** Length of a drive, seconds. */
  readonly seconds: number;
  /** Most that all recorded drives may take, bytes; the oldest go first. */
  readonly mostBytes: number;
  readonly say: (text: string) => void;
  /** How long nothing is recorded after a failure, seconds; default 10. */
  readonly restSeconds?: number;
}

const PREFIX = 'live-';
const UNFINISHED = '.live-';
/** Messages that wait for the disk; what comes beyond them is left out. */
const MOST_PENDING = 20;
/** A disk that is full stays so for a while: a drive for every image would only fill the log. */
const REST_SECONDS = 10;

interface OpenDrive {
  readonly writer: BagWriter;
  readonly name: string;
  readonly beganNs: bigint;
  readonly channels: Map<string, Promise<number>>;
  /** Images written. */
  images: number;
}

/**
 * Records the camera's images and calibration as drives of bounded length, in bounded space. A drive appears under its name
 * when it is complete; a kill leaves at most one that is not, which the next start removes. Where the disk fails, what is there
 * of the drive becomes one, and another is begun after a rest.
 */
export class LiveRecorder {
  readonly #ros: RosNode;
  readonly #options: LiveRecorderOptions;
  readonly #recording: Subscription;
  #drive: OpenDrive | undefined;
  /** The latest camera_info: every drive begins with it, because it may have been sent once for all images. */
  #info: InputMessage | undefined;
  #pending = 0;
  #queue: Promise<void> = Promise.resolve();
  /** `performance.now()` until which nothing is recorded. */
  #restsUntil = 0;
  /** Messages that the disk was too slow for, or could not take. */
  leftOut = 0;

  constructor(ros: RosNode, options: LiveRecorderOptions) {
    this.#ros = ros;
    this.#options = options;
    this.#enqueue(() => this.#clean());
    const { compressed } = options;
    const qos = { reliability: 'best_effort', durability: 'volatile', depth: 5 } as const;
    const image = compressed ? 'image/compressed' : 'image';
    const type = compressed ? compressedImageCodec.type : imageCodec.type;
    this.#recording = merge(
      ros.messages(image, type, qos),
      durableMessages(ros, { topic: 'camera_info', type: cameraInfoCodec.type, qos }),
    ).subscribe((message) => this.#take(message));
  }

  /** Messages that wait for the disk. */
  get waiting(): number {
    return this.#pending;
  }

  /** Finishes the drive that is being recorded. */
  async close(): Promise<void> {
    this.#recording.unsubscribe();
    this.#enqueue(() => this.#finish());
    await this.#queue;
  }

  #take(message: InputMessage): void {
    if (this.#pending >= MOST_PENDING) {
      this.leftOut += 1;
      return;
    }
    this.#pending += 1;
    this.#enqueue(async () => {
      try {
        await this.#write(message);
      } finally {
        this.#pending -= 1;
      }
    });
  }

  #enqueue(work: () => Promise<void>): void {
    this.#queue = this.#queue.then(work).catch(async (error: Error) => {
      this.#options.say(`recording: ${error.message}`);
      this.#restsUntil = performance.now() + 1000 * (this.#options.restSeconds ?? REST_SECONDS);
      await this.#giveUp().catch((cause: Error) => this.#options.say(`recording: ${cause.message}`));
    });
  }

  /** Closes the drive that cannot be written any further; what was recorded of it is a drive of its own. */
  async #giveUp(): Promise<void> {
    const drive = this.#drive;
    if (drive === undefined) return;
    this.#drive = undefined;
    const { folder } = drive.writer;
    // It may be without an index then, and is read without one.
    await drive.writer.close().catch(() => undefined);
    if (drive.images === 0) await rm(folder, { recursive: true, force: true });
    else await this.#keep(drive);
  }

  async #write(message: InputMessage): Promise<void> {
    const { type, logTimeNs } = message;
    const { seconds } = this.#options;
    if (this.#drive !== undefined && logTimeNs - this.#drive.beganNs >= BigInt(Math.round(seconds * 1e9)))
      await this.#finish();
    const isInfo = type === cameraInfoCodec.type;
    if (isInfo) this.#info = message;
    if (this.#drive === undefined) {
      // Without images there is no drive.
      if (isInfo) return;
      if (performance.now() < this.#restsUntil) {
        this.leftOut += 1;
        return;
      }
      this.#drive = await this.#open(logTimeNs);
      if (this.#info !== undefined) await this.#append(this.#drive, { ...this.#info, logTimeNs });
    }
    await this.#append(this.#drive, message);
    if (!isInfo) this.#drive.images += 1;
  }

  async #append({ writer, channels }: OpenDrive, { topic, type, message, logTimeNs }: InputMessage) {
    const codec = codecFor(type);
    if (codec === undefined) return;
    const { definition } = codec;
    const channel =
      channels.get(topic) ?? writer.addTopic({ topic: this.#ros.resolve(topic), type, definition });
    channels.set(topic, channel);
    await writer.write(await channel, codec.encode(message), logTimeNs);
  }

  async #open(beganNs: bigint): Promise<OpenDrive> {
    const { folder } = this.#options;
    const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
    // Two cameras that are triggered together may begin at the same nanosecond.
    const name = `${stamp}-${beganNs}-${randomBytes(3).toString('hex')}`;
    const writer = await BagWriter.create(path.join(folder, `${UNFINISHED}${name}`), { overwrite: true });
    return { writer, name, beganNs, channels: new Map(), images: 0 };
  }

  async #finish(): Promise<void> {
    const drive = this.#drive;
    if (drive === undefined) return;
    this.#drive = undefined;
    await drive.writer.close();
    await this.#keep(drive);
  }

  async #keep({ writer, name }: OpenDrive): Promise<void> {
    await rename(writer.folder, path.join(this.#options.folder, `${PREFIX}${name}`));
    await this.#keepBounded();
  }

  /** What a killed recorder left behind goes; what another one is recording stays. */
  async #clean(): Promise<void> {
    const { folder, say } = this.#options;
    await makeFolder(folder);
    for (const name of await readdir(folder)) {
      if (!name.startsWith(UNFINISHED)) continue;
      const left = path.join(folder, name);
      try {
        const held = await BagFolder.open(left, true);
        await rm(left, { recursive: true, force: true });
        await held.release();
      } catch (error) {
        if (!(error instanceof LockedError)) say(`recording: ${left} stays: ${(error as Error).message}`);
      }
    }
  }

  async #keepBounded(): Promise<void> {
    const { folder, mostBytes } = this.#options;
    const drives = (await findDrives(folder)).filter(({ path: name }) =>
      path.basename(name).startsWith(PREFIX),
    );
    let bytes = drives.reduce((sum, drive) => sum + drive.bytes, 0);
    for (const drive of drives.slice(0, -1)) {
      if (bytes <= mostBytes) return;
      await rm(drive.path, { recursive: true, force: true });
      bytes -= drive.bytes;
    }
  }
}
