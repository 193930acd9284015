import { once } from 'node:events'
import { join } from 'node:path'
import type { Command } from 'commander'
import { csvLine } from '../../data/csv-text.ts'
import { openDataset } from '../../data/dataset.ts'
import { importDataset } from '../../data/import/import-dataset.ts'
import { readKnownPairs } from '../../data/known-pairs.ts'
import { type PlantedShop, plantTastes } from '../../data/planted-tastes.ts'
import { openRun, type Run } from '../../data/run.ts'
import { wasmEngine } from '../../engine/wasm/wasm-engine.ts'
import { NightjarError, throwIfCancelled, UsageError } from '../../errors.ts'
import { evaluateBesidePopularity, type RunEvaluation } from '../../evaluate/beside-popularity.ts'
import { exportRun } from '../../export/export-run.ts'
import { partUsersMax } from '../../export/part-places.ts'
import { blendKind } from '../../models/blend.ts'
import { LocalKv } from '../../publish/local-kv.ts'
import { publishRun } from '../../publish/publish-run.ts'
import { pageUrl, recommendationsPath } from '../../serve/example-user.ts'
import { type LocalServer, startLocalServer, usualPort } from '../../serve/local-server.ts'
import { openStore } from '../../store/open-store.ts'
import { schemeOf } from '../../store/place.ts'
import type { Store } from '../../store/store.ts'
import { trainFoldIn } from '../../train/fold-in.ts'
import { presetOptions, type TrainOptions } from '../../train/train-options.ts'
import { trainRun } from '../../train/train-run.ts'
import { openTrainedModel } from '../../train/trained-model.ts'
import { action, type CommandContext, command, wholeNumber } from '../command.ts'
import { formatDuration } from '../phase.ts'

interface DemoFlags {
  out: string
  port?: number
  exit?: boolean
}

/** Small enough for a minute on any machine, large enough that tastes must be learned. */
const shopSize = { users: 2000, itemsPerTaste: 60, itemsPerUser: 30 }
/** As `train` does it by itself, but for the sizes: a shop so small needs no more, and nobody wants to wait. */
const demoSizes: Record<string, object> = {
  'user-autoencoder': { hidden: 64 },
  'item-autoencoder': { hidden: 64 },
  ials: { factors: 48 },
}
const demoTraining: TrainOptions = {
  ...presetOptions('best', blendKind),
  epochs: 60,
  parts: blendKind.defaults.parts.map((part) => ({
    ...part,
    options: demoSizes[part.model] ?? {},
  })),
}

export function demoCommand(): Command {
  return command(
    'demo',
    'the whole way on a made-up shop, in less than a minute, and a URL to try',
    'nightjar demo\nnightjar demo --exit',
  )
    .option('-o, --out <folder>', 'where the shop, its dataset and its run are written', 'work/demo')
    .option('--port <n>', 'port on 127.0.0.1 (default: 8787, or a free one)', wholeNumber('port', 0, 65535))
    .option('--exit', 'stop after the first request was answered')
    .action(
      action(async (context, flags: DemoFlags) => {
        const { clock, progress, signal } = context
        const began = clock.elapsedMs()
        if (schemeOf(flags.out) !== undefined)
          throw new UsageError(`${flags.out}: the demo wants a local folder, for it also serves from there`)
        const store = openStore(flags.out)
        const stateFolder = join(flags.out, 'state')
        const shop = plantTastes(shopSize, 1)
        await writeShop(store, shop)
        progress.note(
          `shop       ${shop.users.length} made-up customers with two tastes each, ${shop.items.length} items`,
        )
        const { run, evaluated } = await makeRun(context, flags.out)
        const target = new LocalKv(stateFolder)
        try {
          const dataset = await run.openDataset()
          await publishRun(run, dataset, target, { clock, progress, signal })
        } finally {
          await target.close()
        }
        throwIfCancelled(signal)
        const server = await startLocalServer({
          ...(flags.port === undefined ? {} : { port: flags.port }),
          state: stateFolder,
        })
        try {
          if (flags.port === undefined && server.port !== usualPort)
            progress.note(`port ${usualPort} is taken; this is ${server.port}`)
          const answer = await ask(server, shop.users[0].id)
          const elapsedMs = clock.elapsedMs() - began
          context.result(
            {
              ...answer,
              elapsedMs,
              metrics: evaluated.model.metrics,
              popularity: evaluated.popularity.metrics,
            },
            () => describe(shop, answer, evaluated, elapsedMs, flags),
          )
          if (!flags.exit) await once(signal, 'abort')
        } finally {
          await server.close()
        }
      }),
    )
}

