// Where the token comes from: the URL's hash (#token=, #tokenUrl=), a message of the embedding page, or this tab's storage.
// It is taken out of the URL at once, so that it does not end up in bookmarks, history or screenshots.

export interface TokenPlace {
  location: { hash: string; origin: string; href: string };
  baseURI: string;
  replaceHash: (hash: string) => void;
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  fetch: (url: string) => Promise<{ ok: boolean; status: number; json: () => Promise<unknown> }>;
  after: (ms: number, callback: () => void) => void;
  now: () => number;
}

const kTokenKey = 'weir.token';
const kUrlKey = 'weir.tokenUrl';
const kRenewBefore_ms = 30_000;
const kShortestRenewal_ms = 5_000;
/** A timer of the browser holds no more than 24 days: a longer one would run at once, and for ever. */
const kLongestRenewal_ms = 86_400_000;

export class TokenSource {
  private token: string | null;
  private url: string | null;
  private renewals = 0;
  /** Called when a token arrives that was not asked for: by message. */
  onToken: () => void = () => {};

  constructor(private readonly place: TokenPlace) {
    this.token = place.storage.getItem(kTokenKey);
    this.url = place.storage.getItem(kUrlKey);
    this.readHash();
  }

  /** Takes token and tokenUrl out of the hash; true if there was one. */
  readHash(): boolean {
    const params = new URLSearchParams(this.place.location.hash.replace(/^#/, ''));
    const token = params.get('token');
    const url = params.get('tokenUrl');
    if (token === null && url === null) return false;
    params.delete('token');
    params.delete('tokenUrl');
    const rest = params.toString();
    this.place.replaceHash(rest === '' ? '' : `#${rest}`);
    if (url !== null) this.acceptUrl(url);
    if (token) this.accept(token);
    return true;
  }

  /**
   * The newest token, or null. After a refusal the refused one is forgotten and fetched anew where that is possible.
   * Rejects when there is none and the page that hands them out is unreachable: later it may not be.
   */
  async current(refused: string | null): Promise<string | null> {
    if (refused !== null && this.token === refused) this.forget();
    if (this.token === null && this.url !== null && !(await this.renew()) && this.token === null) throw new Error('No token can be had just now.');
    return this.token;
  }

  /** Message {type: 'weir.token', token} of a page of the same origin. */
  onMessage(event: { origin: string; data: unknown }): void {
    if (event.origin !== this.place.location.origin) return;
    const data = event.data as { type?: unknown; token?: unknown } | null;
    if (typeof data !== 'object' || data === null) return;
    if (data.type !== 'weir.token' || typeof data.token !== 'string' || data.token === '') return;
    this.accept(data.token);
    this.onToken();
  }

  /** The page that embeds the window hands out new tokens. */
  get renews(): boolean {
    return this.url !== null;
  }

  get value(): string | null {
    return this.token;
  }

  private accept(token: string): void {
    this.token = token;
    this.place.storage.setItem(kTokenKey, token);
  }

  private forget(): void {
    this.token = null;
    this.place.storage.removeItem(kTokenKey);
  }

  private acceptUrl(text: string): void {
    const url = parseUrl(text, this.place.baseURI);
    if (url?.origin !== this.place.location.origin) return;
    this.url = url.href;
    this.place.storage.setItem(kUrlKey, url.href);
    this.forget();
  }

  /** False if the page that hands out tokens is away; the old token stays until the collector refuses it. */
  private async renew(): Promise<boolean> {
    if (this.url === null) return true;
    this.renewals += 1;
    const { renewals } = this;
    try {
      const response = await this.place.fetch(this.url);
      if (!response.ok) return response.status < 500;
      const answer = (await response.json()) as { token?: unknown; expires_ms?: unknown };
      if (typeof answer.token !== 'string' || answer.token === '') return true;
      this.accept(answer.token);
      if (typeof answer.expires_ms === 'number') {
        const rest = answer.expires_ms - this.place.now() - kRenewBefore_ms;
        // A later renewal has a timer of its own.
        this.place.after(Math.min(kLongestRenewal_ms, Math.max(kShortestRenewal_ms, rest)), () => void (renewals === this.renewals && this.renew()));
      }
      return true;
    } catch {
      return false;
    }
  }
}

function parseUrl(text: string, base: string): URL | null {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}
