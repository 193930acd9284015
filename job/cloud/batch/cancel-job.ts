import type { Batch, JobDetail } from '@aws-sdk/client-batch'
import { NightjarError } from '../../errors.ts'
import { call, pause } from '../call.ts'
import type { Cloud } from '../cloud.ts'
import { hasMachine, isFinished } from './job-states.ts'
import { readJob } from './read-jobs.ts'

/** What was done: `ended` where there was nothing to do. */
export interface Cancellation {
  jobId: string
  did: 'cancelled' | 'terminated' | 'ended'
  /** The state it was in before, and the one it is in now. */
  from: string
  state: string
}

/** A container gets 30 seconds after SIGTERM; ECS and Batch want their time as well. */
const waitMostMs = 10 * 60_000
const everyMs = 3_000

/**
 * Stops a job and waits until it has stopped. A job that has no machine yet is cancelled, another is terminated; one that
 * gets its machine between our look and the cancellation, which Batch then takes and does not do, is terminated after.
 *
 * @throws NightjarError CANCEL_PENDING where it has not stopped within ten minutes
 */
export async function cancelJob(
  cloud: Cloud,
  batch: Batch,
  jobId: string,
  reason: string,
): Promise<Cancellation> {
  let job = await readJob(cloud, batch, jobId)
  const from = job.status ?? ''
  if (isFinished(from)) return { jobId, did: 'ended', from, state: from }
  let did = await stop(cloud, batch, job, reason)
  const endMs = cloud.waits.now() + waitMostMs
  while (cloud.waits.now() < endMs) {
    await pause(
      cloud.waits.sleep(everyMs * (0.75 + cloud.random.next() / 2), cloud.signal),
      'see the job stop',
    )
    job = await readJob(cloud, batch, jobId)
    const state = job.status ?? ''
    if (isFinished(state)) return { jobId, did: state === 'SUCCEEDED' ? 'ended' : did, from, state }
    if (did === 'cancelled' && hasMachine(state)) did = await stop(cloud, batch, job, reason)
  }
  throw new NightjarError('CANCEL_PENDING', {
    what: `job ${jobId} is ${did}, and still ${job.status} after ten minutes`,
    why: 'a PENDING job ends only when the jobs that it waits for have ended; a lost machine takes its time',
    fix: `look again: nightjar status ${jobId}`,
  })
}

async function stop(
  cloud: Cloud,
  batch: Batch,
  { jobId = '', status, arrayProperties }: JobDetail,
  reason: string,
): Promise<'cancelled' | 'terminated'> {
  // The parent of an array is PENDING while its children run: only termination reaches those.
  if (hasMachine(status) || arrayProperties?.size !== undefined) {
    await call(cloud, { act: 'terminate the job', action: 'batch:TerminateJob' }, (options) =>
      batch.terminateJob({ jobId, reason }, options),
    )
    return 'terminated'
  }
  await call(cloud, { act: 'cancel the job', action: 'batch:CancelJob' }, (options) =>
    batch.cancelJob({ jobId, reason }, options),
  )
  return 'cancelled'
}
