import type { Batch } from '@aws-sdk/client-batch'
import { type ExitCode, exitCodes } from '../../errors.ts'
import { pause } from '../call.ts'
import type { Cloud } from '../cloud.ts'
import { type JobReport, reportOf } from './job-report.ts'
import { isFinished } from './job-states.ts'
import { readJob } from './read-jobs.ts'

const firstMs = 1_000
const mostMs = 30_000

export interface WaitOptions {
  /** How long it may be RUNNABLE before waiting ends. */
  stuckAfterMs: number
  /** Told of the job's first state and of every change of state or reason. */
  onChange?: (report: JobReport) => void
}

export interface WaitResult {
  report: JobReport
  exitCode: ExitCode
  /** Whether the job still waits for a machine; then it is not over. */
  isStuck: boolean
}

/**
 * Looks at a job until it has ended, or has waited too long for a machine.
 *
 * Looks come closer together after a change, and further apart while nothing happens.
 *
 * @throws CancelledError when the cloud's signal is aborted; the job goes on
 */
export async function waitForJob(
  cloud: Cloud,
  batch: Batch,
  jobId: string,
  { stuckAfterMs, onChange }: WaitOptions,
): Promise<WaitResult> {
  let seen = ''
  let waitMs = firstMs
  let runnableSince: number | undefined
  for (;;) {
    const now = cloud.waits.now()
    const report = reportOf(await readJob(cloud, batch, jobId), now)
    const state = `${report.state} ${report.reason?.text ?? ''} ${report.attempts.length}`
    if (state !== seen) {
      onChange?.(report)
      waitMs = firstMs
    }
    seen = state
    if (isFinished(report.state))
      return { report, exitCode: report.exitCode ?? exitCodes.jobFailed, isStuck: false }
    // By our own clock: AWS does not tell since when a job is RUNNABLE, and a new attempt is so again.
    runnableSince = waitsForMachine(report) ? (runnableSince ?? now) : undefined
    if (runnableSince !== undefined && now - runnableSince >= stuckAfterMs)
      return { report, exitCode: exitCodes.timedOut, isStuck: true }
    await pause(cloud.waits.sleep(waitMs * (0.75 + cloud.random.next() / 2), cloud.signal), 'see the job end')
    waitMs = Math.min(mostMs, waitMs * 1.5)
  }
}

/** An array's parent is PENDING whatever its children do. */
function waitsForMachine({ state, array }: JobReport): boolean {
  if (array === null || array.index !== null) return state === 'RUNNABLE'
  const { RUNNABLE = 0, STARTING = 0, RUNNING = 0 } = array.states
  return RUNNABLE > 0 && STARTING === 0 && RUNNING === 0
}
