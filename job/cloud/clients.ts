import type { Batch } from '@aws-sdk/client-batch'
import type { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import type { Scheduler } from '@aws-sdk/client-scheduler'
import { loadOptional } from '../optional-package.ts'

type Environment = Record<string, string | undefined>

/** What the commands of the cloud need, all three together. */
const packages = ['@aws-sdk/client-batch', '@aws-sdk/client-scheduler', '@aws-sdk/client-cloudwatch-logs']

export async function openBatch(): Promise<Batch> {
  const sdk = await load('@aws-sdk/client-batch', () => import('@aws-sdk/client-batch'))
  return new sdk.Batch(settings('BATCH'))
}

export async function openLogs(): Promise<CloudWatchLogs> {
  const sdk = await load('@aws-sdk/client-cloudwatch-logs', () => import('@aws-sdk/client-cloudwatch-logs'))
  return new sdk.CloudWatchLogs(settings('CLOUDWATCH_LOGS'))
}

export async function openScheduler(): Promise<Scheduler> {
  const sdk = await load('@aws-sdk/client-scheduler', () => import('@aws-sdk/client-scheduler'))
  return new sdk.Scheduler(settings('SCHEDULER'))
}

/** @throws NightjarError AWS_PACKAGE where the package is not installed */
export function load<Module>(name: string, importIt: () => Promise<Module>): Promise<Module> {
  return loadOptional(importIt, {
    package: name,
    code: 'AWS_PACKAGE',
    neededBy: 'jobs on AWS Batch',
    install: packages,
    why: 'it is an optional peer: whoever trains on machines of their own does without it',
  })
}

/**
 * The SDK's own settings: variables, profiles, roles. Requests are sent once: whether one may be sent again depends on
 * what it does, and `call` knows that.
 */
function settings(service: string, env: Environment = process.env) {
  const hasEndpoint = (env[`AWS_ENDPOINT_URL_${service}`] || env.AWS_ENDPOINT_URL) !== undefined
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || (hasEndpoint ? 'us-east-1' : undefined)
  return {
    ...(region === undefined ? {} : { region }),
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 5_000, socketTimeout: 60_000 },
  }
}
