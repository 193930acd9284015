/** A step in the life of a job, some time after its submission or, where it waits for others, after these have ended. */
export interface Step {
  atMs: number
  state: 'PENDING' | 'RUNNABLE' | 'STARTING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED'
  /** What Batch says of the job then. */
  reason?: string
  /** Of the attempt that this step ends. */
  exitCode?: number
  containerReason?: string
  /** Lines that the attempt writes from here on, each `afterMs` after the step, seen `lateMs` later. */
  log?: { afterMs: number; text: string; lateMs?: number }[]
}

/** Which state may follow which; SUBMITTED is where all begin. */
const followers: Record<string, string[]> = {
  SUBMITTED: ['PENDING', 'RUNNABLE', 'FAILED'],
  PENDING: ['RUNNABLE', 'FAILED'],
  RUNNABLE: ['RUNNABLE', 'STARTING', 'FAILED'],
  STARTING: ['RUNNING', 'RUNNABLE', 'FAILED'],
  // A failed attempt goes back to the queue while there are attempts left.
  RUNNING: ['SUCCEEDED', 'FAILED', 'RUNNABLE'],
}

/** @throws where a script does what Batch never does */
export function checkScript(steps: Step[]): Step[] {
  let [state, atMs] = ['SUBMITTED', -1]
  for (const step of steps) {
    if (!followers[state]?.includes(step.state)) throw new Error(`${step.state} does not follow ${state}`)
    if (step.atMs < atMs) throw new Error(`${step.state} is before ${state}`)
    state = step.state
    atMs = step.atMs
  }
  return steps
}

export const minutes = (n: number) => n * 60_000

/** A job that ends well after ten minutes. */
export const goodJob: Step[] = [
  { atMs: 1_000, state: 'RUNNABLE' },
  { atMs: minutes(2), state: 'STARTING' },
  { atMs: minutes(3), state: 'RUNNING', log: [{ afterMs: 1_000, text: 'begun' }] },
  { atMs: minutes(13), state: 'SUCCEEDED', exitCode: 0 },
]
