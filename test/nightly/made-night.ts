import { join } from 'node:path'
import { plantTastes } from '../../job/data/planted-tastes.ts'
import { Random } from '../../job/data/random.ts'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { usualGate } from '../../job/gate/gate.ts'
import type { NightOptions } from '../../job/nightly/night-options.ts'
import { silentProgress } from '../../job/progress.ts'
import { openStore } from '../../job/store/open-store.ts'
import { joinPlace } from '../../job/store/place.ts'
import { defaultOptions } from '../../job/train/train-options.ts'
import { ManualClock } from '../manual-clock.ts'
import { MemoryKv } from '../publish/memory-kv.ts'

/** Options of `train` with which a night on {@link dropRows}' shop takes a second or two, and is good. */
export const quick = { hidden: 16, learningRate: 0.02, epochs: 20 }

/**
 * Puts a night's file of a made-up shop's rows into `FOLDER/incoming`: `share` of all rows, in one random order, from
 * `from` on.
 */
export async function dropRows(
  place: string,
  name: string,
  from: number,
  to: number,
  users = 300,
): Promise<void> {
  const { train } = plantTastes({ users, itemsPerTaste: 20, itemsPerUser: 24 }, 1)
  const order = Uint32Array.from(train.keys())
  new Random(5).shuffle(order)
  const rows = [...order.subarray(Math.round(from * order.length), Math.round(to * order.length))].map(
    (row) => {
      const { userId, itemId } = train[row] as (typeof train)[number]
      return `${userId},${itemId}\n`
    },
  )
  const text = `user_id,item_id\n${rows.join('')}`
  await openStore(joinPlace(place, 'incoming')).put(name, new TextEncoder().encode(text))
}

/** A night on what lies in a folder, with changes. */
export function madeNight(
  place: string,
  day: number,
  change: Partial<NightOptions> = {},
): NightOptions & { target: MemoryKv; clock: ManualClock } {
  return {
    plannedAt: new Date(`2026-11-${day}T02:00:00Z`),
    dataset: joinPlace(place, 'shop'),
    runs: joinPlace(place, 'nights'),
    sources: [joinPlace(place, 'incoming')],
    reading: {
      columns: {},
      hasHeader: true,
      rejects: join(place, 'rejects.csv'),
      maxRejects: { count: 0 },
    },
    train: { ...defaultOptions, ...quick },
    warmStart: false,
    foldIn: false,
    k: 20,
    includeSeen: false,
    // A night's new rows are of some two hundred users: too few to tell much.
    gate: { ...usualGate, minUsers: 50, margin: 0.2 },
    keep: 3,
    withHistories: true,
    openEngine: async () => wasmEngineOn(1),
    holder: { job: null, host: 'here', process: process.pid },
    progress: silentProgress,
    ...change,
    target: (change.target as MemoryKv | undefined) ?? new MemoryKv(),
    clock: (change.clock as ManualClock | undefined) ?? new ManualClock(`2026-11-${day}T02:00:10Z`),
  }
}
