import { hostname } from 'node:os'
import * as z from 'zod'

/** Who holds a lease. */
export const leaseHolder = z.object({
  /** The job of AWS Batch, and which attempt of it; null elsewhere. */
  job: z.object({ id: z.string(), attempt: z.number().int() }).nullable(),
  host: z.string(),
  process: z.number().int(),
})
export type LeaseHolder = z.infer<typeof leaseHolder>

/** This process as a holder; Batch tells its job by the environment. */
export function thisProcess(env: Record<string, string | undefined> = process.env): LeaseHolder {
  const { AWS_BATCH_JOB_ID: id, AWS_BATCH_JOB_ATTEMPT: attempt } = env
  return {
    job: id === undefined ? null : { id, attempt: Number(attempt ?? 1) },
    host: hostname(),
    process: process.pid,
  }
}

/** Whether `taker` may take the lease of `holder` at once, for that one is surely gone. */
export function supersedes(taker: LeaseHolder, holder: LeaseHolder): boolean {
  if (taker.job !== null || holder.job !== null) {
    return taker.job !== null && taker.job.id === holder.job?.id && taker.job.attempt > holder.job.attempt
  }
  return taker.host === holder.host && !isAlive(holder.process)
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    // It is there, and another user's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
