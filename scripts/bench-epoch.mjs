// Times an epoch of training and the scoring of everybody, by number of threads:
//
//   npm run bench:epoch -- work/ml-1m [--block 1500] [--threads 1,2] [--json]
//
// The paper's model (hidden 160) on a dataset folder, seed 1; the numbers of threads take turns, three rounds, so that a
// machine that speeds up or slows down does so for all. Medians over the epochs but the first of each round.
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { openDataset } from '../dist/job/data/dataset.js'
import { readRatings } from '../dist/job/data/rating-matrix.js'
import { initialState } from '../dist/job/engine/model-state.js'
import { wasmEngineOn } from '../dist/job/engine/wasm/wasm-engine.js'
import { jcaSpec } from '../dist/job/models/jca.js'
import { nightjarVersion } from '../dist/job/nightjar-version.js'
import { openStore } from '../dist/job/store/open-store.js'
import { fitEpochs } from '../dist/job/train/fit-epochs.js'
import { fullSweep } from '../dist/job/train/full-sweep.js'

const rounds = 3
const epochs = 6

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    block: { type: 'string', default: '1500' },
    threads: { type: 'string', default: availableParallelism() > 1 ? '1,2' : '1' },
    json: { type: 'boolean', default: false },
  },
})
if (positionals.length !== 1) {
  console.error('usage: npm run bench:epoch -- DATASET [--block 1500] [--threads 1,2] [--json]')
  process.exit(2)
}
const ratings = await readRatings(await openDataset(openStore(positionals[0])))
const spec = jcaSpec({ hidden: 160, margin: 0.15, l2: 0.001, learningRate: 0.001 })
const block = Number(values.block)
const threadCounts = values.threads.split(',').map(Number)
const times = new Map(threadCounts.map((threads) => [threads, { epochMs: [], scoreMs: [] }]))

for (let round = 0; round < rounds; round++) {
  for (const threads of threadCounts) {
    const state = initialState(spec, ratings.rowCount, ratings.columnCount, 1)
    const model = await wasmEngineOn(threads).create(spec, ratings, state)
    const { epochMs, scoreMs } = times.get(threads)
    let last = performance.now()
    await fitEpochs({
      model,
      ratings,
      sampler: fullSweep(block, block),
      seed: 1,
      epochsDone: 0,
      epochs,
      resumeHint: 'a benchmark cannot be resumed',
      afterEpoch: async (epoch) => {
        const now = performance.now()
        if (epoch > 1) epochMs.push(now - last)
        last = now
        return false
      },
    })
    const began = performance.now()
    for (let user = 0; user < ratings.rowCount; user += 256) {
      await model.scores(
        Uint32Array.from({ length: Math.min(256, ratings.rowCount - user) }, (_, i) => user + i),
      )
    }
    scoreMs.push(performance.now() - began)
    model.close()
  }
}

const spread = (list) => {
  const sorted = [...list].sort((a, b) => a - b)
  return { min: sorted[0], median: sorted[sorted.length >> 1], max: sorted.at(-1) }
}
const result = {
  ...nightjarVersion(),
  machine: { cpu: cpus()[0]?.model, cores: availableParallelism(), node: process.version },
  data: { users: ratings.rowCount, items: ratings.columnCount, pairs: ratings.columns.length, block },
  byThreads: threadCounts.map((threads) => {
    const { epochMs, scoreMs } = times.get(threads)
    return { threads, epochMs: spread(epochMs), scoreMs: spread(scoreMs) }
  }),
}
if (values.json) {
  console.log(JSON.stringify(result, null, 2))
} else {
  const { machine, data } = result
  console.log(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, commit ${result.commit}`)
  console.log(
    `${data.users} users, ${data.items} items, ${data.pairs} pairs, blocks of ${block} x ${block}, hidden 160`,
  )
  console.log('threads   epoch ms (min-max)      all scores ms (min-max)')
  const show = ({ min, median, max }) => `${median.toFixed(0)} (${min.toFixed(0)}-${max.toFixed(0)})`
  for (const { threads, epochMs, scoreMs } of result.byThreads) {
    console.log(`${String(threads).padEnd(9)} ${show(epochMs).padEnd(23)} ${show(scoreMs)}`)
  }
  const [first, ...others] = result.byThreads
  for (const { threads, epochMs } of others) {
    const ratio = first.epochMs.median / epochMs.median
    console.log(`${threads} threads: ${ratio.toFixed(2)} times as fast as ${first.threads}`)
  }
}
