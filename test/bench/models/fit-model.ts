// Fits a model on one of the splits and prints what its lists are worth, to choose options by:
//
//   npm run bench:model -- --model ease --data DIR/ml-1m --option l2=200,500 [--option ...] [--epochs 1] [--every 5]
//     [--on validation|test] [--seed 1,2] [--threads 2] [--config configs/ml-1m/ease.json]
//
// Every combination of the values given is fitted in turn. For `validation` the model is fitted on train without the
// validation rows, which are then to be found; for `test` on the whole of train. What was fitted is masked. Options are
// chosen on validation alone. The clock covers fitting, not reading or ranking.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type CsrMatrix, without } from '../../../job/data/csr-matrix.ts'
import { wasmEngineOn } from '../../../job/engine/wasm/wasm-engine.ts'
import { evaluate } from '../../../job/evaluate/evaluate.ts'
import type { ModelKind } from '../../../job/models/model.ts'
import { modelKind } from '../../../job/models/model-kinds.ts'
import { readPairs } from '../bench-data.ts'

const { values: flags } = parseArgs({
  options: {
    model: { type: 'string' },
    data: { type: 'string' },
    config: { type: 'string' },
    option: { type: 'string', multiple: true, default: [] },
    epochs: { type: 'string' },
    every: { type: 'string' },
    on: { type: 'string', default: 'validation' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
  },
})
const config =
  flags.config === undefined
    ? { options: {} }
    : (JSON.parse(readFileSync(flags.config, 'utf8')) as { model?: string; options: object; epochs?: number })
const model = flags.model ?? ('model' in config ? config.model : undefined)
if (model === undefined || flags.data === undefined)
  throw new Error('want --model NAME (or --config) and --data DIR')
if (flags.on !== 'validation' && flags.on !== 'test') throw new Error('want --on validation or --on test')

const kind = kindNamed(model)
const { fitted, heldOut } = readSplit(flags.data, flags.on)
const threads = Number(flags.threads)
const epochs = Number(
  flags.epochs ??
    ('epochs' in config ? config.epochs : undefined) ??
    (kind.oneEpoch ? 1 : (kind.training?.epochs ?? 20)),
)
const every = Number(flags.every ?? epochs)

for (const chosen of combinations(flags.option)) {
  const options = kind.options.parse({ ...kind.defaults, ...config.options, ...chosen })
  for (const seed of flags.seed.split(',').map(Number)) await fitAndShow(options, chosen, seed)
}

async function fitAndShow(options: object, chosen: object, seed: number): Promise<void> {
  let seconds = 0
  const timed = async <T>(work: () => Promise<T>): Promise<T> => {
    const began = performance.now()
    const result = await work()
    seconds += (performance.now() - began) / 1000
    return result
  }
  const fitting = await timed(() =>
    kind.create({ options, ratings: fitted, seed, engine: wasmEngineOn(threads), threads }),
  )
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const loss = await timed(() => fitting.epoch(epoch, async () => {}))
    if (epoch % every !== 0 && epoch !== epochs) continue
    const began = performance.now()
    const { metrics } = await evaluate(fitting, fitted, { pairs: heldOut }, [1, 5, 10])
    const ranking = (performance.now() - began) / 1000
    const f1 = ['1', '5', '10'].map((k) => figure(metrics[k].f1)).join(' ')
    console.log(
      `${kind.name} ${JSON.stringify(chosen)} seed ${seed} epoch ${epoch}: ${flags.on} F1@1,5,10 ${f1} NDCG@10 ` +
        `${figure(metrics['10'].ndcg)}  loss ${loss.toPrecision(6)}  fit ${seconds.toFixed(1)} s, ranking ` +
        `${ranking.toFixed(1)} s, peak ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`,
    )
  }
  fitting.close()
}

function figure(value: number): string {
  return value.toFixed(4).replace(/^0/, '')
}

function kindNamed(name: string): ModelKind {
  const found = modelKind(name)
  if (found === undefined) throw new Error(`no model is called ${name}`)
  return found
}

/** What to fit on, and what to find. Both have the shape of the whole split. */
function readSplit(folder: string, on: 'validation' | 'test'): { fitted: CsrMatrix; heldOut: CsrMatrix } {
  const train = readPairs(join(folder, 'train.csv'))
  const sized = readPairs(join(folder, 'test.csv'))
  const shape = [
    Math.max(train.rowCount, sized.rowCount),
    Math.max(train.columnCount, sized.columnCount),
  ] as const
  const read = (name: string) => readPairs(join(folder, name), shape)
  if (on === 'test') return { fitted: read('train.csv'), heldOut: read('test.csv') }
  const heldOut = read('validation.csv')
  return { fitted: without(read('train.csv'), heldOut), heldOut }
}

/** `x=1,2` and `y=3` are two sets of options. Values are JSON, or else text. */
function combinations(given: readonly string[]): Record<string, unknown>[] {
  let sets: Record<string, unknown>[] = [{}]
  for (const option of given) {
    const [name, list] = option.split('=')
    const values = list.split(',').map((text) => {
      try {
        return JSON.parse(text) as unknown
      } catch {
        return text
      }
    })
    sets = sets.flatMap((set) => values.map((value) => ({ ...set, [name]: value })))
  }
  return sets
}
