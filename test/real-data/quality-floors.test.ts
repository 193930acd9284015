import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import type { CsrMatrix } from '../../job/data/csr-matrix.ts'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { evaluate } from '../../job/evaluate/evaluate.ts'
import { easeKind } from '../../job/models/ease.ts'
import { ialsKind } from '../../job/models/ials.ts'
import { itemKnnKind } from '../../job/models/item-knn.ts'
import { mfKind } from '../../job/models/mf.ts'
import type { ModelKind } from '../../job/models/model.ts'
import { popularityKind } from '../../job/models/popularity.ts'
import { readPairs } from '../bench/bench-data.ts'
import { dataFolder, describeWith } from '../capabilities.ts'

/**
 * F1@10 on ml-1m's test rows, of the options in configs/ (chosen on validation), fitted on the whole of train with seed 1.
 * A floor with some room below what docs/log.md has: whoever falls through it broke something.
 */
const floors: [ModelKind, number][] = [
  [popularityKind, 0.1005],
  [itemKnnKind, 0.207],
  [mfKind, 0.214],
  [easeKind, 0.225],
  [ialsKind, 0.232],
]

describeWith('real-data', 'models of one machine on ml-1m', () => {
  let ratings: CsrMatrix
  let test: CsrMatrix
  beforeAll(() => {
    const read = (name: string) => readPairs(join(dataFolder ?? '', 'ml-1m', name), [6027, 3062])
    ratings = read('train.csv')
    test = read('test.csv')
  })

  for (const [kind, floor] of floors) {
    it(`${kind.name} finds at least F1@10 ${floor}`, async () => {
      const config = JSON.parse(readFileSync(`configs/ml-1m/${kind.name}.json`, 'utf8'))
      expect(config.model).toBe(kind.name)
      const options = kind.options.parse({ ...kind.defaults, ...config.options })
      const model = await kind.create({ options, ratings, seed: 1, engine: wasmEngineOn(2), threads: 2 })
      for (let epoch = 1; epoch <= config.epochs; epoch++) await model.epoch(epoch, async () => {})
      const { metrics, users } = await evaluate(model, ratings, { pairs: test }, [10])
      model.close()
      expect(users).toBe(6027)
      expect(metrics['10'].f1).toBeGreaterThan(floor)
      // Nothing that is known gives more; a leak would.
      expect(metrics['10'].f1).toBeLessThan(0.26)
    }, 120_000)
  }
})