/** Import, train, evaluate and export, as the commands of these names do it. */
async function makeRun(
  { clock, progress, signal }: CommandContext,
  folder: string,
): Promise<{ run: Run; evaluated: RunEvaluation }> {
  const datasetStore = openStore(join(folder, 'dataset'))
  for (const { key } of await datasetStore.list()) await datasetStore.delete(key)
  await importDataset({
    sources: [join(folder, 'train.csv')],
    items: join(folder, 'items.csv'),
    out: datasetStore,
    columns: {},
    hasHeader: true,
    append: false,
    ifNew: false,
    maxRejects: { count: 0 },
    clock,
    progress,
    signal,
  })
  const dataset = await openDataset(datasetStore)
  const common = { engine: wasmEngine, clock, progress, signal }
  const trained = await trainRun({
    ...common,
    dataset,
    store: openStore(join(folder, 'run')),
    options: demoTraining,
    resume: false,
    overwrite: true,
  })
  const complete = await trainFoldIn(trained, { dataset, clock, progress, signal })
  const test = await readKnownPairs(join(folder, 'test.csv'), dataset, dataset.extent, signal)
  const { model, fitted } = await openTrainedModel(trained, dataset, wasmEngine)
  const known = await trained.known(dataset)
  const ks = [1, 5, 10]
  const evaluated = await evaluateBesidePopularity(model, fitted, known, test, ks, progress, signal)
  model.close()
  await exportRun({ ...common, run: complete, k: 50, includeSeen: false, partUsers: partUsersMax })
  return { run: await openRun(trained.store), evaluated }
}

async function writeShop(store: Store, shop: PlantedShop): Promise<void> {
  const csv = (rows: string[][]) => new TextEncoder().encode(rows.map(csvLine).join(''))
  const pairs = (rows: PlantedShop['train']) =>
    csv([['user_id', 'item_id'], ...rows.map(({ userId, itemId }) => [userId, itemId])])
  await store.put('train.csv', pairs(shop.train))
  await store.put('test.csv', pairs(shop.test))
  const items = shop.items.map(({ id, title, category }) => [id, title, category])
  await store.put('items.csv', csv([['item_id', 'title', 'category'], ...items]))
}

interface Answer {
  url: string
  /** The same in a browser, with all else. */
  page: string
  userId: string
  items: { id: string; title?: string }[]
}

/** The demo's own request, over HTTP like anybody's. */
async function ask(server: LocalServer, userId: string): Promise<Answer> {
  const url = `${server.url}${recommendationsPath(userId)}`
  const response = await fetch(url)
  const body = (await response.json()) as { source?: string; items?: Answer['items'] }
  if (response.ok && body.source === 'personal' && body.items !== undefined) {
    return { url, page: pageUrl(server.url, userId), userId, items: body.items }
  }
  throw new NightjarError('DEMO_ANSWER', {
    what: `${url} answered ${response.status} with ${JSON.stringify(body).slice(0, 200)}`,
    why: 'the published lists did not reach the worker',
    fix: 'nightjar demo again; if it fails again, this is a bug',
  })
}

function describe(
  shop: PlantedShop,
  answer: Answer,
  { model, popularity }: RunEvaluation,
  elapsedMs: number,
  flags: DemoFlags,
): string {
  const items = new Map(shop.items.map((item) => [item.id, item]))
  const user = shop.users[0]
  const show = (ids: string[]) =>
    ids.map((id) => `    ${items.get(id)?.title ?? id}`.padEnd(36) + (items.get(id)?.category ?? ''))
  const history = shop.train.filter(({ userId }) => userId === user.id).map(({ itemId }) => itemId)
  const inTaste = answer.items.filter(({ id }) => user.tastes.includes(items.get(id)?.category ?? '')).length
  const ndcg = [model, popularity].map((e) => e.metrics['10'].ndcg.toFixed(3))
  return [
    '',
    `${user.id} likes ${user.tastes.join(' and ')} (that was planted; the model was not told).`,
    '',
    `  some of what they have (${history.length}):`,
    ...show(history.slice(0, 6)),
    '',
    `  recommended, ${inTaste} of ${answer.items.length} in their tastes:`,
    ...show(answer.items.map(({ id }) => id)),
    '',
    `On test rows, which nothing was trained or chosen on: NDCG@10 ${ndcg[0]}, popularity ${ndcg[1]}.`,
    `All of it took ${formatDuration(elapsedMs)}.`,
    '',
    flags.exit
      ? `Asked of ${answer.url}\nIt has stopped; once more: nightjar serve --at local:${join(flags.out, 'state')}`
      : `In a browser:  ${answer.page}\nBy a program:  curl ${answer.url}\nCtrl-C stops it.`,
  ].join('\n')
}
