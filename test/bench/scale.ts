// npm run bench:scale: how the parts of a night grow with a shop. What docs/cost.md reckons with is measured here.
//
//   npm run bench:scale -- [--sizes 10000,100000] [--threads N] [--out FILE]
//
// Made shops, seed 1: what counts for time is how many users, items and rows there are, not which. The first epoch, which
// compiles, is left out where there are several. JSON goes to test/bench/results/ unless --out says otherwise.
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { type CsrMatrix, csrFromPairs } from '../../job/data/csr-matrix.ts'
import { Random } from '../../job/data/random.ts'
import { FoldInEngine } from '../../job/engine/fold-in/fold-in-engine.ts'
import { initialState } from '../../job/engine/model-state.ts'
import { topKOfScores } from '../../job/engine/top-k.ts'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { blockModel } from '../../job/models/block-model.ts'
import { fullSweep } from '../../job/models/full-sweep.ts'
import { jcaSpec } from '../../job/models/jca.ts'
import { nightjarVersion } from '../../job/nightjar-version.ts'
import { fitEpochs } from '../../job/train/fit-epochs.ts'
import { medianOf } from './spread.ts'

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10000,30000,100000,300000,1000000' },
    threads: { type: 'string', default: String(availableParallelism()) },
    out: { type: 'string' },
  },
})
const threads = Number(values.threads)
const rankedUsers = 2048

/** One measurement. Seconds are of a whole epoch, or for one user where it says so. */
interface Measured {
  users: number
  items: number
  pairs: number
  hidden: number
  batchUsers: number
  batchItems: number
  steps: number
  epochSeconds: number
  epochs: number
  /** Scores and lists of 100, by the engine. */
  rankSecondsPerUser: number
  /** Processor time to pick 100 from scores that are there: what is left to the CPU where a GPU computes them. */
  selectSecondsPerUser: number
  foldInEpochSeconds: number | null
  /** The most memory that the process had so far. */
  peakGiB: number
}

const results: Measured[] = []
for (const users of values.sizes.split(',').map(Number)) {
  const items = Math.round(5000 * 2 ** Math.log10(users / 10_000))
  const ratings = madeShop(users, items)
  // As the default has it; and with large shops in sixteen groups of users, for Adam moves every weight in each step.
  const blocks = [[3200, 3200] as const, [Math.ceil(users / 16), items] as const].filter(([batchUsers], n) =>
    n === 0 ? users <= 100_000 : batchUsers > 3200,
  )
  // A million users and 160 hidden units need 4,107 MiB, and 32-bit WebAssembly has 4,096.
  for (const hidden of users < 1_000_000 ? [160] : [128, 64]) {
    for (const [batchUsers, batchItems] of blocks) {
      const measured = await measure(ratings, hidden, batchUsers, batchItems)
      results.push(measured)
      console.log(JSON.stringify(measured))
    }
  }
}

const { version, commit } = nightjarVersion()
const report = {
  nightjar: { version, commit },
  at: new Date().toISOString(),
  machine: {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    loadAfter: loadavg()[0],
  },
  threads,
  seed: 1,
  results,
}
const out =
  values.out ?? join('test/bench/results', `scale-${report.at.slice(0, 10)}-${commit ?? version}.json`)
mkdirSync(dirname(out), { recursive: true })
writeFileSync(out, `${JSON.stringify(report, null, 2)}\n`)
console.log(`kept in ${out}`)

async function measure(
  ratings: CsrMatrix,
  hidden: number,
  batchUsers: number,
  batchItems: number,
): Promise<Measured> {
  const { rowCount: users, columnCount: items } = ratings
  const spec = jcaSpec({ hidden, margin: 0.15, l2: 0.001, learningRate: 0.001 })
  const model = await wasmEngineOn(threads).create(spec, ratings, initialState(spec, users, items, 1))
  const sampler = fullSweep(batchUsers, batchItems)
  const epochs = users > 100_000 ? 2 : 6
  const times: number[] = []
  let last = performance.now()
  await fitEpochs({
    ...{ model: blockModel(model, ratings, sampler, 1), epochsDone: 0, epochs, resumeHint: '' },
    afterEpoch: async () => {
      times.push(performance.now() - last)
      last = performance.now()
      return false
    },
  })
  const began = performance.now()
  for (let user = 0; user < rankedUsers; user += 1024) {
    const some = Uint32Array.from({ length: 1024 }, (_, n) => user + n)
    await model.topK(some, 100, ratings)
  }
  const rankMs = performance.now() - began
  model.close()
  return {
    ...{ users, items, pairs: ratings.columns.length, hidden, batchUsers, batchItems },
    steps: sampler.blockCount(ratings),
    epochSeconds: medianOf(times.slice(1)) / 1000,
    epochs: times.length - 1,
    rankSecondsPerUser: rankMs / 1000 / rankedUsers,
    selectSecondsPerUser: selectTime(items),
    foldInEpochSeconds: await foldInEpoch(ratings),
    peakGiB: process.resourceUsage().maxRSS / 2 ** 20,
  }
}

function selectTime(items: number): number {
  const random = new Random(1)
  const some = Uint32Array.from({ length: 1024 }, (_, user) => user)
  const times = Array.from({ length: 5 }, () => {
    const scores = Float32Array.from({ length: some.length * items }, () => random.next())
    const began = process.cpuUsage()
    topKOfScores(scores, some, 100, undefined)
    const { user, system } = process.cpuUsage(began)
    return (user + system) / 1e6 / some.length
  })
  return medianOf(times)
}

/** Of the component for unknown people, with the options that a run has. */
async function foldInEpoch(ratings: CsrMatrix): Promise<number> {
  const options = { hidden: 160, unobserved: 0.2, dropout: 0.5, learningRate: 0.003, seed: 1 }
  const l2 = 1.7 * Math.sqrt(ratings.columns.length / ratings.columnCount)
  const engine = await FoldInEngine.create(ratings, { ...options, l2, batchUsers: 1000 }, 1)
  if (ratings.rowCount <= 100_000) await engine.epoch(1)
  const began = performance.now()
  await engine.epoch(2)
  return (performance.now() - began) / 1000
}

/** Thirty rows a user, at least five; a tenth of the items have a third of the rows. */
function madeShop(users: number, items: number): CsrMatrix {
  const random = new Random(1)
  const counts = Uint32Array.from({ length: users }, () => 5 + Math.floor(-25 * Math.log(1 - random.next())))
  const total = counts.reduce((sum, count) => sum + count, 0)
  const rows = new Uint32Array(total)
  for (let user = 0, filled = 0; user < users; user++) {
    rows.fill(user, filled, filled + counts[user])
    filled += counts[user]
  }
  const columns = new Uint32Array(total)
  for (let n = 0; n < total; n++) columns[n] = Math.floor(items * random.next() ** 2)
  return csrFromPairs(rows, columns, users, items)
}
