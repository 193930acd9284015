import { Random } from '../data/random.ts'
import { systemWaits, type Waits } from '../waits.ts'

/** What requests to AWS need beside the request: time, and chance for the length of waits. */
export interface Cloud {
  waits: Waits
  random: Random
  /** Ends waits and requests. */
  signal?: AbortSignal
  /** Told of what delays the work, such as a service that asks to wait. */
  note?(line: string): void
}

export function systemCloud(): Cloud {
  // Machines that were throttled together should not come back together.
  return { waits: systemWaits, random: new Random(systemWaits.now(), process.pid) }
}
