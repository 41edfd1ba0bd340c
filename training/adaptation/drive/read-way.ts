import type { BagReader, BagTopic } from '../../../msgs/bag/bag-reader.js';
import { odometryCodec } from '../../../msgs/odometry.js';
import { poseStampedCodec } from '../../../msgs/pose-stamped.js';
import { twistStampedCodec } from '../../../msgs/twist-stamped.js';
import type { Vector3 } from '../../../msgs/vector3.js';
import { chooseTopic, stampedMessages } from '../../datasets/bag/bag-topics.js';
import { TravelledWay } from './travelled-way.js';

const TYPES = [odometryCodec.type, twistStampedCodec.type, poseStampedCodec.type];
/** Found by themselves: a pose may be of anything, and what a camera sees is no measure of what it sees. */
const SPEED_TYPES: readonly string[] = [odometryCodec.type, twistStampedCodec.type];
const NOT_MEASURED = /rxdepth|visual|camera|command|cmd/i;

/**
 * The topic that says how fast the vehicle was: the named one; else the only odometry or twist there is.
 * @throws TrainingError when the named one is missing or of another type.
 */
export function wayTopic(bag: BagReader, named: string | undefined): BagTopic | undefined {
  if (named !== undefined) return chooseTopic(bag, TYPES, '--odometry', named);
  const found = bag.topics.filter(
    ({ topic, type }) => SPEED_TYPES.includes(type) && !NOT_MEASURED.test(topic),
  );
  return found.length === 1 ? found[0] : undefined;
}

/** How far the vehicle came, by the speeds of an odometry or a twist, or by the places of poses. */
export async function readWay(bag: BagReader, { topic, type }: BagTopic): Promise<TravelledWay> {
  if (type === poseStampedCodec.type) {
    const places: (Vector3 & { readonly stampNs: bigint })[] = [];
    for await (const { stampNs, value } of stampedMessages(bag, topic, poseStampedCodec)) {
      places.push({ stampNs, ...value.pose.position });
    }
    return TravelledWay.ofPlaces(places);
  }
  const speeds: { readonly stampNs: bigint; readonly speed: number }[] = [];
  const add = (stampNs: bigint, { x, y, z }: Vector3) => speeds.push({ stampNs, speed: Math.hypot(x, y, z) });
  if (type === twistStampedCodec.type) {
    for await (const { stampNs, value } of stampedMessages(bag, topic, twistStampedCodec)) {
      add(stampNs, value.twist.linear);
    }
  } else {
    for await (const { stampNs, value } of stampedMessages(bag, topic, odometryCodec)) {
      add(stampNs, value.twist.twist.linear);
    }
  }
  return TravelledWay.ofSpeeds(speeds);
}
