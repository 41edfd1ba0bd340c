import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { openBag } from '../../../msgs/bag/open-bag.js';
import { uploadObject } from '../../../msgs/remote/upload-object.js';
import { fixtureMessages, mcapFile } from '../bag/mcap/mcap-fixture.js';
import { fingerprint, readAll } from '../bag/read-all.js';
import { scratchFolder } from '../bag/scratch-folder.js';
import { sqliteFile } from '../bag/sqlite/sqlite-fixture.js';
import { startFileServer } from './file-server.js';
import { BUCKET, startS3Store } from './s3-store.js';

const messages = fixtureMessages(60);
const expected = messages.map(fingerprint);

/** Sets variables of the environment for one test; the tests of this file run one after another. */
function withEnv(
  t: { teardown(fn: () => void): void },
  env: Readonly<Record<string, string | undefined>>,
): void {
  for (const [name, value] of Object.entries(env)) {
    const before = process.env[name];
    const set = (to: string | undefined) => {
      if (to === undefined) delete process.env[name];
      else process.env[name] = to;
    };
    set(value);
    t.teardown(() => set(before));
  }
}

test.serial(
  'a bag at an S3 URL reads as it does on disk: MCAP in parts, SQLite by a copy, folders by metadata',
  async (t) => {
    t.timeout(600_000);
    const folder = await scratchFolder(t);
    const store = await startS3Store(join(folder, 'store'));
    t.teardown(() => store.close());
    withEnv(t, store.env);
    const local = join(folder, 'local');
    await mkdir(local);
    await writeFile(join(local, 'a b+(1).mcap'), await mcapFile(messages));
    sqliteFile(join(local, 'drive.db3'), messages);
    await writeFile(join(local, 'drive_0.mcap'), await mcapFile(messages.slice(0, 30)));
    await writeFile(join(local, 'drive_1.mcap'), await mcapFile(messages.slice(30)));
    await writeFile(
      join(local, 'metadata.yaml'),
      'rosbag2_bagfile_information:\n  version: 5\n  storage_identifier: mcap\n' +
        '  relative_file_paths:\n    - drive_0.mcap\n    - drive_1.mcap\n' +
        '  compression_format: ""\n  compression_mode: ""\n',
    );
    const at = (name: string) => `s3://${BUCKET}/red car/${name}`;
    for (const name of ['a b+(1).mcap', 'drive.db3', 'drive_0.mcap', 'drive_1.mcap', 'metadata.yaml'])
      await uploadObject(join(local, name), at(name));
    for (const place of [
      at('a b+(1).mcap'),
      at('drive.db3'),
      `s3://${BUCKET}/red car`,
      `s3://${BUCKET}/red car/`,
    ]) {
      const read = await readAll(place);
      t.deepEqual(read.messages.map(fingerprint), expected, place);
      t.deepEqual(read.problems, [], place);
    }
  },
);

test.serial(
  'of a long MCAP file only what is asked for is fetched, and connections that break are no loss',
  async (t) => {
    t.timeout(600_000);
    const long = fixtureMessages(160, 200_000);
    const file = await mcapFile(long, { chunkSize: 400_000 });
    const server = await startFileServer(new Map([['/long.mcap', file]]));
    t.teardown(() => server.close());
    const fromNs = long.at(-3)?.logTimeNs ?? 0n;
    const end = await readAll(`${server.url}/long.mcap?token=secret`, { fromNs });
    t.deepEqual(end.messages.map(fingerprint), long.slice(-3).map(fingerprint));
    t.true(server.sent < file.length / 2, `${server.sent} of ${file.length} bytes were fetched`);

    server.breaks = 3;
    const whole = await readAll(`${server.url}/long.mcap`);
    t.deepEqual(whole.messages.map(fingerprint), long.map(fingerprint));
    t.is(server.breaks, 0);
  },
);

