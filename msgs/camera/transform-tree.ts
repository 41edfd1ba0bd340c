import { MessageError } from '../errors.js';
import type { TFMessage, TransformStamped } from '../tf-message.js';
import {
  composeTransforms,
  identityTransform,
  invertTransform,
  type RigidTransform,
  transformFromPose,
} from './rigid-transform.js';

/** The static transforms of a robot (/tf_static): which frame hangs from which, and where. */
export class TransformTree {
  readonly #parents = new Map<string, { parent: string; parentFromChild: RigidTransform }>();
  readonly #frames = new Set<string>();

  /**
   * Adds or replaces transforms; a frame has one parent, the latest given.
   * @throws MessageError for the first one that is none, when all others are added.
   */
  add(message: TFMessage): void {
    let refused: MessageError | undefined;
    for (const transform of message.transforms) {
      const reason = this.#add(transform);
      refused ??= reason;
    }
    if (refused !== undefined) throw refused;
  }

  /** @returns why not. */
  #add({ header, child_frame_id, transform }: TransformStamped): MessageError | undefined {
    const parent = frameName(header.frame_id);
    const child = frameName(child_frame_id);
    const parentFromChild = transformFromPose(transform.translation, transform.rotation);
    if (parent === '' || child === '' || parent === child || !parentFromChild.every(Number.isFinite)) {
      return new MessageError(
        `transform from \`${child}\` to \`${parent}\`: expected two frames, a finite translation and a rotation ` +
          `that is not zero, got ${JSON.stringify(transform)}`,
      );
    }
    if (this.#chain(parent).some(({ frame }) => frame === child)) {
      return new MessageError(`transform from \`${child}\` to \`${parent}\` would close a loop of frames`);
    }
    this.#parents.set(child, { parent, parentFromChild });
    this.#frames.add(parent).add(child);
    return undefined;
  }

  /** All frames seen so far. */
  get frames(): readonly string[] {
    return [...this.#frames];
  }

  /** targetFromSource: the 4x4 row-major matrix that maps points of `source` to `target`. Source: REP 105. */
  lookup(target: string, source: string): RigidTransform {
    const [targetName, sourceName] = [frameName(target), frameName(source)];
    if (targetName === sourceName) return identityTransform();
    for (const name of [targetName, sourceName]) {
      if (!this.#frames.has(name)) {
        throw new MessageError(
          `no transform from \`${sourceName}\` to \`${targetName}\`: frame \`${name}\` is not in /tf_static; ` +
            `known frames: ${this.frames.join(', ') || 'none'}`,
        );
      }
    }
    const targetChain = this.#chain(targetName);
    for (const { frame, frameFromStart: frameFromSource } of this.#chain(sourceName)) {
      const meeting = targetChain.find((link) => link.frame === frame);
      if (meeting !== undefined) {
        return composeTransforms(invertTransform(meeting.frameFromStart), frameFromSource);
      }
    }
    throw new MessageError(
      `no transform from \`${sourceName}\` to \`${targetName}\`: they are in separate trees, with roots ` +
        `\`${this.rootOf(sourceName)}\` and \`${this.rootOf(targetName)}\`; a transform between these is missing`,
    );
  }

  /** Height of the origin of `child` over that of `base` along the z axis of `base`, metres. @throws as `lookup` does. */
  heightOver(base: string, child: string): number {
    return this.lookup(base, child)[11] as number; // of sixteen
  }

  /** The frame that `frame` hangs from; undefined for a root, and for one that is not known. */
  parentOf(frame: string): string | undefined {
    return this.#parents.get(frameName(frame))?.parent;
  }

  /** The frame from which all ancestors of `frame` hang: itself, if it has none. */
  rootOf(frame: string): string {
    return this.#chain(frameName(frame)).at(-1)?.frame ?? frame;
  }

  /** The frame itself and its ancestors, nearest first. */
  #chain(start: string): { frame: string; frameFromStart: RigidTransform }[] {
    const links = [{ frame: start, frameFromStart: identityTransform() }];
    let frameFromStart = identityTransform();
    for (let up = this.#parents.get(start); up !== undefined; up = this.#parents.get(up.parent)) {
      frameFromStart = composeTransforms(up.parentFromChild, frameFromStart);
      links.push({ frame: up.parent, frameFromStart });
    }
    return links;
  }
}

/** Frames of ROS 1 times began with a slash; tf2 does without. */
function frameName(frame: string): string {
  return frame.replace(/^\//, '');
}
