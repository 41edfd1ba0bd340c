import { createHash, timingSafeEqual } from 'node:crypto';
import { hostname } from 'node:os';

/** The heads of a request that say where it comes from. */
export interface RequestOrigin {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** Path and query. */
  readonly url: string | undefined;
}

export interface AccessOptions {
  /** Address that the server listens on. */
  readonly host: string;
  /** Secret of this run. */
  readonly token: string;
  /** Origins of pages of others that may read along; where other machines are served, also names of this one. */
  readonly origins?: readonly string[];
}

/** Foxglove in the browser, and the desktop applications of both, whose pages are files. */
const KNOWN_VIEWERS = ['https://app.foxglove.dev', 'file://'];
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|::1)$/i;
/** Numbers cannot be bound to another machine by a name server. */
const NUMERIC = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/i;

/**
 * Who may see and change what.
 *
 * Requests must name a host that cannot have been bound to this machine by somebody else's name server (DNS rebinding). A
 * page may connect only if it comes from this server, or is a known viewer (cross-site sockets). The token is needed for
 * everything where others than this machine are served, and for changes everywhere. Other users of the machine reach the
 * loopback too.
 */
export class Access {
  readonly #options: AccessOptions;
  readonly #names: ReadonlySet<string>;

  constructor(options: AccessOptions) {
    this.#options = options;
    const name = hostname().toLowerCase();
    const given = (options.origins ?? [])
      .map((origin) => (URL.canParse(origin) ? new URL(origin).hostname : ''))
      .filter((host) => host !== '');
    this.#names = new Set([options.host.toLowerCase(), name, `${name}.local`, ...given]);
  }

  /** Whether only this machine is served. */
  get loopback(): boolean {
    return LOOPBACK.test(this.#options.host);
  }

  /** Why a request is refused, for whoever makes it; undefined when it is let in. */
  refusal(request: RequestOrigin, needsToken: boolean): string | undefined {
    const { host, origin } = request;
    if (host === undefined || !this.#isOwnHost(host))
      return `this host name is not served here: open the printed address${this.loopback ? '' : ', or name this one with `--allow-origin http://NAME:PORT`'}`;
    if (origin !== undefined && !this.#isKnownOrigin(origin, host))
      return 'pages of this origin may not connect, unless `--allow-origin` names it';
    if (needsToken && !this.loopback && !this.mayChange(request))
      return 'the token in the address is missing or wrong';
    return undefined;
  }

  /** Whether a request carries the token. */
  mayChange({ url }: RequestOrigin): boolean {
    const query = url?.split('?')[1] ?? '';
    const given = new URLSearchParams(query).get('token');
    return given !== null && timingSafeEqual(digest(given), digest(this.#options.token));
  }

  #isOwnHost(host: string): boolean {
    const name = host.replace(/:\d+$/, '').toLowerCase();
    if (LOOPBACK.test(name)) return true;
    return !this.loopback && (NUMERIC.test(name) || this.#names.has(name));
  }

  #isKnownOrigin(origin: string, host: string): boolean {
    return (
      origin.toLowerCase() === `http://${host.toLowerCase()}` ||
      [...KNOWN_VIEWERS, ...(this.#options.origins ?? [])].includes(origin)
    );
  }
}

/** Of one length, as the comparison wants it. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
