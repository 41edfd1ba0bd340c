import { readManifest } from '../../models/model-store.js';
import { resolveModel } from '../../models/resolve-model.js';
import { VersionStore } from '../../models/versions/version-store.js';
import {
  ADAPTATION_METHOD_NAMES,
  parseMethodNames,
  usesTeachers,
} from '../../msgs/adaptation/adaptation-method-names.js';
import type { AdaptationRequest } from '../../msgs/adaptation/adaptation-request.js';
import { teacherSize } from '../../msgs/adaptation/teacher-size.js';
import { openBag } from '../../msgs/bag/open-bag.js';
import { NodeError } from '../errors.js';

/**
 * Looks at a request before any drive is there: what is wrong with it would fail every run, some minutes after its drive
 * appeared.
 * @throws NodeError; MessageError for a guard that is no bag, ModelError for a teacher that is no model.
 */
export async function checkRequest(request: AdaptationRequest, store = new VersionStore()): Promise<void> {
  const { method = ADAPTATION_METHOD_NAMES[0], guard = [], teacher = [] } = request;
  for (const [option, names] of Object.entries({ guard, teacher })) {
    const twice = names.find((name, i) => names.indexOf(name) < i);
    if (twice !== undefined)
      throw new NodeError(`--${option}: expected each once, got \`${twice}\` twice`, { field: option });
  }
  if (teacher.length > 0 && !parseMethodNames(method).some(usesTeachers)) {
    throw new NodeError(
      `--teacher: \`--method ${method}\` learns nothing from one; \`--method sgdepth,${method}\` would`,
      {
        field: 'teacher',
      },
    );
  }
  for (const path of guard) await (await openBag(path)).close();
  for (const name of teacher)
    if (teacherSize(name) === undefined) await readManifest(await resolveModel(name, store));
}
