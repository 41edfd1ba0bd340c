import sharp from 'sharp';
import { BagWriter } from '../../msgs/bag/bag-writer.js';
import { cameraInfoCodec } from '../../msgs/camera-info.js';
import { compressedImageCodec } from '../../msgs/compressed-image.js';
import { imageCodec } from '../../msgs/image.js';
import type { MessageCodec } from '../../msgs/message-codec.js';
import { nsToStamp } from '../../msgs/stamp.js';
import { tfMessageCodec } from '../../msgs/tf-message.js';
import { baseTransform, cameraInfoOf, FRAME_IDS, mountTransforms, truthImagesOf } from './drive-messages.js';
import type { SimulatedFrame } from './frame.js';

const JPEG_QUALITY = 95;

/** Topics of a simulated bag. */
export const DRIVE_TOPICS = {
  image: '/camera/image_rect_color/compressed',
  cameraInfo: '/camera/camera_info',
  depth: '/camera/depth',
  labels: '/camera/labels',
  instances: '/camera/instances',
  tf: '/tf',
  tfStatic: '/tf_static',
} as const;

type TopicName = keyof typeof DRIVE_TOPICS;

const CODECS: Readonly<Record<TopicName, Pick<MessageCodec<never>, 'type' | 'definition'>>> = {
  image: compressedImageCodec,
  cameraInfo: cameraInfoCodec,
  depth: imageCodec,
  labels: imageCodec,
  instances: imageCodec,
  tf: tfMessageCodec,
  tfStatic: tfMessageCodec,
};

/** Writes simulated frames with their truth into a bag. */
export class DriveRecorder {
  readonly #bag: BagWriter;
  readonly #channels: Readonly<Record<TopicName, number>>;
  /** Time of stamp 0, nanoseconds since the epoch. */
  readonly #startNs: bigint;
  #frames = 0;

  private constructor(bag: BagWriter, channels: Readonly<Record<TopicName, number>>, startNs: bigint) {
    this.#bag = bag;
    this.#channels = channels;
    this.#startNs = startNs;
  }

  static async create(
    folder: string,
    options: { readonly overwrite: boolean; readonly startNs: bigint },
  ): Promise<DriveRecorder> {
    const bag = await BagWriter.create(folder, { overwrite: options.overwrite });
    try {
      const add = async (name: TopicName) => {
        const { type, definition } = CODECS[name];
        return await bag.addTopic({
          topic: DRIVE_TOPICS[name],
          type,
          definition,
          latched: name === 'tfStatic',
        });
      };
      const channels = {
        image: await add('image'),
        cameraInfo: await add('cameraInfo'),
        depth: await add('depth'),
        labels: await add('labels'),
        instances: await add('instances'),
        tf: await add('tf'),
        tfStatic: await add('tfStatic'),
      };
      return new DriveRecorder(bag, channels, options.startNs);
    } catch (error) {
      await bag.close().catch(() => undefined);
      throw error;
    }
  }

  /** Number of frames written. */
  get frames(): number {
    return this.#frames;
  }

  async write(frame: SimulatedFrame): Promise<void> {
    const timeNs = this.#startNs + frame.stampNs;
    const stamp = nsToStamp(timeNs);
    const { width, height, rgb } = frame;
    const jpeg = await sharp(rgb, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: JPEG_QUALITY, chromaSubsampling: '4:4:4' })
      .toBuffer();
    const put = async <T>(name: TopicName, codec: MessageCodec<T>, message: T): Promise<void> => {
      await this.#bag.write(this.#channels[name], codec.encode(message), timeNs);
    };
    if (this.#frames === 0) await put('tfStatic', tfMessageCodec, mountTransforms(frame, stamp));
    await put('tf', tfMessageCodec, baseTransform(frame, stamp));
    await put('cameraInfo', cameraInfoCodec, cameraInfoOf(frame, stamp));
    const header = { stamp, frame_id: FRAME_IDS.optical };
    await put('image', compressedImageCodec, { header, format: 'jpeg', data: jpeg });
    const truth = truthImagesOf(frame, stamp);
    for (const name of ['depth', 'labels', 'instances'] as const) await put(name, imageCodec, truth[name]);
    this.#frames++;
  }

  /** Finishes the bag; safe to call after an error. */
  async close(): Promise<void> {
    await this.#bag.close();
  }
}
