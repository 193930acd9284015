import type { JobDetail, JobSummary, ListJobsRequest, SubmitJobRequest } from '@aws-sdk/client-batch'
import { FakeJob } from './fake-job.ts'
import type { FakeLogs } from './fake-logs.ts'
import { checkScript, goodJob, type Step } from './job-script.ts'
import { Refusal } from './refusal.ts'

/** An array job: its children live, and it follows from them. */
interface FakeArray {
  parent: FakeJob
  children: FakeJob[]
}

/** Jobs that live by scripts, for one queue and one job definition, both named nightjar. */
export class FakeBatch {
  /** The life of the next jobs; `index` is that of an array's child. */
  script: (request: SubmitJobRequest, index: number | undefined) => Step[] = () => goodJob
  /** Jobs on a page of ListJobs. */
  pageJobs = 100
  /** What the queue's machines are. */
  machines = { SPOT: ['g4dn.xlarge', 'g5.xlarge'], EC2: ['g4dn.xlarge', 'g5.xlarge'] }
  readonly #now: () => number
  readonly #logs: FakeLogs
  readonly #jobs: FakeJob[] = []
  readonly #arrays = new Map<string, FakeArray>()

  constructor(now: () => number, logs: FakeLogs) {
    this.#now = now
    this.#logs = logs
  }

