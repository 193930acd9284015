import { setTimeout as sleepFor } from 'node:timers/promises'

/** Time as something that waits knows it: tests give one that does not pass by itself. */
export interface Waits {
  /** Milliseconds since 1970. */
  now(): number
  /** @throws whatever `signal` was aborted with */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemWaits: Waits = {
  now: Date.now,
  sleep: (ms, signal) => sleepFor(ms, undefined, signal === undefined ? {} : { signal }),
}
