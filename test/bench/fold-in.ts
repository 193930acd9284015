// What lists from a history alone are worth, on MovieLens 1M in the paper's split; test is scored once a seed:
//
//   NIGHTJAR_DATA=... npm run bench:fold-in [-- --seeds 1,2,3]
//
// Each user's train rows are folded in and the list compared with their test rows: by a component that was trained on
// everybody, and, for a tenth of the users, by one that never saw them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type CsrMatrix, csrFromPairs, rowOf } from '../../job/data/csr-matrix.ts'
import { type FoldInWeights, foldIn } from '../../job/engine/fold-in/fold-in-weights.ts'
import { type Ranker, topKOfScores } from '../../job/engine/top-k.ts'
import { evaluate } from '../../job/evaluate/evaluate.ts'
import { popularityRanker } from '../../job/models/popularity.ts'
import { nightjarVersion } from '../../job/nightjar-version.ts'
import { silentProgress } from '../../job/progress.ts'
import { fitFoldIn } from '../../job/train/fold-in.ts'

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '1' } } })
const folder = join(process.env.NIGHTJAR_DATA ?? 'no NIGHTJAR_DATA', 'ml-1m')
const [users, items] = [6027, 3062]
const train = readPairs('train.csv')
const validation = readPairs('validation.csv')
const test = readPairs('test.csv')

console.log(`${nightjarVersion().version}, commit ${nightjarVersion().commit?.slice(0, 12)}`)
console.log('seed  epochs  all users          a tenth, seen      a tenth, unseen    popular, that tenth')
for (const seed of values.seeds.split(',').map(Number)) {
  const strangers = new Set(
    Array.from({ length: users }, (_, user) => user).filter((user) => user % 10 === seed % 10),
  )
  const watch = { progress: silentProgress, signal: undefined }
  const seen = await fitFoldIn(train, validation, true, seed, watch)
  const unseen = await fitFoldIn(rowsBut(train, strangers), rowsBut(validation, strangers), true, seed, watch)
  const known = rowsBut(
    test,
    new Set(Array.from({ length: users }, (_, user) => user).filter((u) => !strangers.has(u))),
  )
  const cells = [
    await score(rankerOf(seen.weights), test),
    await score(rankerOf(seen.weights), known),
    await score(rankerOf(unseen.weights), known),
    await score(popularityRanker(rowsBut(train, strangers)), known),
  ]
  console.log(
    `${String(seed).padEnd(6)}${String(seen.epochs).padEnd(8)}${cells.map((cell) => cell.padEnd(19)).join('')}`,
  )
}
console.log('(F1@10 / NDCG@10)')

async function score(ranker: Ranker, heldOut: CsrMatrix): Promise<string> {
  const { metrics } = await evaluate(ranker, train, { pairs: heldOut }, [10])
  return `${metrics['10'].f1.toFixed(4)} / ${metrics['10'].ndcg.toFixed(4)}`
}

/** Folds in each user's train rows. */
function rankerOf(weights: FoldInWeights): Ranker {
  return {
    topK: async (some, k, masked) => {
      const scores = new Float32Array(some.length * items)
      for (const [row, user] of some.entries()) {
        scores.set(foldIn(weights, rowOf(train, user)), row * items)
      }
      return topKOfScores(scores, some, k, masked)
    },
  }
}

/** The same matrix, the rows of some users empty. */
function rowsBut(matrix: CsrMatrix, left: ReadonlySet<number>): CsrMatrix {
  const rows: number[] = []
  const columns: number[] = []
  for (let user = 0; user < users; user++) {
    if (left.has(user)) continue
    for (const item of rowOf(matrix, user)) {
      rows.push(user)
      columns.push(item)
    }
  }
  return csrFromPairs(Uint32Array.from(rows), Uint32Array.from(columns), users, items)
}

/** `user_id,item_id`, both from 1, no quotes. */
function readPairs(name: string): CsrMatrix {
  const lines = readFileSync(join(folder, name), 'utf8').trim().split('\n').slice(1)
  const column = (n: number) => Uint32Array.from(lines, (line) => Number(line.split(',')[n]) - 1)
  return csrFromPairs(column(0), column(1), users, items)
}
