import type { FolderNames } from './folder-names.js';

/**
 * Where pictures should be whose truth is there: a folder of pictures that was copied in part would else pass for the whole.
 * @param truth files of the truth. @param pictureName of the picture that a file of the truth belongs to; undefined for a file
 * that is none.
 */
export function missingPictures(
  pictures: FolderNames,
  truth: FolderNames,
  pictureName: (name: string) => string | undefined,
): string[] {
  return truth.names.flatMap((name) => {
    const picture = pictureName(name);
    return picture === undefined || pictures.find(picture) !== undefined ? [] : [pictures.placeOf(picture)];
  });
}
