// What a warm start saves, and what it costs in quality.
//
//   NIGHTJAR_DATA=DATA npx tsx test/bench/warm-start.ts [ml-1m|games] [NIGHTS] [SEED ...]
//
// The splits' train.csv have no times, so a random 5 % of the rows stand for what comes late, in so many nights. The rest is
// imported first and trained on cold; then everything is trained on cold, and night by night from the weights of the night
// before, with the same seed. Test rows are scored once a run, at its end, and only where it was trained on everything. Of the held-out figures only cold ones compare with each other: a warm start
// chooses its epoch on rows that the first run has not seen.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../job/clock.ts'
import { openDataset } from '../../job/data/dataset.ts'
import { importDataset } from '../../job/data/import/import-dataset.ts'
import { readKnownPairs } from '../../job/data/known-pairs.ts'
import { Random } from '../../job/data/random.ts'
import type { Run } from '../../job/data/run.ts'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { evaluate } from '../../job/evaluate/evaluate.ts'
import { silentProgress } from '../../job/progress.ts'
import { openStore } from '../../job/store/open-store.ts'
import { defaultOptions } from '../../job/train/train-options.ts'
import { type TrainRunOptions, trainRun } from '../../job/train/train-run.ts'
import { openTrainedModel } from '../../job/train/trained-model.ts'

const [name = 'ml-1m', nights = '1', ...given] = process.argv.slice(2)
const data = join(process.env.NIGHTJAR_DATA ?? 'work/data', name)
const seeds = given.length > 0 ? given.map(Number) : [1, 2]
const newShare = 0.05
const engine = wasmEngineOn(1)
const folder = await mkdtemp(join(tmpdir(), 'nightjar-warm-start-'))
try {
  console.log('seed run    search epochs  best  seconds (search, refit)  held-out NDCG@10  test NDCG@10')
  for (const seed of seeds) await compare(seed)
} finally {
  await rm(folder, { recursive: true })
}

async function compare(seed: number): Promise<void> {
  const at = (name: string) => join(folder, `${seed}-${name}`)
  const files = Array.from({ length: 1 + Number(nights) }, (_, n) => at(`${n}.csv`))
  await divide(seed, files)
  const store = openStore(at('dataset'))
  for (const file of files) {
    await importDataset({
      ...{ sources: [file], out: store, columns: {}, hasHeader: true, append: true, ifNew: true },
      ...{ maxRejects: { share: 0 }, clock: systemClock, progress: silentProgress },
    })
  }
  const dataset = await openDataset(store)
  const test = await readKnownPairs(join(data, 'test.csv'), dataset, dataset.extent)
  const train = async (name: string, more: Partial<TrainRunOptions>) => {
    const run = await trainRun({
      ...{ dataset, store: openStore(at(name)), options: { ...defaultOptions, seed }, engine },
      ...{ resume: false, overwrite: false, clock: systemClock, progress: silentProgress },
      ...more,
    })
    console.log(`${String(seed).padEnd(4)} ${name.padEnd(7)} ${figures(run)}  ${await ndcgOn(run)}`)
    return run
  }
  // Figures of the first run are of its 95 % alone; users and items that came later are unknown to it.
  const ndcgOn = async (run: Run) => {
    if (run.extent.parts < dataset.extent.parts) return '-'
    const { model, fitted } = await openTrainedModel(run, dataset, engine)
    const { metrics } = await evaluate(model, fitted, test, [10], () => {})
    model.close()
    return metrics['10'].ndcg.toFixed(4)
  }
  // Every file is one part here, for none has a million rows.
  let run = await train('first', { extent: await extentOf(dataset, 1) })
  await train('cold', {})
  for (let night = 1; night < files.length; night++) {
    const extent = await extentOf(dataset, 1 + night)
    run = await train(`warm-${night}`, { extent, warmStart: { run, dataset } })
  }
}

function figures({ manifest }: Run): string {
  const { best, trained } = manifest.epochs
  const { searchMs, refitMs, evaluateMs } = manifest.timingsMs
  const seconds = [(searchMs ?? 0) + (evaluateMs ?? 0), refitMs ?? 0].map((ms) => (ms / 1000).toFixed(0))
  const heldOut = manifest.validation?.['ndcg@10']?.toFixed(4) ?? '-'
  return `${trained}  ${best}  ${seconds.join(', ')}  ${heldOut}`
}

/** The dataset as an import left it: indexes are numbered in the order of the rows. */
async function extentOf(dataset: Awaited<ReturnType<typeof openDataset>>, parts: number) {
  const extent = { ...dataset.extent, parts }
  let [users, items] = [0, 0]
  for await (const rows of dataset.interactions(extent)) {
    for (const user of rows.users) users = Math.max(users, user + 1)
    for (const item of rows.items) items = Math.max(items, item + 1)
  }
  return { users, items, parts }
}

/** Draws the rows that come late. */
async function divide(seed: number, files: string[]): Promise<void> {
  const [header, ...lines] = (await readFile(join(data, 'train.csv'), 'utf8')).trim().split('\n')
  const random = new Random(seed)
  const fileOf = lines.map(() => {
    const drawn = random.next() / newShare
    return drawn < 1 ? 1 + Math.floor(drawn * (files.length - 1)) : 0
  })
  for (const [n, file] of files.entries()) {
    await writeFile(file, `${[header, ...lines.filter((_, line) => fileOf[line] === n)].join('\n')}\n`)
  }
}
