import { type CameraKind, cameraKindOf } from '../camera/camera-kind.js';
import { videoRemedy } from '../camera/image-transport.js';
import { type CameraInfo, cameraInfoCodec } from '../camera-info.js';
import { compressedImageCodec } from '../compressed-image.js';
import { MessageError } from '../errors.js';
import { imageCodec } from '../image.js';
import { stampToNs } from '../stamp.js';
import type { BagMessage, BagReader, BagTopic } from './bag-reader.js';
import { infoBeside } from './info-beside.js';
import { type CameraCandidate, rankCameras } from './rank-cameras.js';
import { toldProblems } from './told-problems.js';

/** Messages looked at to find the first of every candidate. */
const MOST_PEEKED = 2000;
/** Lead in score that the best candidate needs over the next. */
const CLEARLY = 3;
/** Whoever scores no more looks like no camera at all. */
const NO_CAMERA = -3;

/** Names of the options that select the camera, for error messages. */
export interface CameraOptionNames {
  /** Name of the option for the image topic. */
  readonly image: string;
  /** Name of the option for the camera_info topic. */
  readonly cameraInfo: string;
  /** Name of the option for intrinsics; absent if there is no such option. */
  readonly intrinsics?: string;
}

export const COMMAND_LINE: CameraOptionNames = {
  image: '--image TOPIC',
  cameraInfo: '--camera-info TOPIC',
  intrinsics: '--intrinsics fx,fy,cx,cy',
};

/** The choice of a camera. Whatever is absent is found in the bag. */
export interface CameraOptions {
  /** Topic of the image. */
  readonly image?: string | undefined;
  /** Topic of the camera_info. */
  readonly cameraInfo?: string | undefined;
  /** Whether the user gives intrinsics, so that no camera_info is needed. */
  readonly intrinsics?: boolean;
  /** Whether the images are raw or rectified. */
  readonly cameraKind?: CameraKind | undefined;
  /** Names of the options; default: the command line's. */
  readonly names?: CameraOptionNames;
}

/** A camera in a bag. */
export interface BagCamera {
  /** Topic of the image. */
  readonly topic: string;
  /** Full type name of the image topic. */
  readonly type: string;
  /** Number of images; undefined if the bag does not say. */
  readonly messageCount: number | undefined;
  /** Topic of the camera_info; undefined if the user gives intrinsics. */
  readonly infoTopic: string | undefined;
  /** Whether the images are raw or rectified. */
  readonly kind: CameraKind;
  /** One clause each on why this image, this camera_info and this kind were chosen. */
  readonly reasons: readonly string[];
  /** The first camera_info of the topic; undefined if there is none. */
  readonly firstInfo:
    | {
        readonly topic: string;
        readonly type: string;
        readonly stampNs: bigint;
        readonly logTimeNs: bigint;
        readonly message: CameraInfo;
      }
    | undefined;
}

/**
 * Finds the camera image of a bag and its camera_info: the named topics, or the only plausible ones. Types and encodings
 * decide; names are hints. Replay, adaptation, evaluation and data sets all use this function.
 * @throws MessageError that lists the choices and the option that makes one, when there is none or more than one.
 */
export async function findCamera(reader: BagReader, options: CameraOptions = {}): Promise<BagCamera> {
  const names = options.names ?? COMMAND_LINE;
  const { topic, why } =
    options.image === undefined
      ? await chosenImage(reader, names)
      : { topic: await namedImage(reader, options.image, names), why: 'named' };
  const info = options.intrinsics ? undefined : chooseInfo(reader, topic, options.cameraInfo, names);
  const firstInfo = info === undefined ? undefined : await firstInfoOf(reader, info.topic);
  const kind =
    options.cameraKind === undefined
      ? cameraKindOf(topic.topic, firstInfo?.message)
      : { kind: options.cameraKind, why: 'said' };
  return {
    topic: topic.topic,
    type: topic.type,
    messageCount: topic.messageCount,
    infoTopic: info?.topic.topic,
    kind: kind.kind,
    reasons: [
      `${topic.topic}: ${why}`,
      ...(info === undefined ? ['given intrinsics'] : [`${info.topic.topic}: ${info.why}`]),
      `${kind.kind}: ${kind.why}`,
    ],
    firstInfo,
  };
}

function isImage({ type }: BagTopic): boolean {
  return type === imageCodec.type || type === compressedImageCodec.type;
}

async function namedImage(reader: BagReader, name: string, names: CameraOptionNames): Promise<BagTopic> {
  const found = reader.topics.find(({ topic }) => topic === name);
  if (found === undefined) {
    throw new MessageError(
      `${reader.path} has no topic \`${name}\` (${names.image}); its image topics are:\n${list(reader, isImage)}` +
        toldProblems(reader.problems),
      { topic: name, file: reader.path },
    );
  }
  const video = videoRemedy(found);
  if (video !== undefined) throw new MessageError(`${reader.path}: ${video}.`, { file: reader.path });
  if (!isImage(found)) {
    throw new MessageError(
      `${reader.path}: topic ${name} is of type ${found.type}, expected \`${imageCodec.type}\` or ` +
        `\`${compressedImageCodec.type}\`; its image topics are:\n${list(reader, isImage)}`,
      { topic: name, file: reader.path },
    );
  }
  const firsts = await firstMessages(reader, [found]);
  if (firsts.has(name)) return found;
  if (found.recordedAs !== undefined) throw noFrame(reader, name);
  throw new MessageError(
    `${reader.path}: topic ${name} has no messages that can be read; take another one with \`${names.image}\`:\n${list(reader, isImage)}` +
      toldProblems(reader.problems),
    { topic: name, file: reader.path },
  );
}

