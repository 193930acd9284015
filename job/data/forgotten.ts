import * as z from 'zod'
import type { Store } from '../store/store.ts'
import { readJsonFile, writeJsonFile } from './json-file.ts'

const forgottenPath = 'forgotten.json'

/**
 * `forgotten.json` of a dataset: the users whose rows and id no reader gets to see. By index, for the id itself
 * is what is to be forgotten.
 */
const forgottenFile = z.object({
  format: z.literal('nightjar-forgotten'),
  schemaVersion: z.literal(1),
  /** Ascending, each once. */
  users: z.array(z.number().int().nonnegative()),
})

/**
 * The tombstones of a dataset folder, ascending; none where there is no such file.
 *
 * @throws NightjarError DATASET_FORGOTTEN where it is not of this shape: who is forgotten must not come back
 *   because a file is damaged
 */
export async function readForgotten(store: Store): Promise<Uint32Array> {
  if ((await store.size(forgottenPath)) === undefined) return new Uint32Array()
  const { users } = await readJsonFile(store, forgottenPath, forgottenFile, 'DATASET_FORGOTTEN')
  return Uint32Array.from(new Set(users)).sort()
}

/** Writes the tombstones, atomically; none at all is no file. */
export async function writeForgotten(store: Store, users: Iterable<number>): Promise<void> {
  const ascending = [...new Set(users)].sort((a, b) => a - b)
  if (ascending.length === 0) return store.delete(forgottenPath)
  await writeJsonFile(store, forgottenPath, {
    format: 'nightjar-forgotten',
    schemaVersion: 1,
    users: ascending,
  } satisfies z.infer<typeof forgottenFile>)
}
