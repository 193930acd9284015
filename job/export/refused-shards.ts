import { NightjarError } from '../errors.ts'
import type { ListOptions } from './lists.ts'
import { partUsersMax } from './part-places.ts'

/** Why a shard cannot be merged. */
export interface Refusal {
  index: number
  reason: string
}

/** An error that names every refused shard, and the commands that write them again. */
export function refusal(
  options: ListOptions & { of: number },
  code: string,
  refusals: Refusal[],
  { why }: { why: string },
): NightjarError {
  const place = options.run.store.uri
  const indexes = [...new Set(refusals.map(({ index }) => index))].sort((a, b) => a - b)
  const lines = refusals
    .sort((a, b) => a.index - b.index)
    .map(({ index, reason }) => `shard ${index}: ${reason}`)
  const commands = indexes.map(
    (index) => `nightjar export ${place} --shard ${index}/${options.of}${flags(options)}`,
  )
  return new NightjarError(code, {
    what: `${place}: ${indexes.length} of ${options.of} shards cannot be merged\n${some(lines)}`,
    why,
    fix: `run these, then the merge again:\n${some(commands)}`,
  })
}

/** The first lines, indented, and how many more there are. */
function some(lines: readonly string[]): string {
  const shown = lines.length <= 12 ? lines : [...lines.slice(0, 10), `and ${lines.length - 10} more`]
  return shown.map((line) => `  ${line}`).join('\n')
}

/** Options that are not as they are by default, as they are typed. */
function flags({ k, includeSeen, partUsers, datasetUri }: ListOptions): string {
  return [
    k === 100 ? '' : ` --k ${k}`,
    includeSeen ? ' --include-seen' : '',
    partUsers === partUsersMax ? '' : ` --part-users ${partUsers}`,
    datasetUri === undefined ? '' : ` --dataset ${datasetUri}`,
  ].join('')
}
