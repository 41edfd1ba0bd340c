import { type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { ModelError } from '../errors.js';
import { MANIFEST_FILE } from '../model-store.js';
import { keyId } from './release-keys.js';

/** What is signed. */
const RELEASE = z.strictObject({
  format: z.literal('rxdepth-release-1'),
  /** Name of the model. */
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
  /** Counts up; a lower one than the last that was pulled is refused. */
  release: z.number().int().positive(),
  createdAt: z.string(),
  /** Beside the release file: where the files lie. */
  folder: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
  files: z.record(
    z.string().regex(/^[^/\\\0]+$/),
    z.strictObject({
      bytes: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});
export type Release = Readonly<z.infer<typeof RELEASE>>;

/** As it is stored: the exact text that was signed, beside its signature. */
const ENVELOPE = z.strictObject({
  payload: z.string(),
  /** Base64. */
  signature: z.string().regex(/^[A-Za-z0-9+/]{86}==$/),
  /** Identity of the public key; a hint, which only makes a better message. */
  key: z.string(),
});

/** Name of the release file: the newest release of a place. */
export const RELEASE_FILE = 'rxdepth-release.json';
/** Longest one that is read, bytes. */
export const LONGEST_RELEASE = 1 << 20;

/** Text of a release file. */
export function signRelease(release: Release, privateKey: KeyObject): string {
  const payload = JSON.stringify(release);
  const signature = sign(null, Buffer.from(payload), privateKey).toString('base64');
  return `${JSON.stringify({ payload, signature, key: keyId(privateKey) }, undefined, 2)}\n`;
}

/**
 * What a release file says, where a trusted key signed it: nothing of an unsigned one is looked at.
 * @throws ModelError when it is damaged, was changed, or was signed by another key.
 */
export function openRelease(text: string, trusted: KeyObject, file: string): Release {
  const envelope = ENVELOPE.safeParse(parsed(text));
  if (!envelope.success) {
    throw new ModelError(
      `${file} is no release, or was cut short (${text.length} characters); sign it again with \`rxdepth model sign\``,
      { file },
    );
  }
  const { payload, signature, key } = envelope.data;
  if (!verify(null, Buffer.from(payload), trusted, Buffer.from(signature, 'base64'))) {
    const expected = keyId(trusted);
    throw new ModelError(
      key === expected
        ? `${file}: the signature does not fit: it was changed after it was signed; nothing of it is used`
        : `${file}: expected the signature of the trusted key \`${expected}\`, got that of ${key.slice(0, 40)}; nothing of it is used`,
      { file },
    );
  }
  const release = RELEASE.safeParse(parsed(payload));
  if (release.success && release.data.files[MANIFEST_FILE] !== undefined) return release.data;
  const why = release.success ? `it has no ${MANIFEST_FILE}` : z.prettifyError(release.error);
  throw new ModelError(`${file} is signed, but is no release that this rxdepth knows: ${why}`, { file });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