async function chosenImage(
  reader: BagReader,
  names: CameraOptionNames,
): Promise<{ readonly topic: BagTopic; readonly why: string }> {
  const images = reader.topics.filter((topic) => isImage(topic) && topic.messageCount !== 0);
  const { firsts, refusals } = await firstImages(reader, images);
  const infos = reader.topics.filter(
    ({ type, messageCount }) => type === cameraInfoCodec.type && messageCount !== 0,
  );
  const readable = images.filter(({ topic }) => firsts.has(topic));
  const ranked = rankCameras(readable, firsts, infos);
  const [best, next] = ranked;
  if (best === undefined) throw refusals[0] ?? noCamera(reader, names);
  const others = ranked.slice(1).flatMap(({ topic }) => topic.topic);
  if (next === undefined) {
    if (best.score <= NO_CAMERA && best.resultByName) throw refusals[0] ?? noCamera(reader, names);
    return { topic: best.topic, why: `the only camera (${best.reasons.join(', ')})` };
  }
  if (best.score <= NO_CAMERA) throw refusals[0] ?? noCamera(reader, names);
  if (best.score - next.score < CLEARLY) throw severalCameras(reader, ranked, names);
  return { topic: best.topic, why: `${best.reasons.join(', ')}; rather than ${others.join(', ')}` };
}

function noCamera(reader: BagReader, names: CameraOptionNames): MessageError {
  const video = reader.topics.map(videoRemedy).find((remedy) => remedy !== undefined);
  if (video !== undefined)
    return new MessageError(`${reader.path} has no camera images: ${video}.`, { file: reader.path });
  const images = reader.topics.some(isImage);
  return new MessageError(
    `${reader.path} has no camera image that can be read (\`${imageCodec.type}\` or \`${compressedImageCodec.type}\`)` +
      (images
        ? `; if one of these is one, say so with \`${names.image}\`:\n${list(reader, isImage)}`
        : `; its topics are:\n${list(reader, () => true)}`) +
      toldProblems(reader.problems),
    { file: reader.path },
  );
}

function severalCameras(
  reader: BagReader,
  ranked: readonly CameraCandidate[],
  names: CameraOptionNames,
): MessageError {
  const lines = ranked.map(({ topic, reasons }) => `${line(topic)}: ${reasons.join(', ')}`);
  const [option = ''] = names.image.split(' ');
  return new MessageError(
    `${reader.path} has several camera images; choose one with \`${option}\`:\n${lines.join('\n')}`,
    { file: reader.path },
  );
}

/** The first message of each topic; a video that cannot be decoded here keeps nobody from the other cameras. */
async function firstImages(
  reader: BagReader,
  images: readonly BagTopic[],
): Promise<{ readonly firsts: ReadonlyMap<string, BagMessage>; readonly refusals: readonly MessageError[] }> {
  const pictures = images.filter(({ recordedAs }) => recordedAs === undefined);
  const firsts = await firstMessages(reader, pictures);
  const refusals: MessageError[] = [];
  for (const video of images.filter(({ recordedAs }) => recordedAs !== undefined)) {
    try {
      const [first] = (await firstMessages(reader, [video])).values();
      if (first !== undefined) firsts.set(video.topic, first);
      else refusals.push(noFrame(reader, video.topic));
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      refusals.push(error);
    }
  }
  return { firsts, refusals };
}

function noFrame(reader: BagReader, topic: string): MessageError {
  const about = reader.problems.filter(({ what }) => what.startsWith(`video of ${topic} `)).at(-1);
  const why = about === undefined ? '' : `: ${about.what}`;
  return new MessageError(`${reader.path}: no frame of the video \`${topic}\` can be decoded${why}.`, {
    topic,
    file: reader.path,
  });
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

function chooseInfo(
  reader: BagReader,
  image: BagTopic,
  name: string | undefined,
  names: CameraOptionNames,
): { readonly topic: BagTopic; readonly why: string } {
  const isInfo = ({ type }: BagTopic) => type === cameraInfoCodec.type;
  const infos = reader.topics.filter(isInfo);
  const [option = ''] = names.cameraInfo.split(' ');
  const remedy =
    `give the camera_info topic with \`${option}\`` +
    (names.intrinsics === undefined ? '' : `, or the intrinsics with \`${names.intrinsics}\``);
  if (name !== undefined) {
    const found = infos.find(({ topic }) => topic === name);
    if (found !== undefined) return { topic: found, why: 'named' };
    throw new MessageError(
      `${reader.path} has no \`${cameraInfoCodec.type}\` topic \`${name}\`; ${remedy}.${others(reader, isInfo)}`,
      { topic: name, file: reader.path },
    );
  }
  const filled = infos.filter(({ messageCount }) => messageCount !== 0);
  const beside = infoBeside(image.topic, filled);
  if (beside !== undefined) return { topic: beside, why: 'beside the image' };
  const [only, another] = filled;
  if (only !== undefined && another === undefined) return { topic: only, why: 'the only camera_info' };
  throw new MessageError(
    only === undefined
      ? `${reader.path} has no camera_info for ${image.topic}; ${
          names.intrinsics === undefined
            ? 'record it with the images'
            : `give the intrinsics with \`${names.intrinsics}\``
        }.${toldProblems(reader.problems)}`
      : `${reader.path} has no camera_info beside ${image.topic}, and several elsewhere; ${remedy}.${others(reader, isInfo)}`,
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

function line({ topic, type, messageCount, recordedAs }: BagTopic): string {
  return `  ${topic} (${recordedAs ?? type}${messageCount === undefined ? '' : `, ${messageCount} messages`})`;
}
