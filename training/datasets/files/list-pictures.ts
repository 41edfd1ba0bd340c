import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from '../../../msgs/code-of.js';
import { messageOf } from '../../../msgs/message-of.js';
import { TrainingError } from '../../errors.js';

/** A picture file in a folder. */
export interface ListedPicture {
  readonly file: string;
  /** Tells whether it is still the same file: size and time of the last change. */
  readonly state: string;
}

const PICTURE = /\.(png|jpe?g)$/i;

/**
 * All png and jpeg files in a folder and the folders within, sorted by their names; hidden ones are left out.
 * @throws TrainingError naming the folder when it cannot be read or holds no picture.
 */
export async function listPictures(folder: string): Promise<ListedPicture[]> {
  const names = (await filesIn(folder)).filter((name) => PICTURE.test(name)).sort();
  if (names.length === 0) {
    throw new TrainingError(`${folder} holds no pictures; expected files ending in \`.png\` or \`.jpg\`.`, {
      file: folder,
    });
  }
  const pictures: ListedPicture[] = [];
  for (const file of names) {
    const { size, mtimeMs } = await stat(file).catch((cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'ENOENT' ? 'is a link that leads nowhere' : `cannot be read: ${cause.message}`;
      throw new TrainingError(`The picture ${file} ${why}; mend or remove it.`, { file, cause });
    });
    pictures.push({ file, state: `${path.relative(folder, file)} ${size} ${mtimeMs}` });
  }
  return pictures;
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    const entries = (await readdir(folder, { withFileTypes: true })).filter(
      ({ name }) => !name.startsWith('.'),
    );
    const files: string[] = [];
    for (const entry of entries) {
      const at = path.join(folder, entry.name);
      if (entry.isDirectory()) files.push(...(await filesIn(at)));
      else if (entry.isFile() || (entry.isSymbolicLink() && !(await leadsToFolder(at)))) files.push(at);
    }
    return files;
  } catch (cause) {
    const [code, message] = [codeOf(cause), messageOf(cause)];
    const why = code === 'ENOENT' || code === 'ENOTDIR' ? 'is no folder' : `cannot be read: ${message}`;
    throw new TrainingError(`${folder} ${why}; expected a folder of pictures.`, { file: folder, cause });
  }
}

/** Such links are passed over, so that none leads in a circle. */
async function leadsToFolder(link: string): Promise<boolean> {
  return await stat(link).then(
    (at) => at.isDirectory(),
    () => false,
  );
}
