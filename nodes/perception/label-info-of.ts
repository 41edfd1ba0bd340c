import type { Manifest } from '../../models/manifest.js';
import type { Header } from '../../msgs/header.js';
import type { LabelInfo } from '../../msgs/label-info.js';

/** Pixel value of what has no class. */
const UNLABELLED_ID = 255;

/** The names of a model's classes, for those who read its label images. */
export function labelInfoOf(classes: Manifest['classes'], header: Header): LabelInfo {
  const class_map = classes.map(({ name }, class_id) => ({ class_id, class_name: name }));
  return {
    header,
    class_map: [...class_map, { class_id: UNLABELLED_ID, class_name: 'unlabelled' }],
    threshold: 0,
  };
}
