import * as z from 'zod'
import type { MetricsAtK } from '../evaluate/metrics.ts'
import { partKind, partOptions } from '../models/blend.ts'
import type { Store } from '../store/store.ts'
import type { FoundPart, PartMemory } from './choose-blend.ts'
import { readState, writeState } from './state-file.ts'

const prefix = 'checkpoints/part-'
const pathOf = (model: string) => `${prefix}${model}.safetensors`

export async function listParts(store: Store): Promise<string[]> {
  return (await store.list(prefix)).map(({ key }) => key)
}

const foundSchema = z.object({
  trainingDigest: z.string(),
  part: z.object({ model: z.string(), options: z.record(z.string(), z.unknown()), epochs: z.number() }),
  metrics: z.custom<MetricsAtK>(),
})

function ofTraining(text: string | undefined, trainingDigest: string) {
  const parsed = foundSchema.safeParse(JSON.parse(text ?? 'null'))
  return parsed.data?.trainingDigest === trainingDigest ? parsed.data : undefined
}

/**
 * Parts of a blend, each in a file of its own once it is found.
 *
 * @param trainingDigest parts of another training are as good as none
 */
export function storedParts(
  store: Store,
  trainingDigest: string,
  { users, items }: { users: number; items: number },
): PartMemory {
  return {
    async load(model): Promise<FoundPart | undefined> {
      if ((await store.size(pathOf(model))) === undefined) return undefined
      const read = { found: undefined as z.infer<typeof foundSchema> | undefined }
      const { state } = await readState(store, pathOf(model), (metadata) => {
        read.found = ofTraining(metadata.found, trainingDigest)
        // Of another training nothing is wanted, not even its shapes.
        if (read.found === undefined) return {}
        return partKind(read.found.part.model).shapes(partOptions(read.found.part), users, items)
      })
      return read.found && { part: read.found.part, metrics: read.found.metrics, state }
    },
    async save({ part, metrics, state }) {
      const found = JSON.stringify({ trainingDigest, part, metrics })
      await writeState(store, pathOf(part.model), state, { found })
    },
  }
}
