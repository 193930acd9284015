import type { Batch, JobDetail } from '@aws-sdk/client-batch'
import { NightjarError } from '../../errors.ts'
import { call } from '../call.ts'
import type { Cloud } from '../cloud.ts'

/** Ids in one request. */
const idsMax = 100

/** What Batch knows of jobs; those that it does not know are left out. */
export async function readJobs(cloud: Cloud, batch: Batch, ids: readonly string[]): Promise<JobDetail[]> {
  const jobs: JobDetail[] = []
  for (let at = 0; at < ids.length; at += idsMax) {
    const answer = await call(cloud, { act: 'read jobs', action: 'batch:DescribeJobs' }, (options) =>
      batch.describeJobs({ jobs: ids.slice(at, at + idsMax) }, options),
    )
    jobs.push(...(answer.jobs ?? []))
  }
  return jobs
}

/** @throws NightjarError JOB_NOT_FOUND */
export async function readJob(cloud: Cloud, batch: Batch, id: string): Promise<JobDetail> {
  const [job] = await readJobs(cloud, batch, [id])
  if (job !== undefined) return job
  throw new NightjarError('JOB_NOT_FOUND', {
    what: `no job ${id}`,
    why: 'it is in another region or account, or Batch has forgotten it, as it does some days after a job has ended',
    fix: 'nightjar list --all',
  })
}
