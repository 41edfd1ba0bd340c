import type { BagMessage, BagReader, BagTopic } from '../../../msgs/bag/bag-reader.js';
import { type CameraInfo, cameraInfoCodec } from '../../../msgs/camera-info.js';
import { compressedImageCodec } from '../../../msgs/compressed-image.js';
import { imageCodec } from '../../../msgs/image.js';
import { stampToNs } from '../../../msgs/stamp.js';
import { NodeError } from '../../errors.js';
import { cameraKindOf } from '../../perception/camera-kind.js';
import type { CameraKind } from '../../perception/engine/inference-request.js';
import type { InputMessage } from '../transport.js';

const CAMERA_INFO_TYPE = cameraInfoCodec.type;

/** Images under such names are measurements or results, not pictures. */
const NO_PICTURES = /depth|disparity|label|segmentation|instance|mask|dynamic|confidence/i;
/** Messages looked at to find the first of every candidate. */
const MOST_PEEKED = 2000;

export interface CameraOptions {
  readonly image?: string;
  readonly cameraInfo?: string;
  /** Whether the user gives intrinsics, so that no camera_info is needed. */
  readonly intrinsics?: boolean;
  readonly cameraKind?: CameraKind;
}

/** A camera in a bag. */
export interface BagCamera {
  readonly topic: string;
  readonly type: string;
  /** As far as the bag says. */
  readonly messageCount: number | undefined;
  /** Absent when intrinsics are given. */
  readonly infoTopic: string | undefined;
  readonly kind: CameraKind;
  readonly firstInfo: InputMessage<CameraInfo> | undefined;
}

/**
 * The camera image of a bag and its camera_info: the named topics, or the only ones that can be meant.
 * @throws NodeError that lists the choices when there is none or more than one.
 */
export async function findCamera(reader: BagReader, options: CameraOptions): Promise<BagCamera> {
  const candidates =
    options.image === undefined ? imageCandidates(reader) : [namedImage(reader, options.image)];
  const firsts = await firstMessages(reader, candidates);
  const topic = chooseImage(reader, candidates, firsts, options.image !== undefined);
  const infoTopic = options.intrinsics ? undefined : chooseInfo(reader, topic, options.cameraInfo);
  const firstInfo = infoTopic === undefined ? undefined : await firstInfoOf(reader, infoTopic);
  return {
    topic: topic.topic,
    type: topic.type,
    messageCount: topic.messageCount,
    infoTopic: infoTopic?.topic,
    kind: options.cameraKind ?? cameraKindOf(topic.topic),
    firstInfo,
  };
}

/** Without the suffix that image_transport adds for compressed images. */
function baseTopic(topic: string): string {
  return topic.replace(/\/compressed$/, '');
}

function isImage({ type }: BagTopic): boolean {
  return type === imageCodec.type || type === compressedImageCodec.type;
}

function imageCandidates(reader: BagReader): BagTopic[] {
  const pictures = reader.topics.filter(
    (topic) => isImage(topic) && !NO_PICTURES.test(topic.topic) && topic.messageCount !== 0,
  );
  // The same camera twice: the raw image needs no decoding and lost nothing.
  return pictures.filter(
    ({ topic, type }) =>
      type === imageCodec.type ||
      !pictures.some((other) => other.topic === baseTopic(topic) && other.topic !== topic),
  );
}

function namedImage(reader: BagReader, name: string): BagTopic {
  const found = reader.topics.find(({ topic }) => topic === name);
  if (found === undefined) {
    throw new NodeError(
      `${reader.path} has no topic \`${name}\`; its image topics are:\n${list(reader, isImage)}`,
    );
  }
  if (!isImage(found)) {
    throw new NodeError(
      `${reader.path}: topic ${name} is of type ${found.type}, expected \`${imageCodec.type}\` or ` +
        `\`${compressedImageCodec.type}\`; its image topics are:\n${list(reader, isImage)}`,
    );
  }
  return found;
}

