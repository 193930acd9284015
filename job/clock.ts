/** The only source of the time of day, so that tests and replays can choose it. */
export interface Clock {
  /** The time of day, for stamps that people and later runs read. */
  now(): Date
  /** Milliseconds since some fixed moment; never runs backwards. For durations. */
  elapsedMs(): number
}

export const systemClock: Clock = {
  now: () => new Date(),
  elapsedMs: () => performance.now(),
}
