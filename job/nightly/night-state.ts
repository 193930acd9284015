import * as z from 'zod'
import { readJsonFile, writeJsonFile } from '../data/json-file.ts'
import { nightStatePath } from '../data/run.ts'
import { curvePoint } from '../data/run-manifest.ts'
import { NightjarError } from '../errors.ts'
import { gateReport, refusal } from '../gate/gate-report.ts'
import type { Store } from '../store/store.ts'
import type { NightOptions } from './night-options.ts'

/** What the lists of a night depend on, beside its rows. */
const configuration = z.object({
  train: z.record(z.string(), z.unknown()),
  warmStart: z.boolean(),
  foldIn: z.boolean(),
  k: z.number().int(),
  includeSeen: z.boolean(),
  withHistories: z.boolean(),
})
export type NightConfiguration = z.infer<typeof configuration>

export function configurationOf(options: NightOptions): NightConfiguration {
  const { train, warmStart, foldIn, k, includeSeen, withHistories } = options
  return { train: { ...train }, warmStart, foldIn, k, includeSeen, withHistories }
}

/**
 * A night goes on with what it began with.
 *
 * @throws NightjarError NIGHT_OTHER
 */
export function checkConfiguration(state: NightState, options: NightOptions, place: string): void {
  const [was, is] = [state.configuration, configurationOf(options)].map(flat)
  const other = Object.keys({ ...was, ...is }).filter((name) => was[name] !== is[name])
  if (other.length === 0) return
  throw new NightjarError('NIGHT_OTHER', {
    what: `${place} began with other options: ${other.map((name) => `${name} was ${was[name]}, is ${is[name]}`).join('; ')}`,
    why: 'a night that mixed two configurations could not be compared with anything',
    fix: 'go on with the options that it began with, or begin another night with --at',
  })
}

/** Each option as the file has it: a blend's parts are no text of their own, and what is undefined is not there. */
function flat({ train, ...rest }: NightConfiguration): Record<string, string> {
  const entries = Object.entries({ ...train, ...rest }).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.map(([name, value]) => [name, JSON.stringify(value)]))
}

/** How a night ended. */
const nightOutcome = z.object({
  kind: z.enum(['published', 'beside', 'refused', 'unchanged']),
  endedAt: z.string(),
  /** In plain words. */
  why: z.string(),
})

/**
 * `night.json`: how far a night is, and what it settled on its way, so that whoever goes on after a kill goes on with the
 * same rows, the same options and the same live version.
 */
const nightState = z.object({
  format: z.literal('nightjar-night'),
  schemaVersion: z.literal(1),
  nightId: z.string(),
  plannedAt: z.string(),
  startedAt: z.string(),
  configuration,
  /** The rows of this night: the dataset as it was after the import. */
  dataset: z
    .object({
      uri: z.string(),
      digest: z.string(),
      users: z.number().int(),
      items: z.number().int(),
      parts: z.number().int(),
      /** Users who were forgotten and not compacted away. */
      forgotten: z.number().int(),
      /** Rows, users and items that the import brought. */
      imported: z.object({
        rows: z.number().int(),
        users: z.number().int(),
        items: z.number().int(),
        /** Places of `--import` where no file lay. */
        emptyPlaces: z.array(z.string()).optional(),
      }),
    })
    .optional(),
  /** The version that was served when the night began; null before the first. */
  live: z.object({ versionId: z.string(), run: z.string() }).nullable().optional(),
  gate: gateReport.optional(),
  /** What the candidate's search found: the epochs that the refit is trained for, and options that were left open. */
  searched: z
    .object({
      epochs: z.number().int(),
      validation: z.record(z.string(), z.number()).nullable(),
      chosen: z.record(z.string(), z.unknown()).default({}),
      /** The search's learning curve; absent in older nights. */
      curve: z.array(curvePoint).optional(),
    })
    .optional(),
  /** What is wrong with the lists that were to be published; empty where nothing is. */
  listRefusals: z.array(refusal).optional(),
  /** The night as a page; absent where it could not be written, or not yet. */
  report: z.object({ path: z.string(), bytes: z.number().int(), sha256: z.string() }).optional(),
  published: z
    .object({ served: z.boolean(), previous: z.string().nullable(), keys: z.number(), bytes: z.number() })
    .optional(),
  outcome: nightOutcome.optional(),
})
export type NightState = z.infer<typeof nightState>

/** The version that was served when a night began, and where its run lies. */
export type LiveVersion = NonNullable<NightState['live']>

/** @throws NightjarError NIGHT_STATE where it is not of this shape */
export async function readNight(store: Store): Promise<NightState | undefined> {
  if ((await store.size(nightStatePath)) === undefined) return undefined
  return readJsonFile(store, nightStatePath, nightState, 'NIGHT_STATE')
}

export async function writeNight(store: Store, state: NightState): Promise<void> {
  await writeJsonFile(store, nightStatePath, state)
}
