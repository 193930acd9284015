import type { Batch, JobDetail } from '@aws-sdk/client-batch'
import { NightjarError } from '../../errors.ts'
import { call } from '../call.ts'
import type { Cloud } from '../cloud.ts'
import { machineTypes, pricesFrom } from './prices.ts'

/** What a job may have cost, in dollars. */
export interface CostEstimate {
  least: number
  most: number
  /** Whether a Spot machine may have run it, which costs less than `least`. */
  maySpot: boolean
  /** What it rests on, in words. */
  basis: string
}

/** The machines that a queue may take. */
export interface QueueMachines {
  /** Types and families: `g5.xlarge`, `g4dn`. */
  types: string[]
  hasSpot: boolean
}

/**
 * What the machines cost while the container ran. Batch does not tell which machine it was, so the estimate spans the
 * types of the queue that are large enough. The minutes in which a machine starts and stops are not in it.
 *
 * @param seconds in which the container ran
 * @param machines undefined where the queue's could not be read
 * @param price dollars an hour, in place of the table
 * @returns null where nothing ran, or no type of the table fits
 */
export function estimateCost(
  job: JobDetail,
  seconds: number,
  machines: QueueMachines | undefined,
  price?: number,
): CostEstimate | null {
  if (seconds <= 0) return null
  const hours = seconds / 3600
  if (price !== undefined)
    return { least: hours * price, most: hours * price, maySpot: false, basis: `$${price} an hour, as given` }
  const fitting = Object.entries(machineTypes)
    .filter(([name]) => machines === undefined || isAmong(name, machines.types))
    .filter(([, type]) => fits(job, type))
    .sort(([, a], [, b]) => a.dollars - b.dollars)
  if (fitting.length === 0) return null
  const [cheapest, dearest] = [fitting[0], fitting[fitting.length - 1]]
  const names = cheapest === dearest ? cheapest[0] : `${cheapest[0]} to ${dearest[0]}`
  return {
    least: hours * cheapest[1].dollars,
    most: hours * dearest[1].dollars,
    maySpot: machines?.hasSpot ?? true,
    basis: `${names} on demand in ${pricesFrom.region}, prices of ${pricesFrom.date}`,
  }
}

/**
 * The machines of a job's queue.
 *
 * @returns undefined where the credentials may not look, for an estimate is not worth an error
 */
export async function queueMachines(
  cloud: Cloud,
  batch: Batch,
  queue: string,
): Promise<QueueMachines | undefined> {
  try {
    const { jobQueues = [] } = await call(
      cloud,
      { act: 'read the job queue', action: 'batch:DescribeJobQueues' },
      (options) => batch.describeJobQueues({ jobQueues: [queue] }, options),
    )
    const names = (jobQueues[0]?.computeEnvironmentOrder ?? []).flatMap((o) => o.computeEnvironment ?? [])
    if (names.length === 0) return undefined
    const { computeEnvironments = [] } = await call(
      cloud,
      { act: 'read the compute environments', action: 'batch:DescribeComputeEnvironments' },
      (options) => batch.describeComputeEnvironments({ computeEnvironments: names }, options),
    )
    const resources = computeEnvironments.flatMap(({ computeResources }) => computeResources ?? [])
    return {
      types: [...new Set(resources.flatMap(({ instanceTypes }) => instanceTypes ?? []))],
      hasSpot: resources.some(({ type }) => type === 'SPOT'),
    }
  } catch (error) {
    if (error instanceof NightjarError && error.code === 'AWS_ACCESS_DENIED') return undefined
    throw error
  }
}

function isAmong(name: string, types: string[]): boolean {
  return types.some((type) => type === name || name.startsWith(`${type}.`))
}

function fits({ container }: JobDetail, type: { gpus: number; vcpus: number; memoryGiB: number }): boolean {
  const wanted = (name: string, otherwise: number | undefined) =>
    Number(container?.resourceRequirements?.find((r) => r.type === name)?.value ?? otherwise ?? 0)
  const gpus = wanted('GPU', 0)
  return (
    // A machine with a GPU is a waste for a job that asks for none.
    (gpus === 0 ? type.gpus === 0 : type.gpus >= gpus) &&
    type.vcpus >= wanted('VCPU', container?.vcpus) &&
    type.memoryGiB * 1024 > wanted('MEMORY', container?.memory)
  )
}
