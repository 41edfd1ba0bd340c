import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { ModelError } from '../errors.js';

/** Keys are PEM text of a kilobyte at most. */
const LONGEST_KEY = 1 << 16;

/** Identity of a public key, or of that of a private one: SHA-256 of its SPKI form, the first 16 hex digits. */
export function keyId(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex').slice(0, 16);
}

/**
 * Makes an ed25519 pair: the private key in `file`, which only its owner may read, the public one in `file.pub`.
 * @throws ModelError when there is something already: a key is never replaced.
 */
export async function writeKeyPair(
  file: string,
): Promise<{ readonly id: string; readonly publicFile: string }> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const publicFile = `${file}.pub`;
  await writeNew(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600);
  await writeNew(publicFile, publicKey.export({ type: 'spki', format: 'pem' }).toString(), 0o644);
  return { id: keyId(publicKey), publicFile };
}

/** @throws ModelError when the file holds no private ed25519 key. */
export async function readPrivateKey(file: string): Promise<KeyObject> {
  const text = await readKey(file);
  return ed25519(file, 'a private ed25519 key, as `rxdepth model keygen` writes it', () => {
    if (/PUBLIC KEY/.test(text)) throw new Error('it is a public key; sign with the one without `.pub`');
    return createPrivateKey(text);
  });
}

/** @throws ModelError when the file holds no public ed25519 key; a private one is refused, it has no business here. */
export async function readPublicKey(file: string): Promise<KeyObject> {
  const text = await readKey(file);
  return ed25519(file, 'a public ed25519 key, as `rxdepth model keygen` writes it to `KEY.pub`', () => {
    if (/PRIVATE KEY/.test(text))
      throw new Error('it is a private key, which only belongs to who signs; give `KEY.pub`');
    return createPublicKey(text);
  });
}

function ed25519(file: string, expected: string, read: () => KeyObject): KeyObject {
  try {
    const key = read();
    if (key.asymmetricKeyType === 'ed25519') return key;
    throw new Error(`it is a key of ${key.asymmetricKeyType}`);
  } catch (cause) {
    throw new ModelError(`${file}: expected ${expected}: ${(cause as Error).message}`, { file, cause });
  }
}

async function readKey(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new ModelError(`the key ${file} cannot be read: ${cause.message}`, { file, cause });
  });
  if (text.length <= LONGEST_KEY) return text;
  throw new ModelError(`${file} is no key: it has ${text.length} characters`, { file });
}

async function writeNew(file: string, text: string, mode: number): Promise<void> {
  try {
    const handle = await open(file, 'wx', mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new ModelError(`${file} is there already: a key is never replaced; name another file`, {
        file,
        cause,
      });
    }
    throw new ModelError(`the key ${file} cannot be written: ${(cause as Error).message}`, { file, cause });
  }
}
