/** The states of a job in the order in which it passes through them. */
export const jobStates = [
  'SUBMITTED',
  'PENDING',
  'RUNNABLE',
  'STARTING',
  'RUNNING',
  'SUCCEEDED',
  'FAILED',
] as const
export type JobState = (typeof jobStates)[number]

/** Whether nothing happens to the job any more. */
export function isFinished(state: string | undefined): boolean {
  return state === 'SUCCEEDED' || state === 'FAILED'
}

/** Whether the job has got a machine: such a job is terminated, an earlier one is cancelled. */
export function hasMachine(state: string | undefined): boolean {
  return state === 'STARTING' || state === 'RUNNING'
}
