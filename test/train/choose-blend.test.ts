import { describe, expect, it } from 'vitest'
import { systemClock } from '../../job/clock.ts'
import { type CsrMatrix, csrFromPairs, without } from '../../job/data/csr-matrix.ts'
import { readRatings } from '../../job/data/rating-matrix.ts'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { evaluate } from '../../job/evaluate/evaluate.ts'
import { type BlendOptions, blendKind, joinStates } from '../../job/models/blend.ts'
import { silentProgress } from '../../job/progress.ts'
import { openStore } from '../../job/store/open-store.ts'
import { chooseBlend, type FoundPart } from '../../job/train/choose-blend.ts'
import { drawHoldout } from '../../job/train/holdout.ts'
import { makeShopDataset } from '../made-dataset.ts'
import { tempFolder } from '../temp-folder.ts'

const open = { epochs: null, weight: null }
const twoParts: BlendOptions['parts'] = [
  { model: 'item-autoencoder', options: { hidden: 8 }, ...open },
  { model: 'ials', options: { factors: 8 }, ...open },
]
const engine = wasmEngineOn(1)

async function shopRows() {
  const { dataset } = await makeShopDataset(openStore(await tempFolder()))
  const all = await readRatings(dataset)
  const heldOut = drawHoldout(all, 0.1, 1)
  return { all, heldOut, ratings: without(all, heldOut) }
}

function choose(
  parts: BlendOptions['parts'],
  all: CsrMatrix,
  rows: { ratings: CsrMatrix; heldOut: CsrMatrix },
  more: Partial<Parameters<typeof chooseBlend>[0]> = {},
) {
  const options = blendKind.settle?.({ parts }, all) ?? { parts }
  return chooseBlend({
    ...{ options, ...rows, engine, seed: 1, epochs: 20, signal: undefined, resumeHint: '' },
    ...{ clock: systemClock, progress: silentProgress, ...more },
  })
}

