// Time as the window's state needs it, so that a test can have its own.

export interface Clock {
  now(): number;
  /** Calls until the page goes. */
  every(ms: number, callback: () => void): void;
}

export const kBrowserClock: Clock = {
  now: () => Date.now(),
  every: (ms, callback) => void setInterval(callback, ms),
};
