import { z } from 'zod'
import { readJsonFile, writeJsonFile } from '../data/json-file.ts'
import type { Store } from '../store/store.ts'

const nightStatePath = 'night.json'

/** How a night ended. */
export const nightOutcome = z.object({
  kind: z.enum(['published', 'beside', 'refused', 'unchanged']),
  endedAt: z.string(),
  /** In plain words. */
  why: z.string(),
})
export type NightOutcome = z.infer<typeof nightOutcome>

/**
 * `night.json`: how far a night is, and what it settled on its way, so that whoever goes on after a kill goes on with the
 * same rows, the same options and the same live version.
 */
export const nightState = z.object({
  format: z.literal('nightjar-night'),
  schemaVersion: z.literal(1),
  nightId: z.string(),
  plannedAt: z.string(),
  startedAt: z.string(),
  /** What the lists depend on: training options and the length of lists. */
  configuration: z.record(z.string(), z.unknown()),
  /** The rows of this night: the dataset as it was after the import. */
  dataset: z
    .object({
      uri: z.string(),
      digest: z.string(),
      users: z.number().int(),
      items: z.number().int(),
      parts: z.number().int(),
      /** Rows, users and items that the import brought. */
      imported: z.object({ rows: z.number().int(), users: z.number().int(), items: z.number().int() }),
    })
    .optional(),
  /** The version that was served when the night began; null before the first. */
  live: z.object({ versionId: z.string(), run: z.string() }).nullable().optional(),
  gate: z.looseObject({ passed: z.boolean(), forced: z.boolean() }).nullable().optional(),
  /** Epochs that the candidate's search found best; null where all rows were searched on at once. */
  epochs: z.number().int().nullable().optional(),
  outcome: nightOutcome.optional(),
})
export type NightState = z.infer<typeof nightState>

/** @throws NightjarError NIGHT_STATE where it is not of this shape */
export async function readNight(store: Store): Promise<NightState | undefined> {
  if ((await store.size(nightStatePath)) === undefined) return undefined
  return readJsonFile(store, nightStatePath, nightState, 'NIGHT_STATE')
}

export async function writeNight(store: Store, state: NightState): Promise<void> {
  await writeJsonFile(store, nightStatePath, state)
}
