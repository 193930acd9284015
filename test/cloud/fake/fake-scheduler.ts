import { type SubmitJobRequest, SubmitJobRequest$ } from '@aws-sdk/client-batch'
import type { CreateScheduleInput } from '@aws-sdk/client-scheduler'
import { refusalBeyond } from './limits.ts'
import { Refusal } from './refusal.ts'
import { problemsOf, type Schema } from './service-model.ts'

interface Kept {
  input: CreateScheduleInput
  createdAt: number
  modifiedAt: number
}

/** Schedules in the groups `default` and `nightjar`. */
export class FakeScheduler {
  readonly #now: () => number
  readonly #schedules = new Map<string, Kept>()
  /** Requests by their token, and what they were. */
  readonly #tokens = new Map<string, string>()

  constructor(now: () => number) {
    this.#now = now
  }

  answer(operation: string, input: Record<string, unknown>): object {
    const group = String(input.GroupName ?? 'default')
    const key = `${group}/${input.Name}`
    const arn = { ScheduleArn: `arn:aws:scheduler:eu-central-1:123456789012:schedule/${key}` }
    if (!['default', 'nightjar'].includes(group))
      throw new Refusal('ResourceNotFoundException', `Schedule group ${group} does not exist.`)
    const present = this.#schedules.get(key)
    if (operation === 'CreateSchedule') {
      if (this.#isRepeated(input)) return arn
      if (present !== undefined)
        throw new Refusal('ConflictException', `Schedule ${input.Name} already exists.`)
      this.#put(key, input, this.#now())
      return arn
    }
    if (present === undefined)
      throw new Refusal('ResourceNotFoundException', `Schedule ${input.Name} does not exist.`)
    switch (operation) {
      case 'UpdateSchedule':
        if (!this.#isRepeated(input)) this.#put(key, input, present.createdAt)
        return arn
      case 'DeleteSchedule':
        this.#schedules.delete(key)
        return {}
      case 'GetSchedule': {
        const { ClientToken: _, ...rest } = present.input
        return {
          Arn: arn.ScheduleArn,
          ActionAfterCompletion: 'NONE',
          ...rest,
          CreationDate: present.createdAt / 1000,
          LastModificationDate: present.modifiedAt / 1000,
        }
      }
      default:
        throw new Refusal('ValidationException', `${operation} is not made here`)
    }
  }

  /** What a schedule sends to Batch at a time: the request of SubmitJob, held to Batch's model and limits. */
  requestAt(key: string, scheduledTime: string): SubmitJobRequest {
    const { Target } = this.#schedules.get(key)!.input
    const text = Target?.Input?.replaceAll('<aws.scheduler.scheduled-time>', scheduledTime) ?? ''
    const request = lowered(JSON.parse(text)) as SubmitJobRequest
    const problems = problemsOf(SubmitJobRequest$ as Schema, request, 'SubmitJob')
    if (problems.length > 0) throw new Error(problems.join('; '))
    const refused = refusalBeyond('SubmitJob', request as unknown as Record<string, unknown>)
    if (refused !== undefined) throw refused
    return request
  }

  /** A schedule as it is kept, for tests that put one there or look at it. */
  get(key: string): CreateScheduleInput | undefined {
    return this.#schedules.get(key)?.input
  }

  #put(key: string, input: Record<string, unknown>, createdAt: number): void {
    this.#schedules.set(key, {
      input: { State: 'ENABLED', ScheduleExpressionTimezone: 'UTC', ...input } as CreateScheduleInput,
      createdAt,
      modifiedAt: this.#now(),
    })
  }

  #isRepeated(input: Record<string, unknown>): boolean {
    const token = String(input.ClientToken)
    const text = JSON.stringify(input)
    const before = this.#tokens.get(token)
    if (before !== undefined && before !== text)
      throw new Refusal('ConflictException', 'the token was used for another request')
    this.#tokens.set(token, text)
    return before !== undefined
  }
}

/** Names of members with a small first letter, as Batch's own; a map's keys are nobody's names. */
function lowered(value: unknown, isMap = false): unknown {
  if (Array.isArray(value)) return value.map((element) => lowered(element))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      if (isMap) return [name, inner]
      if (!/^[A-Z]/.test(name))
        throw new Error(`${name} has no capital: Scheduler takes names in Pascal case`)
      return [name[0].toLowerCase() + name.slice(1), lowered(inner, name === 'Parameters' || name === 'Tags')]
    }),
  )
}
