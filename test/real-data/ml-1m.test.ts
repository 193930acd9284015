import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { expect, it } from 'vitest'
import { type CsrMatrix, rowOf } from '../../job/data/csr-matrix.ts'
import { openDataset } from '../../job/data/dataset.ts'
import { Random } from '../../job/data/random.ts'
import { readRatings } from '../../job/data/rating-matrix.ts'
import { openRun, type Run } from '../../job/data/run.ts'
import { type FoldInWeights, foldIn } from '../../job/engine/fold-in/fold-in-weights.ts'
import { startLocalServer } from '../../job/serve/local-server.ts'
import { openStore } from '../../job/store/open-store.ts'
import { readFoldIn } from '../../job/train/fold-in.ts'
import { selectTopK } from '../../shared/top-k.ts'
import { dataFolder, describeWith } from '../capabilities.ts'
import { runCli } from '../cli/run-cli.ts'
import { tempFolder } from '../temp-folder.ts'

describeWith('real-data', 'ml-1m, from its CSV to the worker', () => {
  it('the worker answers what the score files hold, for 1,000 random users, and nothing that they have', async () => {
    const folder = await tempFolder()
    const data = join(dataFolder ?? '', 'ml-1m')
    const place = (name: string) => join(folder, name)
    const steps = [
      ['import', join(data, 'train.csv'), '--items', join(data, 'items.csv'), '--out', place('dataset')],
      [
        'train',
        place('dataset'),
        '--out',
        place('run'),
        '--epochs',
        '6',
        '--model',
        'jca',
        '--learning-rate',
        '0.003',
        // No search, and no second training after it.
        '--holdout',
        '0',
      ],
      ['export', place('run'), '--k', '50'],
      ['publish', place('run'), '--to', `local:${place('state')}`],
    ]
    for (const step of steps) {
      const { code, stderr } = await runCli(step)
      expect(code, stderr).toBe(0)
    }
    const evaluated = await runCli(['evaluate', place('run'), '--test', join(data, 'test.csv'), '--json'])
    const { metrics, popularity, users } = JSON.parse(evaluated.stdout)
    expect(users).toBe(6027)
    // Known from the data's own page: popularity reaches .101. Six epochs are few, and beat it all the same.
    expect(popularity['10'].f1).toBeCloseTo(0.101, 3)
    expect(metrics['10'].f1).toBeGreaterThan(popularity['10'].f1)

    const run = await openRun(openStore(place('run')))
    const dataset = await openDataset(openStore(place('dataset')))
    const ratings = await readRatings(dataset)
    expect([ratings.rowCount, ratings.columnCount, ratings.columns.length]).toEqual([6027, 3062, 462_847])
    const itemIds = (await dataset.items()).ids
    const [part] = run.manifest.scores?.parts ?? []
    const table = tableFromIPC(await run.store.read(part.path))
    const lists = table.toArray()
    const server = await startLocalServer({ port: 0, state: place('state') })
    try {
      const random = new Random(11)
      for (let n = 0; n < 1000; n++) {
        const user = random.below(6027)
        const row = lists[user]
        const response = await fetch(`${server.url}/v1/users/${row.user_id}/recommendations?k=50`)
        const body = (await response.json()) as { source: string; items: { id: string; score: number }[] }
        expect(body.source).toBe('personal')
        expect(body.items.map(({ id }) => id)).toEqual([...row.item_ids])
        expect(body.items.map(({ score }) => Math.fround(score))).toEqual([...row.scores])
        const known = new Set([...rowOf(ratings, user)].map((item) => itemIds[item]))
        expect(body.items.some(({ id }) => known.has(id))).toBe(false)
      }
      await foldInAgrees(server.url, run, ratings, itemIds)
    } finally {
      await server.close()
    }
  }, 300_000)
})

/** The worker folds a history in by eight bits; of its best 50 nearly all are those of float32. */
async function foldInAgrees(url: string, run: Run, ratings: CsrMatrix, itemIds: string[]) {
  const weights = (await readFoldIn(run)) as FoldInWeights
  const random = new Random(12)
  const shared: number[] = []
  while (shared.length < 1000) {
    const history = rowOf(ratings, random.below(6027))
    // As long as a request may be.
    if (history.length > 500) continue
    const response = await fetch(`${url}/v1/recommendations`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ itemIds: Array.from(history, (item) => itemIds[item]), k: 50 }),
    })
    const { source, items } = (await response.json()) as { source: string; items: { id: string }[] }
    expect(source).toBe('fold-in')
    const scores = Float32Array.from(foldIn(weights, history))
    for (const item of history) scores[item] = Number.NEGATIVE_INFINITY
    const want = new Set([...selectTopK(scores, 50).items].map((item) => itemIds[item]))
    shared.push(items.filter(({ id }) => want.has(id)).length)
  }
  expect(Math.min(...shared)).toBeGreaterThanOrEqual(45)
  expect(shared.reduce((sum, n) => sum + n, 0) / shared.length).toBeGreaterThanOrEqual(48)
}
