// What the window's state needs of a browser, and timers that the test moves. For one file or one describe().

import { afterEach, beforeEach, vi } from 'vitest';

export function standInForBrowser(now_ms: number) {
  beforeEach(() => {
    vi.useFakeTimers({ now: now_ms });
    vi.stubGlobal('location', { hash: '', pathname: '/', search: '' });
    const go = (_: unknown, __: string, url: string) => (location.hash = url.slice(url.indexOf('#')));
    vi.stubGlobal('history', { pushState: go, replaceState: go });
    vi.stubGlobal('window', { addEventListener: () => {} });
    vi.stubGlobal('document', { hidden: true });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });
}
