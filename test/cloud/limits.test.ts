import { Batch } from '@aws-sdk/client-batch'
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { Scheduler } from '@aws-sdk/client-scheduler'
import { describe, expect, it } from 'vitest'
import { cloudTest } from './cloud-test.ts'
import { limits } from './fake/limits.ts'

const test = cloudTest()

/** A sound request of each operation. */
const sound: Record<string, Record<string, unknown>> = {
  SubmitJob: { jobName: 'j', jobQueue: 'nightjar', jobDefinition: 'nightjar' },
  DescribeJobs: { jobs: [] },
  ListJobs: { jobQueue: 'nightjar' },
  CancelJob: { jobId: 'j', reason: 'r' },
  TerminateJob: { jobId: 'j', reason: 'r' },
  GetLogEvents: { logGroupName: '/nightjar/jobs', logStreamName: 's' },
  CreateSchedule: schedule(),
  UpdateSchedule: schedule(),
}

function schedule() {
  return {
    Name: 'n',
    GroupName: 'nightjar',
    ScheduleExpression: 'cron(0 2 * * ? *)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: {
      Arn: 'arn:aws:scheduler:::aws-sdk:batch:submitJob',
      RoleArn: 'arn:aws:iam::123456789012:role/r',
    },
  }
}

/** The answer of the fake to the SDK's own client: the error's message, or undefined. */
async function refusalOf(operation: string, input: Record<string, unknown>): Promise<string | undefined> {
  const config = { maxAttempts: 1 }
  const client = ['SubmitJob', 'DescribeJobs', 'ListJobs', 'CancelJob', 'TerminateJob'].includes(operation)
    ? new Batch(config)
    : operation === 'GetLogEvents'
      ? new CloudWatchLogs(config)
      : new Scheduler(config)
  const method = operation[0].toLowerCase() + operation.slice(1)
  const send = (client as unknown as Record<string, (request: unknown) => Promise<unknown>>)[method]
  try {
    await send.call(client, input)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

describe('what the service documents, and its model does not say, is refused by the fake', () => {
  it.each(limits.map((limit) => [`${limit.operation}, ${limit.name}`, limit] as const))(
    '%s',
    async (_name, limit) => {
      const request = sound[limit.operation]
      expect(await refusalOf(limit.operation, { ...request, ...limit.within })).not.toBe(limit.name)
      expect(await refusalOf(limit.operation, { ...request, ...limit.beyond })).toBe(limit.name)
    },
  )
})

describe("what the SDK's own model says is held by the fake", () => {
  it.each([
    ['a member that there is not', { jobNames: 'x' }, 'SubmitJob.jobNames is no member'],
    ['a missing member', { jobQueue: undefined }, 'SubmitJob.jobQueue is missing'],
    ['another type', { timeout: { attemptDurationSeconds: '60' } }, 'attemptDurationSeconds is no number'],
    ['a type within a list', { dependsOn: [{ jobId: 7 }] }, 'SubmitJob.dependsOn[0].jobId is no string'],
    ['a value of a map', { parameters: { at: 7 } }, 'SubmitJob.parameters.at is no string'],
  ])('%s', async (_name, over, message) => {
    const body = JSON.stringify({ ...sound.SubmitJob, ...over })
    const { AWS_ACCESS_KEY_ID: key } = test.aws.env
    // Past the SDK, which would not send most of these.
    const answer = await fetch(`${test.aws.url}/v1/submitjob`, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${key}/20261126/eu-central-1/batch/aws4_request`,
      },
      body,
    })
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain(message)
  })

  it('routes and members are found for all operations that nightjar uses', () => {
    expect(limits.length).toBeGreaterThan(30)
    expect(new Set(limits.map(({ operation }) => operation)).size).toBe(8)
  })
})