  answer(operation: string, input: Record<string, unknown>): object {
    this.#advance()
    switch (operation) {
      case 'SubmitJob':
        return this.submit(input as unknown as SubmitJobRequest)
      case 'DescribeJobs':
        return { jobs: (input.jobs as string[]).flatMap((id) => this.#detail(id) ?? []) }
      case 'ListJobs':
        return this.#list(input as ListJobsRequest)
      case 'CancelJob':
      case 'TerminateJob': {
        const id = String(input.jobId)
        const act = operation === 'CancelJob' ? 'cancel' : 'terminate'
        const jobs = this.#arrays.get(id)?.children ?? this.#jobs.filter((job) => job.id === id)
        for (const job of jobs) job[act](String(input.reason), this.#now())
        const array = this.#arrays.get(id)
        if (array !== undefined) array.parent[act === 'cancel' ? 'isCancelled' : 'isTerminated'] = true
        return {}
      }
      case 'DescribeJobQueues':
        return { jobQueues: [queue] }
      case 'DescribeComputeEnvironments':
        return { computeEnvironments: this.#environments() }
      default:
        throw new Refusal('ClientException', `${operation} is not made here`, 400)
    }
  }

  submit(request: SubmitJobRequest): { jobId: string; jobName: string; jobArn: string } {
    const { jobQueue = '', jobDefinition = '', jobName = '' } = request
    if (!/(^|\/)nightjar$/.test(jobQueue))
      throw new Refusal('ClientException', `JobQueue ${jobQueue} not found.`)
    if (!/(^|\/)nightjar(:\d+)?$/.test(jobDefinition))
      throw new Refusal('ClientException', `JobDefinition ${jobDefinition} does not exist.`)
    const now = this.#now()
    const id = `00000000-0000-4000-8000-${String(this.#jobs.length + 1).padStart(12, '0')}`
    const size = request.arrayProperties?.size
    const script = size === undefined ? checkScript(this.script(request, undefined)) : []
    const job = new FakeJob(id, request, now, script, this.#logs)
    this.#jobs.push(job)
    if (size !== undefined) {
      const children = Array.from({ length: size }, (_, i) => {
        const steps = checkScript(this.script(request, i))
        return new FakeJob(`${id}:${i}`, request, now, steps, this.#logs, i)
      })
      this.#arrays.set(id, { parent: job, children })
    }
    this.#advance()
    return { jobId: id, jobName, jobArn: `arn:aws:batch:eu-central-1:123456789012:job/${id}` }
  }

  /** A job as its own test sees it. */
  job(id: string): FakeJob {
    this.#advance()
    const found = [...this.#jobs, ...[...this.#arrays.values()].flatMap(({ children }) => children)]
    return found.find((job) => job.id === id)!
  }

  get jobIds(): string[] {
    return this.#jobs.map(({ id }) => id)
  }

  #advance(): void {
    const now = this.#now()
    for (const job of this.#jobs) {
      if (!job.hasBegun) this.#release(job, now)
      const array = this.#arrays.get(job.id)
      if (array === undefined) job.advance(now)
      else this.#advanceArray(array, now)
    }
  }

  /** Lets a job begin when the jobs that it waits for have succeeded. */
  #release(job: FakeJob, now: number): void {
    const needed = (job.request.dependsOn ?? []).map(({ jobId }) => this.#jobs.find(({ id }) => id === jobId))
    const failed = needed.find((other) => other?.state === 'FAILED')
    if (failed !== undefined && !job.hasEnded) job.fail('Dependent Job failed', failed.stoppedAt ?? now)
    else if (needed.every((other) => other?.state === 'SUCCEEDED'))
      job.begin(Math.max(job.createdAt, ...needed.map((other) => other?.stoppedAt ?? 0)))
    else if (job.state === 'SUBMITTED') job.state = 'PENDING'
  }

  #advanceArray({ parent, children }: FakeArray, now: number): void {
    if (!parent.hasBegun || parent.hasEnded) return
    parent.state = 'PENDING'
    for (const child of children) {
      child.begin(parent.createdAt)
      child.advance(now)
    }
    if (!children.every((child) => child.hasEnded)) return
    const at = Math.max(...children.map((child) => child.stoppedAt ?? 0))
    if (children.some((child) => child.state === 'FAILED')) parent.fail('Array Child Job failed', at)
    else {
      parent.state = 'SUCCEEDED'
      parent.stoppedAt = at
    }
  }

  #detail(id: string): JobDetail | undefined {
    const job = this.job(id)
    const array = this.#arrays.get(id)
    if (job === undefined || array === undefined) return job?.detail()
    const statusSummary: Record<string, number> = { SUCCEEDED: 0, FAILED: 0 }
    for (const { state } of array.children) statusSummary[state] = (statusSummary[state] ?? 0) + 1
    return { ...job.detail(), arrayProperties: { size: array.children.length, statusSummary } }
  }

  #list({ jobQueue, arrayJobId, jobStatus, filters, nextToken }: ListJobsRequest): object {
    if (jobQueue !== undefined && !/(^|\/)nightjar$/.test(jobQueue))
      throw new Refusal('ClientException', `JobQueue ${jobQueue} not found.`)
    const jobs = arrayJobId === undefined ? this.#jobs : (this.#arrays.get(arrayJobId)?.children ?? [])
    const { name, values: [value = ''] = [] } = filters?.[0] ?? {}
    // With a filter the state is not looked at; without either only running jobs are meant.
    const isWanted = (job: FakeJob): boolean => {
      if (name === 'AFTER_CREATED_AT') return job.createdAt >= Number(value)
      if (name === 'BEFORE_CREATED_AT') return job.createdAt < Number(value)
      if (name === 'JOB_NAME') {
        const [wanted, has] = [value.toLowerCase(), (job.request.jobName ?? '').toLowerCase()]
        return wanted.endsWith('*') ? has.startsWith(wanted.slice(0, -1)) : has === wanted
      }
      return job.state === (jobStatus ?? 'RUNNING')
    }
    const found = jobs.filter(isWanted)
    // Newest first with a filter by time; by name they are grouped by name; without a filter nothing is said.
    if (name === 'JOB_NAME') found.sort((a, b) => (a.request.jobName! < b.request.jobName! ? -1 : 1))
    else if (name !== undefined) found.sort((a, b) => b.createdAt - a.createdAt)
    const from = nextToken === undefined ? 0 : Number(nextToken.slice('page-'.length))
    const page: JobSummary[] = found.slice(from, from + this.pageJobs).map((job) => job.summary())
    const next = from + this.pageJobs
    return { jobSummaryList: page, ...(next < found.length ? { nextToken: `page-${next}` } : {}) }
  }

  #environments(): object[] {
    return Object.entries(this.machines).map(([type, instanceTypes]) => ({
      computeEnvironmentName: type.toLowerCase(),
      computeEnvironmentArn: `arn:aws:batch:eu-central-1:123456789012:compute-environment/${type}`,
      computeResources: { type, instanceTypes, maxvCpus: 16, subnets: ['subnet-1'] },
    }))
  }
}

const queue = {
  jobQueueName: 'nightjar',
  jobQueueArn: 'arn:aws:batch:eu-central-1:123456789012:job-queue/nightjar',
  state: 'ENABLED',
  priority: 1,
  computeEnvironmentOrder: [
    { order: 1, computeEnvironment: 'spot' },
    { order: 2, computeEnvironment: 'ec2' },
  ],
}
