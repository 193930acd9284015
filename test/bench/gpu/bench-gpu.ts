// npm run bench:gpu: the tfjs engine on a GPU beside the wasm engine on the cores of the same machine.
//
//   npm run bench:gpu -- [--backend webgpu] [--parts checks,sets,large] [--threads 1,16] [--tiny] [--out FILE]
//
// Seeded. Real data where NIGHTJAR_DATA names it, as for `npm run bench`. `--tiny` is to try the script itself.
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import type { Engine } from '../../../job/engine/engine.ts'
import { type BackendName, openBackend } from '../../../job/engine/tfjs/open-backend.ts'
import { tfjsEngine } from '../../../job/engine/tfjs/tfjs-engine.ts'
import { wasmEngineOn } from '../../../job/engine/wasm/wasm-engine.ts'
import { nightjarVersion } from '../../../job/nightjar-version.ts'
import { benchData } from '../bench-data.ts'
import { checkEngine } from './checks.ts'
import { madeRatings, type Setting, timeEpochs, timeSteps, timeTopK } from './times.ts'

const { values } = parseArgs({
  options: {
    backend: { type: 'string', default: 'webgpu' },
    parts: { type: 'string', default: 'checks,sets,large' },
    threads: { type: 'string', default: [...new Set([1, availableParallelism()])].join(',') },
    tiny: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
})
const tiny = values.tiny
const parts = values.parts.split(',')
const opened = await openBackend(values.backend as BackendName)
const gpu = tfjsEngine(opened)
const wasms = values.threads.split(',').map((threads) => wasmEngineOn(Number(threads)))
const widest = wasms[wasms.length - 1]
const report: Record<string, unknown> = {
  nightjar: nightjarVersion(),
  at: new Date().toISOString(),
  machine: {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
    node: process.version,
    gpu: opened.device,
    isGpu: opened.gpu,
  },
  seed: 1,
  parts: [] as object[],
}

/** Every figure is kept as soon as it is there: the machine may be taken away. */
function keep(part: object): void {
  ;(report.parts as object[]).push(part)
  console.log(JSON.stringify(part))
  if (values.out === undefined) return
  mkdirSync(dirname(values.out), { recursive: true })
  writeFileSync(values.out, `${JSON.stringify(report, null, 2)}\n`)
}

const nameOf = (engine: Engine) =>
  engine.backend ? `tfjs on ${engine.backend}` : `wasm, ${engine.threads} threads`
const deviceBytes = (engine: Engine) =>
  engine === gpu
    ? { deviceBytes: (opened.tf.memory() as { numBytesAllocatedInGPU?: number }).numBytesAllocatedInGPU }
    : {}

/** Measures, or keeps why that failed: one engine's limit is no reason to lose the rest. */
async function measure(what: object, engine: Engine, work: () => Promise<object>): Promise<void> {
  try {
    keep({ ...what, engine: nameOf(engine), ...(await work()), ...deviceBytes(engine) })
  } catch (error) {
    keep({ ...what, engine: nameOf(engine), failed: (error as Error).message.split('\n')[0] })
  }
}

if (parts.includes('checks')) {
  // Small tensors would be computed on the CPU otherwise, and prove nothing.
  if (opened.name === 'webgpu') opened.tf.env().set('WEBGPU_CPU_FORWARD', false)
  const checks = await checkEngine(gpu, tiny)
  if (opened.name === 'webgpu') opened.tf.env().set('WEBGPU_CPU_FORWARD', true)
  keep({ part: 'checks', engine: nameOf(gpu), checks })
}

if (parts.includes('sets')) {
  const sets = tiny ? [{ name: 'tiny', ratings: madeRatings(300, 200, 10) }] : benchData()
  for (const { name, ratings } of sets) {
    for (const side of tiny ? [100] : [1500, 3200]) {
      const setting: Setting = { ratings, side, hidden: tiny ? 16 : 160 }
      const what = {
        set: name,
        users: ratings.rowCount,
        items: ratings.columnCount,
        pairs: ratings.columns.length,
        side,
      }
      for (const engine of [gpu, ...wasms]) {
        const timed = tiny ? 2 : engine.threads === 1 && engine !== gpu ? 3 : 8
        await measure({ part: 'epoch', ...what }, engine, () =>
          timeEpochs(engine, setting, { warm: 2, timed }),
        )
      }
      await measure({ part: 'steps', ...what }, gpu, () =>
        timeSteps(gpu, setting, { warm: 1, timed: tiny ? 2 : 15 }),
      )
      if (name.startsWith('ml-1m') || tiny) {
        const epochs = tiny ? 4 : 200
        for (const engine of [gpu, widest])
          await measure({ part: `${epochs} epochs`, ...what }, engine, () =>
            timeEpochs(engine, setting, { warm: 0, timed: epochs }),
          )
      }
    }
    for (const engine of [gpu, ...wasms]) {
      await measure({ part: 'top 100 of everybody', set: name }, engine, () =>
        timeTopK(engine, { ratings, side: 0, hidden: tiny ? 16 : 160 }),
      )
    }
  }
}

if (parts.includes('large')) {
  const sizes = tiny
    ? [{ users: 2000, items: 500, perUser: 10, hidden: 16 }]
    : [
        { users: 100_000, items: 20_000, perUser: 30, hidden: 160 },
        { users: 1_000_000, items: 20_000, perUser: 30, hidden: 128 },
      ]
  for (const { users, items, perUser, hidden } of sizes) {
    const ratings = madeRatings(users, items, perUser)
    const setting: Setting = { ratings, side: tiny ? 200 : 3200, hidden }
    const what = { part: 'large', users, items, pairs: ratings.columns.length, hidden, side: setting.side }
    for (const engine of [gpu, widest]) {
      await measure(what, engine, () => timeSteps(engine, setting, { warm: 2, timed: tiny ? 2 : 8 }))
      await measure({ ...what, part: 'large, top 100' }, engine, () =>
        timeTopK(engine, setting, tiny ? 1024 : 4096),
      )
    }
  }
}
process.exit(0)