describe('chooseBlend', () => {
  it('chooses options, epochs and weights, whose blend is worth what it says', async () => {
    const { all, ...rows } = await shopRows()
    const { options, states, metrics, ndcgError, findings } = await choose(twoParts, all, rows)
    expect(options.parts.every(({ epochs, weight }) => epochs > 0 && weight > 0)).toBe(true)
    const model = await blendKind.create({
      ...{ options, ratings: rows.ratings, seed: 1, engine, threads: 1 },
      state: joinStates(options.parts.map((part, n) => [part.model, states[n]])),
    })
    const again = await evaluate(model, rows.ratings, { pairs: rows.heldOut }, [10])
    expect(metrics.ndcg).toBeCloseTo(again.metrics['10'].ndcg, 6)
    const alone = findings.alone.map((part) => part['ndcg@10'])
    expect(findings.alone.map(({ model }) => model)).toEqual(['item-autoencoder', 'ials'])
    // Without one of two parts the other is left; with so few users iALS is better alone, and the half is not missed.
    expect(options.parts).toMatchObject([{ model: 'ials', weight: 1 }])
    expect(findings.without).toEqual([{ ...findings.alone[1], model: 'item-autoencoder' }])
    expect(metrics.ndcg).toBe(Math.max(...alone))
    expect(ndcgError).toBeGreaterThan(0)
  })

  it('keeps what is given: options, epochs and weights', async () => {
    const { all, ...rows } = await shopRows()
    const given = twoParts.map((part) => ({ ...part, epochs: 3, weight: 0.7 }))
    const { options } = await choose(given, all, rows)
    expect(options.parts).toMatchObject(given)
  })

  it('has no part stand in for another in an ablation that the blend itself lacks', async () => {
    const { all, ...rows } = await shopRows()
    const [half, ials] = twoParts.map((part) => ({ ...part, epochs: 3, weight: 0.5 }))
    const knn = { model: 'item-knn', options: {}, epochs: 1, weight: 0 }
    const { options, ablations } = await choose([half, ials, knn], all, rows)
    const names = (parts: { model: string }[]) => parts.map(({ model }) => model)
    expect(names(options.parts)).toEqual(['item-autoencoder', 'ials'])
    expect(ablations.map(({ without, options }) => [without, names(options.parts)])).toEqual([
      ['item-autoencoder', ['ials']],
      ['ials', ['item-autoencoder']],
    ])
  })

  it('has the item half weigh cells as the user half was found to', async () => {
    const { all, ...rows } = await shopRows()
    const found: FoundPart[] = []
    const parts = { load: async () => undefined, save: async (part: FoundPart) => void found.push(part) }
    const halves = ['user-autoencoder', 'item-autoencoder'].map((model) => ({
      ...{ model, options: { hidden: 8 }, ...open },
    }))
    await choose(halves, all, rows, { parts })
    expect(found[1].part.options.unobserved).toBe(found[0].part.options.unobserved)
  })

  it('has iALS begin with the weight of unobserved cells that the user half was found to want', async () => {
    const { all, ...rows } = await shopRows()
    const found: FoundPart[] = []
    const parts = { load: async () => undefined, save: async (part: FoundPart) => void found.push(part) }
    const user = {
      model: 'user-autoencoder',
      options: { hidden: 8, unobserved: 0.05 },
      epochs: 5,
      weight: null,
    }
    await choose([user, { ...twoParts[1], epochs: 3 }], all, rows, { parts })
    // Whose epochs are given has its options chosen as well.
    expect(found[1].part.options).toMatchObject({ unobserved: 0.05, l2: 4 })
    found.length = 0
    const heavy = { ...user, options: { hidden: 8, unobserved: 0.37 } }
    await choose([heavy, twoParts[1]], all, rows, { parts })
    // Its climb goes in steps of 3, then of 2: from its own default, .05, it could not come here.
    const steps = [-3, -2, -1, 0, 1, 2, 3]
    const reached = steps.flatMap((by3) =>
      steps.map((by2) => Number((0.37 * 3 ** by3 * 2 ** by2).toPrecision(4))),
    )
    const { unobserved } = found[1].part.options as { unobserved: number }
    expect(reached).toContain(Number(unobserved.toPrecision(4)))
  })

  it('announces how long it takes, and tries no more than there is time for', async () => {
    const { all, ...rows } = await shopRows()
    const notes: string[] = []
    const progress = { ...silentProgress, note: (line: string) => notes.push(line) }
    // By this clock each trial takes an hour, but the first epoch and the first look a moment.
    let asked = 0
    const clock = { now: () => new Date(0), elapsedMs: () => (++asked <= 17 ? asked : asked * 3_600_000) }
    await choose(twoParts, all, rows, { progress, clock })
    expect(notes[0]).toMatch(
      /^choosing options, epochs and weights: about 10 seconds, never more than 2 minutes/,
    )
    expect(notes.slice(1, 3).map((note) => note.split(',')[0])).toEqual(
      ['item-autoencoder', 'ials'].map((name) => `${name}: 1 trial (there was no time for more)`),
    )
  })

  it('leaves out a part that does not fit, and fails where none does', async () => {
    // EASE takes up to 30,000 items.
    const users = 6
    const items = 30_001
    const pairs = Array.from({ length: users * 4 }, (_, n) => [n % users, (n * 3) % 11])
    const all = csrFromPairs(
      Uint32Array.from(pairs, ([user]) => user),
      Uint32Array.from(pairs, ([, item]) => item),
      users,
      items,
    )
    const heldOut = drawHoldout(all, 0.3, 1)
    const rows = { ratings: without(all, heldOut), heldOut }
    const notes: string[] = []
    const progress = { ...silentProgress, note: (line: string) => notes.push(line) }
    const ease = { model: 'ease', options: {}, ...open }
    const ials = { model: 'ials', options: { factors: 4 }, epochs: 2, weight: null }
    const { options } = await choose([ease, ials], all, rows, { progress })
    expect(options.parts.map(({ model }) => model)).toEqual(['ials'])
    expect(notes[1]).toMatch(/^ease is left out: 30001 items .*\(EASE_ITEMS\)$/)
    await expect(choose([ease], all, rows)).rejects.toMatchObject({ code: 'EASE_ITEMS' })
  })
})
