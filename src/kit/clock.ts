/** A source of the present time. Passed in wherever time matters, so that tests and replays can say what time it is. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
}

/** RFC 3339 text in UTC with milliseconds. */
export function timestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}

/**
 * A clock that never goes backwards: when `inner` does, the last time seen is repeated.
 * Keeps ages and sequences sane when the machine's clock is set back.
 */
export function steadyClock(inner: Clock): Clock {
  let last = Number.NEGATIVE_INFINITY;
  return {
    now() {
      last = Math.max(last, inner.now());
      return last;
    },
  };
}

/**
 * A clock that goes on with `monotonic` while `wall` stands behind what was shown already: set back by a year, it neither goes
 * back nor stands still, so what was to end in a minute still ends in a minute.
 */
export function onwardClock(wall: Clock, monotonic: Clock): Clock {
  let shown = Number.NEGATIVE_INFINITY;
  let seenAt = monotonic.now();
  return {
    now() {
      const at = monotonic.now();
      const told = wall.now();
      shown = told >= shown ? told : shown + Math.max(0, at - seenAt);
      seenAt = at;
      return Math.floor(shown);
    },
  };
}
