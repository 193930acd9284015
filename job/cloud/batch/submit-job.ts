import type { Batch, JobSummary, SubmitJobRequest } from '@aws-sdk/client-batch'
import { NightjarError } from '../../errors.ts'
import { call, pause } from '../call.ts'
import type { Cloud } from '../cloud.ts'
import { isFinished } from './job-states.ts'
import { listJobs } from './list-jobs.ts'
import { isoSeconds, nightOf } from './night-command.ts'
import { readJobs } from './read-jobs.ts'
import { nightNamePrefix, type Submission } from './submission.ts'

/** Looks for a job whose submission was not answered. */
const looksMax = 3
const lookEveryMs = 2_000
/** Between our clock and AWS's. */
const clockSkewMs = 60_000

export interface Submitted {
  jobId: string
  jobName: string
  /** The job that puts an array's parts together. */
  merge: { jobId: string; jobName: string } | null
}

/**
 * Submits what was planned. Batch has no token by which it knows a request again, so a night is looked for first.
 *
 * @param again submit a night although it is on its way
 * @throws NightjarError NIGHT_UNDERWAY where a job of the same night has not ended
 */
export async function submitJob(
  cloud: Cloud,
  batch: Batch,
  { request, night, merge }: Submission,
  again = false,
): Promise<Submitted> {
  if (night !== null && !again) {
    const running = await findNight(cloud, batch, request.jobQueue ?? '', night)
    if (running !== undefined)
      throw new NightjarError('NIGHT_UNDERWAY', {
        what: `the night of ${isoSeconds(night)} is on its way: job ${running.jobId} (${running.status})`,
        why: 'two jobs of one night would do the same work twice',
        fix: `follow it: nightjar status ${running.jobId}; or submit all the same: --again`,
      })
  }
  const first = await submitOnce(cloud, batch, request)
  if (merge === null) return { ...first, merge: null }
  const dependent = { ...merge, dependsOn: [{ jobId: first.jobId }] }
  try {
    return { ...first, merge: await submitOnce(cloud, batch, dependent) }
  } catch (error) {
    if (!(error instanceof NightjarError)) throw error
    throw new NightjarError(error.code, {
      what: `the array is submitted as ${first.jobId}, but not its merge: ${error.message}`,
      ...(error.why === undefined ? {} : { why: error.why }),
      fix: `submit it alone: nightjar submit --after ${first.jobId} -- ${merge.containerOverrides?.command?.join(' ')}`,
      cause: error,
    })
  }
}

/** A job of the night that has not ended, whether it was submitted here or by a schedule. */
async function findNight(
  cloud: Cloud,
  batch: Batch,
  queue: string,
  night: Date,
): Promise<JobSummary | undefined> {
  const nights = await listJobs(cloud, batch, { queue, namePrefix: nightNamePrefix })
  const open = nights.filter((job) => !isFinished(job.status))
  const details = await readJobs(
    cloud,
    batch,
    open.map(({ jobId }) => jobId ?? ''),
  )
  const same = details.find(
    ({ container, parameters }) => nightOf(container?.command, parameters)?.getTime() === night.getTime(),
  )
  return open.find(({ jobId }) => jobId === same?.jobId)
}

/** A request whose answer got lost may have arrived: then its job is found by its name, and is ours. */
async function submitOnce(cloud: Cloud, batch: Batch, request: SubmitJobRequest) {
  const { jobName = '', jobQueue: queue = '', jobDefinition } = request
  const subject = `job queue ${queue} or job definition ${jobDefinition}`
  const beganAt = cloud.waits.now()
  try {
    const answer = await call(
      cloud,
      { act: 'submit the job', action: 'batch:SubmitJob', subject, once: true },
      (options) => batch.submitJob(request, options),
    )
    return { jobId: answer.jobId ?? '', jobName: answer.jobName ?? jobName }
  } catch (error) {
    if (!(error instanceof NightjarError) || error.code !== 'OUTCOME_UNKNOWN') throw error
    for (let look = 0; look < looksMax; look++) {
      await pause(cloud.waits.sleep(lookEveryMs, cloud.signal), 'see whether the job was submitted')
      const jobs = await listJobs(cloud, batch, {
        queue,
        namePrefix: jobName,
        createdAfter: beganAt - clockSkewMs,
      })
      const own = jobs.filter((job) => job.jobName === jobName)
      if (own.length !== 1) continue
      cloud.note?.("the service's answer got lost, and the job is there")
      return { jobId: own[0].jobId ?? '', jobName }
    }
    throw error
  }
}
