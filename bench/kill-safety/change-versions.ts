import { VersionStore } from '../../models/versions/version-store.js';
import { Random } from '../../training/simulator/random.js';

/** Child of kill-moments.ts: changes the store without pause and says what it does, until it is killed. */
const [home = '', candidate = '', seed = '0'] = process.argv.slice(2);
const store = new VersionStore({ home, keep: 3 });
const random = new Random(Number(seed));
for (;;) {
  const doing = random.weighted({ promote: 3, use: 1, rollback: 1 });
  process.stdout.write(`${doing}\n`);
  if (doing === 'promote') await store.promote(candidate, await store.current());
  else if (doing === 'use') {
    const { versions } = await store.list();
    await store.use(random.pick(versions));
  } else await store.rollback().catch(() => undefined); // nothing to go back to
}
