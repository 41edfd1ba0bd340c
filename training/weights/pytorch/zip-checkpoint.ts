import { TrainingError } from '../../errors.js';
import { ByteCursor } from './byte-cursor.js';
import { unpickle } from './pickle-machine.js';
import type { PickleValue } from './pickle-values.js';
import { storageOf } from './storage-id.js';
import type { Storage, StorageBytes } from './tensor-view.js';
import { ZipArchive } from './zip-archive.js';

/** The pickled value of a checkpoint and the way to its numbers. */
export interface PickledCheckpoint {
  readonly root: PickleValue;
  bytesOf(storage: Storage): StorageBytes;
}

/**
 * The format since PyTorch 1.6: a zip file with one folder that holds `data.pkl`, `data/KEY` for every storage and, since 2.1,
 * `byteorder`.
 */
export function readZipCheckpoint(bytes: Uint8Array, source: string): PickledCheckpoint {
  const zip = new ZipArchive(bytes, source);
  const pickleName = zip.names.find((name) => /^[^/]*\/?data\.pkl$/.test(name));
  if (pickleName === undefined)
    throw new TrainingError('it is a zip file, but no PyTorch checkpoint: it has no `data.pkl`');
  const folder = pickleName.slice(0, -'data.pkl'.length);
  if (zip.has(`${folder}constants.pkl`))
    throw new TrainingError(
      'it is a TorchScript module, a program. Save its weights in Python: `torch.save(torch.jit.load(FILE).state_dict(), "weights.pth")`',
    );
  const littleEndian = !zip.has(`${folder}byteorder`) || isLittle(zip.read(`${folder}byteorder`));
  const root = unpickle(new ByteCursor(zip.read(pickleName)), (id) => ({
    kind: 'storage',
    storage: storageOf(id),
  }));
  return { root, bytesOf: ({ key }) => ({ bytes: zip.read(`${folder}data/${key}`), littleEndian }) };
}

function isLittle(marker: Uint8Array): boolean {
  const text = new TextDecoder().decode(marker.subarray(0, 100));
  if (text !== 'little' && text !== 'big')
    throw new TrainingError(`its byte order is ${JSON.stringify(text)}; expected \`little\` or \`big\``);
  return text === 'little';
}
