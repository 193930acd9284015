import { UsageError } from '../errors.ts'
import type { Shard } from '../export/part-places.ts'

/** AWS Batch takes no larger array. */
export const shardsMax = 10_000

const wanted = '(want I/N, the first is 0/N and the last N-1/N; or auto)'

/**
 * `--shard`: `3/8` is the fourth of eight; `auto` takes both from the environment, as a child of an array job has it.
 *
 * @throws UsageError
 */
export function parseShard(text: string, env: Record<string, string | undefined> = process.env): Shard {
  if (text === 'auto') return shardOfChild(env)
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text) ?? []
  const shard = { index: Number(index), of: Number(of) }
  if (index !== undefined && shard.of >= 1 && shard.of <= shardsMax && shard.index < shard.of) return shard
  throw new UsageError(`invalid shard: ${text} ${wanted}`)
}

function shardOfChild(env: Record<string, string | undefined>): Shard {
  const index = variable(env, 'AWS_BATCH_JOB_ARRAY_INDEX', 0, shardsMax - 1)
  const of = variable(env, 'NIGHTJAR_SHARDS', 1, shardsMax)
  if (index < of) return { index, of }
  throw new UsageError(
    `--shard auto: AWS_BATCH_JOB_ARRAY_INDEX is ${index}, but NIGHTJAR_SHARDS is ${of}: there is no such shard`,
    'give NIGHTJAR_SHARDS the size of the array, as `nightjar submit --array N` does',
  )
}

function variable(
  env: Record<string, string | undefined>,
  name: string,
  least: number,
  most: number,
): number {
  const text = env[name]
  const fix =
    '--shard auto is for the children of an array job (nightjar submit --array N); by hand: --shard I/N'
  if (text === undefined || text === '') throw new UsageError(`--shard auto, but ${name} is not set`, fix)
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw new UsageError(`--shard auto: ${name} is ${text} (want an integer from ${least} to ${most})`, fix)
}
