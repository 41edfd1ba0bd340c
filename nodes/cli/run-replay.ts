import { type LoadedModel, loadModel } from '../../models/model-store.js';
import { resolveModel } from '../../models/resolve-model.js';
import { VersionStore } from '../../models/versions/version-store.js';
import { BagWriter } from '../../msgs/bag/bag-writer.js';
import { findCamera } from '../../msgs/bag/find-camera.js';
import { firstImageSize } from '../../msgs/bag/first-image-size.js';
import { openBag } from '../../msgs/bag/open-bag.js';
import { givenCameraInfo } from '../../msgs/camera/given-camera-info.js';
import { makePictureFolder } from '../../msgs/picture/make-picture-folder.js';
import { NodeError } from '../errors.js';
import { InferenceEngine } from '../perception/engine/inference-engine.js';
import { SwappableEngine } from '../perception/engine/swappable-engine.js';
import { MotionEngine } from '../perception/motion/motion-engine.js';
import { isEstimated } from '../perception/scale/scale-source.js';
import { BagSink } from '../transport/bag/bag-sink.js';
import { checkFrames } from './check-frames.js';
import { checkReplayFolders } from './check-replay-folders.js';
import { CurrentFollower } from './current-follower.js';
import { MOST_IN_FLIGHT } from './most-in-flight.js';
import { PictureWriter } from './picture-writer.js';
import { replayFrames } from './replay-frames.js';
import type { ReplayOptions } from './replay-options.js';
import { replayScale } from './replay-scale.js';
import { heldMessages, replaySpan } from './replay-span.js';
import type { ReplaySummary } from './replay-summary.js';
import type { ReplaySurroundings } from './replay-surroundings.js';
import { unfitModel } from './unfit-model.js';

const TF_STATIC = '/tf_static';

/**
 * Runs perception over a bag into an output bag. Whatever can be refused is refused before an older output is touched.
 * @throws MessageError, ModelError, NodeError
 */
export async function runReplay(options: ReplayOptions, around: ReplaySurroundings): Promise<ReplaySummary> {
  const closers: (() => Promise<void>)[] = [];
  try {
    checkOptions(options);
    await checkReplayFolders(options);
    const reader = await openBag(options.bag);
    closers.push(() => reader.close());
    const span = await replaySpan(reader, options);
    const camera = await findCamera(reader, { ...options, intrinsics: options.intrinsics !== undefined });
    const givenInfo =
      options.intrinsics && givenCameraInfo(options.intrinsics, await firstImageSize(reader, camera));
    const model = await loadModel(await resolveModel(options.model));
    await checkFrames(reader, camera, TF_STATIC, options);
    const warnings = new Map<string, number>();
    const scale = replayScale({
      ...{ options, reader, manifest: model.manifest, lag: MOST_IN_FLIGHT },
      warn: (text) => {
        const count = warnings.get(text) ?? 0;
        warnings.set(text, count + 1);
        if (count === 0) around.progress.write(`warning: ${text}\n`);
      },
    });
    if (options.obstacles && scale.metric === false)
      throw new NodeError('`--obstacles` needs depth in metres: choose their source with `--scale`', {
        field: '--obstacles',
      });
    const held =
      span.fromNs === undefined
        ? []
        : await heldMessages(
            reader,
            span.fromNs,
            { infoTopic: camera.infoTopic, staticTopic: TF_STATIC },
            around.signal,
          );
    const decoding = { bitDepth: options.bitDepth, mostPixels: options.maxPixels };
    if (options.pictures !== undefined) await makePictureFolder(options.pictures, options.overwrite);
    const pictures =
      options.pictures === undefined
        ? undefined
        : await PictureWriter.create(options.pictures, options.pictureEvery, scale.metric === true, decoding);
    if (pictures !== undefined) closers.push(() => pictures.close());
    const { device, threads } = options;
    const open = ({ graphPath }: LoadedModel) =>
      InferenceEngine.open({
        ...{ graphPath, device, decoding, goal: 'throughput', ...(threads !== undefined && { threads }) },
        onRestart: (error) => around.progress.write(`rxdepth: ${error.message}; it was started again\n`),
      });
    const first = await open(model);
    const engine = new SwappableEngine(model, first);
    const follow = (say: (text: string) => void): CurrentFollower | undefined => {
      if (!options.follow) return undefined;
      const follower = new CurrentFollower({
        store: new VersionStore(),
        engine,
        open,
        unfit: (running, next) => unfitModel(running, next, 'replay again to use it'),
        say,
      });
      closers.push(() => follower.stop());
      return follower;
    };
    closers.push(() => engine.close());
    const motion = options.motion || isEstimated(scale.scale.source) ? new MotionEngine() : undefined;
    if (motion !== undefined) closers.push(() => motion.close());
    if (around.signal.aborted) throw new NodeError('stopped before the first image; nothing was written');
    const writer = await BagWriter.create(options.output, { overwrite: options.overwrite });
    const sink = new BagSink(writer);
    // Closed last: frames may still be in flight after an error.
    closers.unshift(() => sink.close());
    return await replayFrames({
      ...{ options, around, reader, span, held, camera, givenInfo, model, sink },
      ...{ first, engine, follow, pictures, scale, motion, warnings },
    });
  } finally {
    await closeAll(closers);
  }
}

/** What contradicts itself, whatever is in the bag: an option that would change nothing is a mistake. */
function checkOptions(options: ReplayOptions): void {
  const { motion, scale, cameraHeight, obstacles } = options;
  for (const [field, asked] of [
    ['--obstacles', obstacles],
    ['--stabilize', options.stabilize],
    ['--odometry-tf', options.odometryTf],
  ] as const) {
    if (asked && !motion)
      throw new NodeError(`\`${field}\` needs the comparison of frames: leave \`--no-motion\` out`, {
        field,
      });
  }
  if (scale === 'camera_height' && cameraHeight === undefined) {
    throw new NodeError(
      '`--scale camera_height` needs `--camera-height`: the metres from the road to the camera',
      { field: '--scale' },
    );
  }
  for (const [field, given, source] of [
    ['--camera-height', cameraHeight, 'camera_height'],
    ['--odometry', options.odometry, 'odometry'],
    ['--lidar', options.lidar, 'lidar'],
  ] as const) {
    if (given !== undefined && scale !== source)
      throw new NodeError(`\`${field}\` counts with \`--scale ${source}\` alone: give both, or none`, {
        field,
      });
  }
  for (const [field, given] of [
    ['--obstacle-heights', options.obstacleHeights],
    ['--obstacle-range', options.obstacleRange],
  ] as const) {
    if (given !== undefined && !obstacles)
      throw new NodeError(`\`${field}\` counts with \`--obstacles\` alone: give both, or none`, { field });
  }
  if (options.intrinsics !== undefined && options.cameraInfo !== undefined)
    throw new NodeError('`--intrinsics` takes the place of the camera_info: leave `--camera-info` out', {
      field: '--camera-info',
    });
}

/** The last is closed first. A failure to close is the error, unless there is one already. */
async function closeAll(closers: (() => Promise<void>)[]): Promise<void> {
  let failure: { readonly error: unknown } | undefined;
  for (const close of closers.reverse()) {
    await close().catch((error: unknown) => {
      failure ??= { error };
    });
  }
  if (failure !== undefined) throw failure.error;
}
