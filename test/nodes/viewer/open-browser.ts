import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

function executable(): string | undefined {
  const given = process.env.RXDEPTH_BROWSER;
  if (given !== undefined) return given;
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return folders
    .flatMap((folder) => NAMES.map((name) => path.join(folder, name)))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * A real browser without a window; undefined where there is none, which is a failure where RXDEPTH_NEED_BROWSER is set, as
 * `.ci/run` does.
 */
export async function openBrowser(): Promise<Browser | undefined> {
  const executablePath = executable();
  if (executablePath === undefined) {
    if (process.env.RXDEPTH_NEED_BROWSER !== undefined)
      throw new Error('no browser: `apt-get install -y chromium`, or name one with RXDEPTH_BROWSER');
    return undefined;
  }
  return await chromium.launch({
    executablePath,
    timeout: 240_000,
    // Its own sandbox does not work for root, nor in most containers; WebGL without a GPU.
    args: [
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--enable-unsafe-swiftshader',
      '--disable-background-networking',
    ],
  });
}
