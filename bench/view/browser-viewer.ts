import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../../test/nodes/viewer/open-browser.js';

/** A depth image that a page has drawn; Date.now() of the machine that all run on. */
export interface DrawnDepth {
  readonly timeNs: string;
  /** In the turn of painting in which it was drawn. */
  readonly drawnMs: number;
  /** In the next one: by then it is on the screen. */
  readonly paintedMs: number;
}

/**
 * Notes in the page when a depth image came and when the page says that it has drawn it. It says so in the turn of painting,
 * after the drawing.
 */
const PROBE = `(() => {
  const now = () => performance.timeOrigin + performance.now();
  const drawn = (globalThis.benchDrawn = []);
  let timeNs;
  const Socket = WebSocket;
  globalThis.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', ({ data }) => {
        if (!(data instanceof ArrayBuffer)) return;
        const length = new DataView(data).getUint32(0, true);
        const head = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
        if (head.panel === 'depth') timeNs = head.timeNs;
      });
    }
    send(text) {
      super.send(text);
      const { op, panel } = JSON.parse(text);
      if (op !== 'drawn' || panel !== 'depth') return;
      const one = { timeNs, drawnMs: now(), paintedMs: 0 };
      requestAnimationFrame(() => {
        one.paintedMs = now();
        drawn.push(one);
      });
    }
  };
})()`;

/** The page in a real Chromium without a window, on this machine. */
export class BrowserViewer {
  readonly #browser: Browser;
  readonly #page: Page;

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.#page = page;
  }

  /** @param alone the number of the panel that is shown alone; all of them without */
  static async open(url: string, alone?: number): Promise<BrowserViewer> {
    const browser = await openBrowser();
    if (browser === undefined)
      throw new Error('there is no browser: install chromium, or name one with RXDEPTH_BROWSER');
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    page.setDefaultTimeout(240_000);
    await page.addInitScript({ content: PROBE });
    await page.goto(url);
    await page.locator('[data-panel="depth"] canvas[data-drawn]').waitFor();
    if (alone !== undefined) await page.keyboard.press(String(alone));
    await page.evaluate('benchDrawn.length = 0');
    return new BrowserViewer(browser, page);
  }

  /** Since the last time. */
  async drawn(): Promise<DrawnDepth[]> {
    // The probe's own.
    return (await this.#page.evaluate('benchDrawn.splice(0)')) as DrawnDepth[];
  }

  async depthWidth(): Promise<number> {
    return await this.#page.locator('[data-panel="depth"] canvas').evaluate(({ width }) => width);
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}
