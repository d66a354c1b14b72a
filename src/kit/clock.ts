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
