import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { VersionStore } from '../../../models/versions/version-store.js';
import { runView } from '../../../nodes/cli/view/run-view.js';
import { CAMERA_INFO, IMAGE, logTime, type RecordedMessage, writeTestBag } from '../test-bag.js';
import { testImage, testInfo } from '../test-messages.js';
import { testDisparity, writeTestModel } from '../test-model.js';
import { openBrowser } from './open-browser.js';

interface Context {
  readonly folder: string;
  readonly bag: string;
  readonly browser: Browser | undefined;
}

const test = anyTest as TestFn<Context>;
const FRAMES = 11;
/** What the browser is waited for, milliseconds: longer than any machine takes. */
const PATIENCE_MS = 240_000;
/** Of the left half of the pictures; the right half is class 13, a car. */
const grey = (index: number) => 10 * (index + 1);
const CAR_GREY = 184;

test.before(async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-page-'));
  const messages = Array.from({ length: FRAMES }, (_, index): RecordedMessage[] => {
    const stampNs = logTime(index);
    const image = testImage({ stampNs, grey: (_row, column) => (column < 32 ? grey(index) : CAR_GREY) });
    return [
      { topic: '/camera/image_raw', type: IMAGE, logTimeNs: stampNs, message: image },
      { topic: '/camera/camera_info', type: CAMERA_INFO, logTimeNs: stampNs, message: testInfo({ stampNs }) },
    ];
  }).flat();
  const bag = await writeTestBag(path.join(folder, 'drive'), messages);
  // Two versions, of which the second sees everything at half the distance.
  process.env.RXDEPTH_HOME = path.join(folder, 'home');
  const store = new VersionStore();
  const shipped = await store.current();
  const first = await store.promote(await writeTestModel(path.join(folder, 'first')), shipped);
  const second = await store.promote(
    await writeTestModel(path.join(folder, 'second'), { disparity: [0.02, 1], parent: 'test/1' }),
    first.version,
  );
  t.true(second.current);
  await writeRun(path.join(folder, 'home', '.adaptations', '20261101T081500Z-12'));
  t.context = { folder, bag, browser: await openBrowser() };
});

/** Depth before is red, depth after is blue. */
async function writeRun(folder: string): Promise<void> {
  await mkdir(path.join(folder, 'panels'), { recursive: true });
  const check = { name: 'better', answer: 'passed', finding: 'photometric error -3 %' };
  const judge = { verdict: 'promoted', reasons: [], checks: [check] };
  const result = { outcome: 'promoted', reasons: [], parent: 'test/1', version: 'test/2', steps: 9, judge };
  await writeFile(path.join(folder, 'result.json'), JSON.stringify(result));
  for (const [name, background] of Object.entries({ picture: 'gray', before: '#f00', after: '#00f' }))
    await sharp({ create: { width: 64, height: 32, channels: 3, background } })
      .png()
      .toFile(path.join(folder, 'panels', `1-${name}.png`));
}

test.after.always(async (t) => {
  await t.context.browser?.close();
  await rm(t.context.folder, { recursive: true });
});

function skip(t: ExecutionContext<Context>): void {
  t.log('SKIPPED: no browser here; `apt-get install -y chromium`, or name one with RXDEPTH_BROWSER');
  t.pass();
}

interface Served {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

async function serve(t: ExecutionContext<Context>, port = 0): Promise<Served> {
  const stop = new AbortController();
  let view: Promise<void> = Promise.resolve();
  const url = await new Promise<string>((resolve, reject) => {
    view = runView({
      ...{ bag: t.context.bag, device: 'cpu', threads: 1, pointsStride: 2, motion: true, paused: true },
      ...{ host: '127.0.0.1', port, signal: stop.signal, say: (text: string) => t.log(text) },
      opened: (addresses) => resolve(addresses.url),
    });
    view.catch(reject);
  });
  const end = async () => {
    stop.abort();
    await view;
  };
  t.teardown(end);
  return { url, stop: end };
}

/** A tab whose every error fails the test. */
async function tab(t: ExecutionContext<Context>, browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 900, height: 640 } });
  page.setDefaultTimeout(PATIENCE_MS);
  page.on('pageerror', (error) => t.fail(`the page: ${error.message}`));
  page.on('console', (message) => {
    // Chromium tells of a server that is away as an error of the page.
    if (message.type() === 'error' && !/WebSocket connection/.test(message.text())) t.fail(message.text());
  });
  await page.goto(url);
  return page;
}

