import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { plantTastes } from '../../job/data/planted-tastes.ts'
import { Random } from '../../job/data/random.ts'
import { usualGate } from '../../job/gate/gate.ts'
import { runNight } from '../../job/nightly/nightly.ts'
import { openStore } from '../../job/store/open-store.ts'
import { madeNight } from '../nightly/made-night.ts'
import { MemoryKv } from '../publish/memory-kv.ts'

/** What a night's gate found. */
export interface NightFound {
  outcome: string
  mode: string
  users: number
  /** What the candidate's search found best. */
  epochs: number
  /** Candidate less live, and its lower bound: shares of the live NDCG@10. */
  difference: number
  lowerBound: number
}

const nights = 14
const firstShare = 0.85
const nightlyShare = 0.01

/**
 * Two weeks of a made shop, whole nights: 85 % of the rows on the first day, one more percent each night, and never another
 * option. Whatever is refused is refused for nothing.
 */
export async function unchangedNights(minUsers: number, margin: number): Promise<NightFound[]> {
  const folder = await mkdtemp(join(tmpdir(), 'nightjar-bench-'))
  try {
    const { train } = plantTastes({ users: 3000, itemsPerTaste: 40, itemsPerUser: 24 }, 1)
    const order = Uint32Array.from(train.keys())
    new Random(5).shuffle(order)
    const lines = Array.from(order, (row) => `${train[row].userId},${train[row].itemId}\n`)
    const target = new MemoryKv()
    const found: NightFound[] = []
    for (let night = 0; night < nights; night++) {
      const [from, to] = [
        night === 0 ? 0 : firstShare + (night - 1) * nightlyShare,
        firstShare + night * nightlyShare,
      ]
      const text = `user_id,item_id\n${lines.slice(Math.round(from * lines.length), Math.round(to * lines.length)).join('')}`
      await openStore(join(folder, 'incoming')).put(`night-${night + 10}.csv`, new TextEncoder().encode(text))
      const usual = madeNight(folder, night + 10, { target })
      const ended = await runNight({
        ...usual,
        train: { ...usual.train, hidden: 16, learningRate: 0.01, epochs: 300, patience: 15 },
        gate: { ...usualGate, minUsers, margin },
      })
      if (ended.kind !== 'ended') throw new Error('another process is at this night')
      const { gate, searched, outcome } = ended.state
      if (gate === undefined) continue
      found.push({
        outcome: outcome?.kind ?? '',
        mode: gate.mode,
        users: gate.users,
        epochs: searched?.epochs ?? 0,
        difference: gate.difference / gate.ndcg10.live,
        lowerBound: gate.lowerBound / gate.ndcg10.live,
      })
    }
    return found
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
