import type { Clock } from '../job/clock.ts'

/** A clock that a test sets. */
export class ManualClock implements Clock {
  #nowMs: number

  constructor(start: string) {
    this.#nowMs = Date.parse(start)
  }

  now(): Date {
    return new Date(this.#nowMs)
  }

  elapsedMs(): number {
    return this.#nowMs
  }

  advance(ms: number): void {
    this.#nowMs += ms
  }
}
