import { createInterface } from 'node:readline';
import { parseVersionId } from '../../models/versions/version-id.js';
import { VersionStore } from '../../models/versions/version-store.js';

/** Another process that changes the current version: one NAME/N a line of its input, `node choose-versions.js HOME`. */
const store = new VersionStore({ home: process.argv[2] ?? '' });
for await (const line of createInterface({ input: process.stdin })) {
  const id = parseVersionId(line);
  if (id !== undefined) await store.use(id);
}
