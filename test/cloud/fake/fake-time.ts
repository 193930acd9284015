import type { Waits } from '../../../job/waits.ts'

/** Time that passes when somebody waits, and by the way it counts how long. */
export class FakeTime implements Waits {
  #nowMs: number
  /** Every wait, in milliseconds. */
  readonly waits: number[] = []
  /** Told of the time after each wait. */
  onWait: (now: number) => void = () => {}

  constructor(start = '2026-11-26T03:00:00Z') {
    this.#nowMs = Date.parse(start)
  }

  now(): number {
    return this.#nowMs
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.waits.push(ms)
    // Nothing here takes a day: a loop that goes on for ever ends with its test.
    if (this.waits.length > 20_000) throw new Error('waits without end')
    this.#nowMs += ms
    this.onWait(this.#nowMs)
    signal?.throwIfAborted()
  }
}
