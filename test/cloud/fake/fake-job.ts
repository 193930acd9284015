import type { AttemptDetail, JobDetail, JobSummary, SubmitJobRequest } from '@aws-sdk/client-batch'
import type { FakeLogs } from './fake-logs.ts'
import type { Step } from './job-script.ts'

const account = 'arn:aws:batch:eu-central-1:123456789012'
const jobLogGroup = '/nightjar/jobs'
/** From the request to stop a container until it has stopped. */
const stopMs = 20_000

/** One job that has no children: where it is follows from its script and the time. */
export class FakeJob {
  readonly id: string
  readonly request: SubmitJobRequest
  readonly createdAt: number
  state: string = 'SUBMITTED'
  statusReason = ''
  startedAt: number | undefined
  stoppedAt: number | undefined
  isCancelled = false
  isTerminated = false
  readonly attempts: AttemptDetail[] = []
  readonly index: number | undefined
  #steps: Step[]
  #begunAt: number | undefined
  #stop: { at: number; reason: string } | undefined
  #stream: string | undefined
  #container: { exitCode?: number; reason?: string } = {}
  readonly #logs: FakeLogs

  constructor(
    id: string,
    request: SubmitJobRequest,
    now: number,
    script: Step[],
    logs: FakeLogs,
    index?: number,
  ) {
    this.id = id
    this.request = request
    this.createdAt = now
    this.#steps = [...script]
    this.#logs = logs
    this.index = index
  }

  get hasEnded(): boolean {
    return this.state === 'SUCCEEDED' || this.state === 'FAILED'
  }

  /** Whether nothing keeps it from its script any more. */
  get hasBegun(): boolean {
    return this.#begunAt !== undefined
  }

  begin(at: number): void {
    this.#begunAt ??= at
  }

  /** CancelJob: takes jobs without a machine; others go on, and the request succeeds all the same. */
  cancel(reason: string, now: number): void {
    if (['SUBMITTED', 'PENDING', 'RUNNABLE'].includes(this.state)) {
      this.isCancelled = true
      this.#stop ??= { at: now + 1_000, reason }
    }
  }

  /** TerminateJob: takes any job that has not ended. */
  terminate(reason: string, now: number): void {
    this.cancel(reason, now)
    if (!['STARTING', 'RUNNING'].includes(this.state)) return
    this.isTerminated = true
    this.#stop ??= { at: now + stopMs, reason }
  }

  advance(now: number): void {
    for (;;) {
      const step = this.#steps[0]
      const stepAt =
        step === undefined || this.#begunAt === undefined
          ? Number.POSITIVE_INFINITY
          : this.#begunAt + step.atMs
      const limitMs = (this.request.timeout?.attemptDurationSeconds ?? Number.POSITIVE_INFINITY) * 1000
      const limitAt = this.state === 'RUNNING' ? this.startedAt! + limitMs : Number.POSITIVE_INFINITY
      // A PENDING job is stopped only when the jobs that it waits for have ended.
      const stopAt =
        this.#stop === undefined || (this.state === 'PENDING' && !this.hasBegun)
          ? Number.POSITIVE_INFINITY
          : this.#stop.at
      const at = Math.min(stepAt, limitAt, stopAt)
      if (this.hasEnded || at > now) return
      if (at === stopAt)
        this.#apply({ atMs: 0, state: 'FAILED', reason: this.#stop!.reason, ...killed(this.state) }, at)
      else if (at === limitAt)
        this.#apply(
          { atMs: 0, state: 'FAILED', reason: 'Job attempt duration exceeded timeout', exitCode: 137 },
          at,
        )
      else {
        this.#steps.shift()
        this.#apply(step, at)
      }
    }
  }

  fail(reason: string, at: number): void {
    this.#apply({ atMs: 0, state: 'FAILED', reason }, at)
  }

  detail(): JobDetail {
    const { request, startedAt, stoppedAt } = this
    const overrides = request.containerOverrides
    return {
      ...this.#shared(),
      jobQueue: `${account}:job-queue/${request.jobQueue}`,
      // The model requires it, of a job that has not started as well.
      startedAt: startedAt ?? 0,
      ...(stoppedAt === undefined ? {} : { stoppedAt }),
      attempts: this.attempts,
      jobDefinition: `${account}:job-definition/${request.jobDefinition}:3`,
      dependsOn: request.dependsOn ?? [],
      parameters: request.parameters ?? {},
      container: {
        image: 'nightjar:1',
        command: overrides?.command ?? ['nightly', '--dataset', 's3://b/shop', '--at', 'Ref::at'],
        environment: overrides?.environment ?? [],
        resourceRequirements: overrides?.resourceRequirements ?? [
          { type: 'GPU', value: '1' },
          { type: 'VCPU', value: '4' },
          { type: 'MEMORY', value: '14000' },
        ],
        logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': jobLogGroup } },
        ...this.#container,
        ...(this.#stream === undefined ? {} : { logStreamName: this.#stream }),
      },
      ...(this.index === undefined ? {} : { arrayProperties: { index: this.index } }),
    } as JobDetail
  }

  summary(): JobSummary {
    return {
      ...this.#shared(),
      ...(this.startedAt === undefined ? {} : { startedAt: this.startedAt }),
      ...(this.stoppedAt === undefined ? {} : { stoppedAt: this.stoppedAt }),
      container: this.#container,
      ...(this.index === undefined ? {} : { arrayProperties: { index: this.index } }),
    } as JobSummary
  }

  #shared() {
    return {
      jobArn: `${account}:job/${this.id}`,
      jobId: this.id,
      jobName: this.request.jobName,
      status: this.state,
      createdAt: this.createdAt,
      ...(this.statusReason === '' ? {} : { statusReason: this.statusReason }),
      // Present only when they are true.
      ...(this.isCancelled ? { isCancelled: true } : {}),
      ...(this.isTerminated ? { isTerminated: true } : {}),
    }
  }

  #apply(step: Step, at: number): void {
    const before = this.state
    this.state = step.state
    this.statusReason = step.reason ?? ''
    const endsAttempt = before === 'RUNNING' || (before === 'STARTING' && step.state !== 'RUNNING')
    if (endsAttempt) {
      this.#container = {
        ...(step.exitCode === undefined ? {} : { exitCode: step.exitCode }),
        ...(step.containerReason === undefined ? {} : { reason: step.containerReason }),
      }
      this.attempts.push({
        container: {
          ...this.#container,
          ...(this.#stream === undefined ? {} : { logStreamName: this.#stream }),
        },
        ...(before === 'RUNNING' ? { startedAt: this.startedAt! } : {}),
        stoppedAt: at,
        statusReason: step.reason ?? 'Essential container in task exited',
      })
    }
    if (step.state === 'STARTING') this.#stream = undefined
    if (step.state === 'RUNNING') {
      this.startedAt = at
      this.#stream = `nightjar/default/${this.id.replace(':', '-')}-${this.attempts.length + 1}`
      this.#logs.addStream(jobLogGroup, this.#stream)
    }
    for (const { afterMs, text, lateMs = 0 } of step.log ?? [])
      this.#logs.add(jobLogGroup, this.#stream!, at + afterMs, text, at + afterMs + lateMs)
    if (this.hasEnded) {
      this.stoppedAt = at
      if (step.reason === undefined && before === 'RUNNING')
        this.statusReason = 'Essential container in task exited'
    }
  }
}

function killed(state: string): Pick<Step, 'exitCode'> | Record<string, never> {
  return state === 'RUNNING' ? { exitCode: 143 } : {}
}