test.serial('a server without range requests, and damage, are dealt with as on disk', async (t) => {
  t.timeout(600_000);
  const file = await mcapFile(messages);
  const cut = file.subarray(0, file.length - 3000);
  const files = new Map([
    ['/whole.mcap', file],
    ['/cut.mcap', cut],
  ]);
  const plain = await startFileServer(files, { ranges: false });
  t.teardown(() => plain.close());
  t.deepEqual((await readAll(`${plain.url}/whole.mcap`)).messages.map(fingerprint), expected);

  const server = await startFileServer(files);
  t.teardown(() => server.close());
  const folder = await scratchFolder(t);
  await writeFile(join(folder, 'cut.mcap'), cut);
  const local = await readAll(join(folder, 'cut.mcap'));
  const remote = await readAll(`${server.url}/cut.mcap?token=secret`);
  t.true(remote.problems.length > 0);
  t.deepEqual(
    remote.problems.map(({ what, lost }) => ({ what, lost })),
    local.problems.map(({ what, lost }) => ({ what, lost })),
  );
  t.is(remote.problems[0]?.file, `${server.url}/cut.mcap`, 'without what may be secret');
  t.deepEqual(remote.messages.map(fingerprint), local.messages.map(fingerprint));
});

test.serial('what a store refuses is said with what to do', async (t) => {
  t.timeout(600_000);
  const folder = await scratchFolder(t);
  const store = await startS3Store(join(folder, 'store'));
  t.teardown(() => store.close());
  const refused = async (url: string, env: Readonly<Record<string, string | undefined>>, message: RegExp) => {
    withEnv(t, { ...store.env, AWS_SESSION_TOKEN: undefined, AWS_DEFAULT_REGION: undefined, ...env });
    await t.throwsAsync(openBag(url), { name: 'MessageError', message }, url);
  };
  const bag = `s3://${BUCKET}/none.mcap`;
  await refused(bag, {}, /none\.mcap`: HTTP 404, NoSuchKey.*there is no such object/);
  await refused('s3://not-there/a.mcap', {}, /404, NoSuchBucket.*there is no such bucket/);
  await refused(`s3://${BUCKET}/folder`, {}, /no bag at .*metadata\.yaml/);
  await refused(bag, { AWS_SECRET_ACCESS_KEY: 'wrong' }, /403, SignatureDoesNotMatch.*AWS_SECRET_ACCESS_KEY/);
  await refused(bag, { AWS_ACCESS_KEY_ID: 'nobody' }, /403, InvalidAccessKeyId.*AWS_ACCESS_KEY_ID/);
  await refused(bag, { AWS_SECRET_ACCESS_KEY: undefined }, /AWS_SECRET_ACCESS_KEY is not set/);
  const nowhere = { AWS_ENDPOINT_URL: undefined, AWS_REGION: undefined };
  await refused(bag, nowhere, /no region is set: AWS_REGION/);
  await refused(bag, { AWS_ENDPOINT_URL: '127.0.0.1:1' }, /AWS_ENDPOINT_URL: expected/);
  await refused('s3://drives', {}, /expected `s3:\/\/BUCKET\/KEY`|metadata\.yaml/);

  const { Date: RealDate } = globalThis;
  withEnv(t, store.env);
  const realFetch = globalThis.fetch;
  t.teardown(() => {
    globalThis.Date = RealDate;
    globalThis.fetch = realFetch;
  });
  // Only while a request is signed is it an hour later.
  globalThis.Date = class extends RealDate {
    constructor(...given: []) {
      super(...(given.length > 0 ? given : ([RealDate.now() + 3_600_000] as unknown as [])));
    }
  } as DateConstructor;
  globalThis.fetch = (...args: Parameters<typeof fetch>) => {
    globalThis.Date = RealDate;
    return realFetch(...args);
  };
  await t.throwsAsync(openBag(bag), { message: /RequestTimeTooSkewed.*the clocks differ: it is .* here/ });
});

test.serial('an upload is the whole object or none, in one request or in parts', async (t) => {
  t.timeout(600_000);
  const folder = await scratchFolder(t);
  const store = await startS3Store(join(folder, 'store'));
  t.teardown(() => store.close());
  withEnv(t, store.env);
  const content = Buffer.alloc(11 << 20, 'a piece of a drive ');
  await writeFile(join(folder, 'large'), content);
  const stored = (name: string) => readFile(join(folder, 'store', BUCKET, `${name}._S3rver_object`));

  await uploadObject(join(folder, 'large'), `s3://${BUCKET}/one`, 32 << 20);
  t.true((await stored('one')).equals(content));
  await uploadObject(join(folder, 'large'), `s3://${BUCKET}/parts`, 5 << 20);
  t.true((await stored('parts')).equals(content));

  const realFetch = globalThis.fetch;
  t.teardown(() => {
    globalThis.fetch = realFetch;
  });
  const asked: string[] = [];
  globalThis.fetch = (url, init) => {
    asked.push(`${init?.method} ${new URL(String(url)).search.replace(/uploadId=.*/, 'uploadId')}`);
    if (String(url).includes('partNumber=2'))
      return Promise.resolve(new Response('<Error><Code>AccessDenied</Code></Error>', { status: 403 }));
    return realFetch(url, init);
  };
  await t.throwsAsync(uploadObject(join(folder, 'large'), `s3://${BUCKET}/broken`, 5 << 20), {
    message: /broken`: HTTP 403, AccessDenied/,
  });
  await t.throwsAsync(stored('broken'), { code: 'ENOENT' });
  t.is(asked.at(-1), 'DELETE ?uploadId', 'the parts that were sent are given up');
});

test.serial(
  'parts that were put together are an object, though the answer says otherwise or is lost',
  async (t) => {
    t.timeout(600_000);
    const folder = await scratchFolder(t);
    const store = await startS3Store(join(folder, 'store'));
    t.teardown(() => store.close());
    withEnv(t, store.env);
    const content = Buffer.alloc(11 << 20, 'a piece of a drive ');
    await writeFile(join(folder, 'large'), content);
    const file = (name: string) => join(folder, 'store', BUCKET, `${name}._S3rver_object`);
    const upload = (name: string) => uploadObject(join(folder, 'large'), `s3://${BUCKET}/${name}`, 5 << 20);
    const realFetch = globalThis.fetch;
    t.teardown(() => {
      globalThis.fetch = realFetch;
    });
    const refusal = (status: number, code: string) =>
      new Response(`<?xml version="1.0"?>\n<Error><Code>${code}</Code></Error>`, { status });
    /** What becomes of each request to put the parts together, in turn. */
    const answering = (...answers: readonly ((real: () => Promise<Response>) => Promise<Response>)[]) => {
      let turn = 0;
      globalThis.fetch = (url, init) => {
        const real = () => realFetch(url, init);
        const isLast = init?.method === 'POST' && String(url).includes('uploadId=');
        return (isLast && answers[turn++]?.(real)) || real();
      };
      return () => turn;
    };
    const over = async () => refusal(404, 'NoSuchUpload');
    const lost = async (real: () => Promise<Response>) => {
      await (await real()).text();
      throw new TypeError('fetch failed');
    };

    answering(lost, over);
    await upload('lost');
    t.true((await readFile(file('lost'))).equals(content));

    const asked = answering(async () => refusal(200, 'InternalError'));
    await upload('again');
    t.is(asked(), 2);
    t.true((await readFile(file('again'))).equals(content));

    answering(over);
    await t.throwsAsync(upload('none'), { message: /none`: HTTP 404, NoSuchUpload/ });
    // An object of the same size was there before.
    await utimes(file('lost'), 1e9, 1e9);
    answering(over);
    await t.throwsAsync(upload('lost'), { message: /lost`: HTTP 404, NoSuchUpload/ });
    answering(async () => refusal(200, 'AccessDenied'));
    await t.throwsAsync(upload('refused'), { message: /did not put the parts together: AccessDenied/ });
  },
);
