import type { Batch, JobSummary, ListJobsRequest } from '@aws-sdk/client-batch'
import { call } from '../call.ts'
import type { Cloud } from '../cloud.ts'
import type { JobState } from './job-states.ts'

/** More pages than Batch keeps jobs for: a service that repeats its tokens must not hold us for ever. */
const pagesMax = 1000

export interface JobQuestion {
  queue: string
  /** Jobs in these states alone; by default in any. */
  states?: readonly JobState[]
  /** Milliseconds since 1970. */
  createdAfter?: number
  /** The beginning of their names; any case. */
  namePrefix?: string
  /** So many at most. */
  limit?: number
}

/** The jobs of a queue, newest first. */
export async function listJobs(cloud: Cloud, batch: Batch, question: JobQuestion): Promise<JobSummary[]> {
  const { queue, states, createdAfter = 0, namePrefix, limit = Number.POSITIVE_INFINITY } = question
  const found: JobSummary[] = []
  if (namePrefix !== undefined) {
    // One filter at a time: the time and the states are looked at here.
    const filters = [{ name: 'JOB_NAME', values: [`${namePrefix}*`] }]
    for await (const job of pages(cloud, batch, { jobQueue: queue, filters })) found.push(job)
  } else if (states === undefined) {
    const filters = [{ name: 'AFTER_CREATED_AT', values: [String(createdAfter)] }]
    // This filter's answer is newest first already.
    for await (const job of pages(cloud, batch, { jobQueue: queue, filters })) {
      found.push(job)
      if (found.length > limit) break
    }
  } else {
    for (const jobStatus of states)
      for await (const job of pages(cloud, batch, { jobQueue: queue, jobStatus })) found.push(job)
  }
  return found
    .filter((job) => states === undefined || states.some((state) => state === job.status))
    .filter((job) => (job.createdAt ?? 0) >= createdAfter)
    .sort((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0))
    .slice(0, limit)
}

/** The children of an array job in a state. */
export async function listChildren(
  cloud: Cloud,
  batch: Batch,
  arrayJobId: string,
  jobStatus: JobState,
): Promise<JobSummary[]> {
  const found: JobSummary[] = []
  for await (const job of pages(cloud, batch, { arrayJobId, jobStatus })) found.push(job)
  return found.sort((a, b) => (a.arrayProperties?.index ?? 0) - (b.arrayProperties?.index ?? 0))
}

async function* pages(cloud: Cloud, batch: Batch, request: ListJobsRequest): AsyncGenerator<JobSummary> {
  const subject = request.jobQueue === undefined ? 'the array job' : `job queue ${request.jobQueue}`
  let nextToken: string | undefined
  for (let page = 0; page < pagesMax; page++) {
    const answer = await call(cloud, { act: 'list jobs', action: 'batch:ListJobs', subject }, (options) =>
      batch.listJobs({ ...request, ...(nextToken === undefined ? {} : { nextToken }) }, options),
    )
    yield* answer.jobSummaryList ?? []
    nextToken = answer.nextToken
    if (!nextToken) return
  }
}
