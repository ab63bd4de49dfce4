// In which zone times are shown and read: that of the reader, or UTC. Chosen for the window as a whole; part of the view.

let utc = $state(false);

export function showsUtc(): boolean {
  return utc;
}

export function showUtc(on: boolean): void {
  utc = on;
}

export interface ClockParts {
  year: number;
  /** 0 to 11. */
  month: number;
  day: number;
  hours: number;
  minutes: number;
  seconds: number;
  ms: number;
}

/** What the clock on the wall shows at that moment. */
export function clockParts(ms: number): ClockParts {
  const at = new Date(ms);
  return utc
    ? { year: at.getUTCFullYear(), month: at.getUTCMonth(), day: at.getUTCDate(), hours: at.getUTCHours(), minutes: at.getUTCMinutes(), seconds: at.getUTCSeconds(), ms: at.getUTCMilliseconds() }
    : { year: at.getFullYear(), month: at.getMonth(), day: at.getDate(), hours: at.getHours(), minutes: at.getMinutes(), seconds: at.getSeconds(), ms: at.getMilliseconds() };
}

/** The moment at which the clock shows that; parts beyond their bounds carry over, as in Date. */
export function momentOf(year: number, month: number, day = 1, hours = 0, minutes = 0, seconds = 0): number {
  return utc ? Date.UTC(year, month, day, hours, minutes, seconds) : new Date(year, month, day, hours, minutes, seconds).getTime();
}

/** Minutes east of UTC at that moment. */
export function offsetMinutes(ms: number): number {
  return utc ? 0 : -new Date(ms).getTimezoneOffset();
}