async function firstMessages(
  reader: BagReader,
  topics: readonly BagTopic[],
): Promise<Map<string, BagMessage>> {
  const firsts = new Map<string, BagMessage>();
  if (topics.length === 0) return firsts;
  let peeked = 0;
  for await (const message of reader.messages({ topics: topics.map(({ topic }) => topic) })) {
    if (!firsts.has(message.topic)) firsts.set(message.topic, message);
    if (firsts.size === topics.length || ++peeked >= MOST_PEEKED) break;
  }
  return firsts;
}

function chooseImage(
  reader: BagReader,
  candidates: readonly BagTopic[],
  firsts: ReadonlyMap<string, BagMessage>,
  named: boolean,
): BagTopic {
  const usable = candidates.filter(({ topic }) => firsts.has(topic));
  if (named) {
    const [only] = usable;
    if (only !== undefined) return only;
    throw new NodeError(`${reader.path}: topic ${candidates[0]?.topic} has no messages that can be read.`);
  }
  const cameras = usable.filter((topic) => !isMeasurement(topic, firsts.get(topic.topic)));
  const [camera, another] = cameras;
  if (camera === undefined) {
    throw new NodeError(
      `${reader.path} has no camera image that can be read (\`${imageCodec.type}\` or \`${compressedImageCodec.type}\`); ` +
        `its topics are:\n${list(reader, () => true)}`,
    );
  }
  if (another !== undefined) {
    const names = cameras.map(line).join('\n');
    throw new NodeError(`${reader.path} has several camera images; choose one with \`--image\`:\n${names}`);
  }
  return camera;
}

/** Depth images that their names do not give away. */
function isMeasurement(topic: BagTopic, first: BagMessage | undefined): boolean {
  if (topic.type !== imageCodec.type || first === undefined) return false;
  try {
    return ['32FC1', '16UC1', '64FC1'].includes(imageCodec.decode(first.cdr).encoding);
  } catch {
    return false; // a damaged message is a fault of its frame
  }
}

function chooseInfo(reader: BagReader, image: BagTopic, name: string | undefined): BagTopic {
  const isInfo = ({ type }: BagTopic) => type === CAMERA_INFO_TYPE;
  const infos = reader.topics.filter(isInfo);
  const remedy =
    'give the camera_info topic with `--camera-info`, or the intrinsics with `--intrinsics fx,fy,cx,cy`';
  if (name !== undefined) {
    const found = infos.find(({ topic }) => topic === name);
    if (found !== undefined) return found;
    throw new NodeError(
      `${reader.path} has no \`${CAMERA_INFO_TYPE}\` topic \`${name}\`; ${remedy}.${others(reader, isInfo)}`,
    );
  }
  const filled = infos.filter(({ messageCount }) => messageCount !== 0);
  const sibling = baseTopic(image.topic).replace(/[^/]*$/, 'camera_info');
  const beside = filled.find(({ topic }) => topic === sibling);
  if (beside !== undefined) return beside;
  const [only, another] = filled;
  if (only !== undefined && another === undefined) return only;
  throw new NodeError(
    only === undefined
      ? `${reader.path} has no camera_info for ${image.topic}; ${remedy}.`
      : `${reader.path} has no camera_info at \`${sibling}\`, and several elsewhere; ${remedy}.${others(reader, isInfo)}`,
  );
}

async function firstInfoOf(reader: BagReader, topic: BagTopic): Promise<BagCamera['firstInfo']> {
  for await (const recorded of reader.messages({ topics: [topic.topic] })) {
    try {
      const message = cameraInfoCodec.decode(recorded.cdr);
      const { type, logTimeNs } = recorded;
      return { topic: topic.topic, type, stampNs: stampToNs(message.header.stamp), logTimeNs, message };
    } catch {
      // Counted when it comes up in the replay; the next one may serve.
    }
  }
  return undefined;
}

function others(reader: BagReader, filter: (topic: BagTopic) => boolean): string {
  return reader.topics.some(filter) ? `\nThe bag has:\n${list(reader, filter)}` : '';
}

function list(reader: BagReader, filter: (topic: BagTopic) => boolean): string {
  const lines = reader.topics.filter(filter).map(line);
  return lines.length === 0 ? '  (none)' : lines.join('\n');
}

function line({ topic, type, messageCount }: BagTopic): string {
  return `  ${topic} (${type}${messageCount === undefined ? '' : `, ${messageCount} messages`})`;
}