/** Waits until an expression of the page gives something true; its last value. */
async function until<T>(page: Page, expression: string): Promise<T> {
  const startMs = Date.now();
  for (;;) {
    // The expression decides what it is.
    const value = (await page.evaluate(expression)) as T;
    if (value) return value;
    if (Date.now() - startMs > PATIENCE_MS) throw new Error(`it never came true: ${expression}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const panel = (page: Page, name: string) => page.locator(`[data-panel="${name}"]`);

/** What the depth panel says of the middle of the left half, once it says what is expected. */
async function readsDepth(page: Page, metres: number): Promise<void> {
  const canvas = panel(page, 'depth').locator('canvas');
  await canvas.waitFor();
  const startMs = Date.now();
  let text = '';
  while (Date.now() - startMs <= PATIENCE_MS) {
    // The panels may move while others fill.
    const box = await canvas.boundingBox();
    if (box === null) throw new Error('the canvas is not seen');
    const scale = Math.min(box.width / 64, box.height / 32);
    await page.mouse.move(box.x + box.width / 2 - 16 * scale, box.y + box.height / 2);
    text = (await panel(page, 'depth').locator('.note').textContent()) ?? '';
    if (/ m$/.test(text) && Math.abs(Number.parseFloat(text) / metres - 1) < 0.005) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the depth panel says "${text}" and never ${metres} m`);
}

const metresOf = (index: number, factor = 1) => 1 / (factor * testDisparity(grey(index)));

test.serial(
  'the page shows a bag: panels, legend, cloud, steps and scrubbing, a second tab and a reload',
  async (t) => {
    t.timeout(2 * PATIENCE_MS);
    const { browser } = t.context;
    if (browser === undefined) return skip(t);
    const { url } = await serve(t);
    const page = await tab(t, browser, url);
    await readsDepth(page, metresOf(0, 2));

    // Left and right are of different classes: the legend names both, and one of them alone can be shown.
    const legend = panel(page, 'labels').locator('.legend');
    await legend.getByRole('button', { name: 'car' }).click();
    await legend.locator('button[aria-pressed="true"]', { hasText: 'car' }).waitFor();
    await panel(page, 'moving').locator('canvas[data-drawn]').waitFor();

    // The car's points in its class's colour, read back from what was drawn.
    await panel(page, 'cloud').locator('select').selectOption('label');
    const points = await until<number>(page, "Number(document.querySelector('canvas.cloud').dataset.points)");
    t.is(points, 32 * 16);
    await until(
      page,
      `(() => {
      const canvas = document.querySelector('canvas.cloud');
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
      let car = 0;
      for (let i = 0; i < data.length; i += 4) if (data[i] === 0 && data[i + 1] === 0 && data[i + 2] === 142) car += 1;
      return car > 20;
    })()`,
    );

    // Step by key and button, then scrub.
    await page.keyboard.press('.');
    await readsDepth(page, metresOf(1, 2));
    await page.getByRole('button', { name: 'Step' }).click();
    await readsDepth(page, metresOf(2, 2));
    const slider = page.getByRole('slider', { name: 'Time' });
    await slider.fill('8000');
    await readsDepth(page, metresOf(8, 2));

    // Others see the same frame, though it is paused; so does the page when it is loaded again.
    const second = await tab(t, browser, url);
    await readsDepth(second, metresOf(8, 2));
    await second.close();
    await page.reload();
    await readsDepth(page, metresOf(8, 2));

    // What the colours mean, in metres, on one line; and what keys do.
    const last = panel(page, 'depth').locator('.ticks .last');
    t.is(await last.textContent(), '80 m');
    t.true(((await last.boundingBox())?.height ?? 99) < 24, 'the unit is not wrapped away');
    await page.keyboard.press('?');
    await page
      .locator('dialog[open]', { hasText: 'next frame' })
      .getByRole('button', { name: 'Close' })
      .click();
    // Until it is closed, keys are the dialog's.
    await page.locator('dialog[open]').waitFor({ state: 'detached' });

    // One panel alone, and back; only then the others are asked for again.
    await page.keyboard.press('2');
    await until(page, "document.querySelectorAll('[data-panel]').length === 1");
    await page.keyboard.press('Escape');
    await until(page, "document.querySelectorAll('[data-panel]').length === 6");

    await page.keyboard.press(' ');
    await page.locator('.play[data-status="ended"]').waitFor();
    await readsDepth(page, metresOf(FRAMES - 1, 2));
    await panel(page, 'info').locator('.plot').first().waitFor();
    await page.close();
    t.pass();
  },
);

test.serial('a run of adaptation is shown: its verdict, and before and after with a slider', async (t) => {
  t.timeout(2 * PATIENCE_MS);
  const { browser } = t.context;
  if (browser === undefined) return skip(t);
  const served = await serve(t);
  const page = await tab(t, browser, served.url);
  await page.keyboard.press('6');
  const info = panel(page, 'info');
  await info.getByRole('tab', { name: 'adaptation' }).click();
  await info
    .locator('option', { hasText: '2026-11-01 08:15 UTC: promoted, test/2' })
    .waitFor({ state: 'attached' });
  await info.locator('.checks .passed', { hasText: 'photometric error -3 %' }).waitFor();
  t.true(await info.getByRole('button', { name: 'Use test/2' }).isDisabled(), 'it runs already');
  t.false(await info.getByRole('button', { name: 'Roll back' }).isDisabled());

  /** Colours of the left and the right quarter of what lies one over the other. */
  const halves = async () => {
    const { data, info: size } = await sharp(await info.locator('.over').screenshot())
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const at = (x: number) => {
      const from = (Math.floor(size.height / 2) * size.width + Math.floor(x * size.width)) * 3;
      return data[from] === 255 ? 'before' : data[from + 2] === 255 ? 'after' : 'neither';
    };
    return [at(0.25), at(0.75)];
  };
  const slider = info.getByRole('slider', { name: 'Depth before and after' });
  await slider.waitFor();
  t.deepEqual(await halves(), ['before', 'after']);
  await slider.focus();
  await page.keyboard.press('Home');
  t.deepEqual(await halves(), ['after', 'after']);
  await page.keyboard.press('End');
  t.deepEqual(await halves(), ['before', 'before']);
  t.is(await slider.getAttribute('aria-valuetext'), '100 % before, 0 % after');
  await page.close();
});

test.serial(
  'a model is rolled back by a click, after asking; the server goes away and comes back',
  async (t) => {
    t.timeout(2 * PATIENCE_MS);
    const { browser } = t.context;
    if (browser === undefined) return skip(t);
    const store = new VersionStore();
    const served = await serve(t);
    const page = await tab(t, browser, served.url);
    await readsDepth(page, metresOf(0, 2));
    await panel(page, 'info').getByRole('tab', { name: 'models' }).click();

    await page.getByRole('button', { name: 'Roll back' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    t.deepEqual(await store.current(), { name: 'test', version: 2 }, 'asked, and not told to');

    await page.getByRole('button', { name: 'Roll back' }).click();
    await page.locator('dialog').getByRole('button', { name: 'Roll back' }).click();
    await page.locator('.outcome', { hasText: 'test/1 is current (was test/2)' }).waitFor();
    t.deepEqual(await store.current(), { name: 'test', version: 1 });
    // The frame that is shown is computed by the model of before.
    await readsDepth(page, metresOf(0));
    await page.locator('.head .model', { hasText: 'test/1' }).waitFor();

    // Without the token nothing can be changed.
    const stranger = await tab(t, browser, new URL(served.url).origin);
    await panel(stranger, 'info').getByRole('tab', { name: 'models' }).click();
    t.true(await stranger.getByRole('button', { name: 'Roll back' }).isDisabled());
    await stranger.close();

    await served.stop();
    await page.locator('.connection.lost').waitFor();
    await serve(t, Number(new URL(served.url).port));
    await page.locator('.connection.open').waitFor();
    await page.keyboard.press('.');
    await readsDepth(page, metresOf(1));
    await page.close();
  },
);

/** What of the head and of the timeline lies beyond the window or is cut, but for words that only screen readers read. */
const CUT = `[...document.querySelectorAll('.head *, .timeline *')].filter((element) => {
  const { left, right, width } = element.getBoundingClientRect();
  if (width === 0 || element.matches('.hidden, option')) return false;
  const isClipped = getComputedStyle(element).overflowX !== 'visible' && element.scrollWidth > element.clientWidth;
  return isClipped || left < 0 || right > innerWidth;
}).map((element) => element.outerHTML)`;

test.serial(
  'nothing of the head and of the timeline is cut on a phone, upright or on its side',
  async (t) => {
    t.timeout(2 * PATIENCE_MS);
    const { browser } = t.context;
    if (browser === undefined) return skip(t);
    const { url } = await serve(t);
    const page = await tab(t, browser, url);
    await panel(page, 'depth').locator('canvas[data-drawn]').waitFor();
    // The status comes when it is played.
    await page.keyboard.press(' ');
    await page.locator('.facts', { hasText: 'dropped' }).waitFor();
    for (const [width, height] of [
      [390, 844],
      [320, 640],
      [844, 390],
      [1280, 720],
    ] as const) {
      await page.setViewportSize({ width, height });
      t.deepEqual(await page.evaluate(CUT), [], `${width}x${height}`);
      t.is(await page.evaluate('document.documentElement.scrollWidth'), width);
      const picture = await panel(page, 'depth').locator('.picture').boundingBox();
      t.true((picture?.height ?? 0) > 90, `${width}x${height}: depth is ${picture?.height} pixels high`);
    }
    await page.close();
  },
);
