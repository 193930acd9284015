import { type CsrMatrix, rowOf, without } from '../data/csr-matrix.ts'
import type { Dataset } from '../data/dataset.ts'
import type { Run } from '../data/run.ts'
import type { Ranker } from '../engine/top-k.ts'
import { wasmEngine } from '../engine/wasm/wasm-engine.ts'
import { throwIfCancelled } from '../errors.ts'
import { forEachTopK } from '../evaluate/evaluate.ts'
import { type MetricsAtK, MetricsSum } from '../evaluate/metrics.ts'
import { type Interval, interval } from '../gate/bootstrap.ts'
import { looked } from '../gate/list-checks.ts'
import { usersOf } from '../gate/ndcg-by-user.ts'
import { popularityRanker } from '../models/popularity.ts'
import { openTrainedModel } from '../train/trained-model.ts'

/** NDCG@10 with its interval, and what else is measured where it was. */
export interface Measured {
  ndcg: number
  interval: Interval | undefined
  metrics: Partial<MetricsAtK>
}

/** How good a run is on the rows that its search was not shown. */
export interface HeldOutQuality {
  users: number
  pairs: number
  model: Measured
  popularity: Measured
  /** By how much the model is better, user by user; undefined where its lists of then are gone. */
  lead: { mean: number; interval: Interval | undefined } | undefined
}

/**
 * Measures a run on its held-out rows, beside popularity fitted without them.
 *
 * After a refit the weights have seen those rows, so they must not be asked: what the search measured before stands in the
 * manifest, with its standard error.
 *
 * @returns undefined where nothing was held out
 */
export async function measureHeldOut(
  run: Run,
  dataset: Dataset,
  signal?: AbortSignal,
): Promise<HeldOutQuality | undefined> {
  const heldOut = await run.holdout(dataset)
  if (heldOut.columns.length === 0) return undefined
  const fitted = without(await run.ratings(dataset), heldOut)
  const measure = (ranker: Ranker) => measured(ranker, fitted, heldOut, signal)
  const popularity = await measure(popularityRanker(fitted))
  const facts = { users: popularity.byUser.length, pairs: heldOut.columns.length, popularity }
  const found = searched(run)
  if (run.manifest.epochs.refit) return found && { ...facts, model: found, lead: undefined }
  const { model: ranker } = await openTrainedModel(run, dataset, wasmEngine)
  try {
    const model = await measure(ranker)
    const leads = model.byUser.map((value, n) => value - popularity.byUser[n])
    const mean = leads.reduce((sum, lead) => sum + lead, 0) / Math.max(1, leads.length)
    return { ...facts, model, lead: { mean, interval: interval(leads) } }
  } finally {
    ranker.close()
  }
}

async function measured(
  ranker: Ranker,
  fitted: CsrMatrix,
  heldOut: CsrMatrix,
  signal: AbortSignal | undefined,
): Promise<Measured & { byUser: Float64Array }> {
  const users = usersOf(heldOut)
  const sum = new MetricsSum(looked)
  const byUser: number[] = []
  const visit = (user: number, { items }: { items: Uint32Array }) => {
    const relevant = rowOf(heldOut, user)
    byUser.push(sum.add(items, (item) => relevant.includes(item), relevant.length).ndcg)
  }
  await forEachTopK(ranker, users, heldOut.columnCount, looked, fitted, visit, () => throwIfCancelled(signal))
  const values = Float64Array.from(byUser)
  const metrics = sum.mean()
  return { ndcg: metrics.ndcg, metrics, interval: interval(values), byUser: values }
}

/** What the search found of the epoch that it chose. */
export function searched({ manifest }: Pick<Run, 'manifest'>): Measured | undefined {
  const { curve, epochs, validation } = manifest
  const best = curve.find((point) => point.phase === 'search' && point.epoch === epochs.best)
  const ndcg = best?.ndcg10 ?? validation?.['ndcg@10']
  if (ndcg === undefined) return undefined
  const f1 = best?.f1At10 ?? validation?.['f1@10']
  return { ndcg, metrics: f1 === undefined ? {} : { f1 }, interval: normalInterval(ndcg, best?.ndcg10Error) }
}

/** 95 % of a normal distribution: over many users the bootstrap of a mean comes to the same. */
export function normalInterval(mean: number, error: number | undefined): Interval | undefined {
  return error === undefined ? undefined : { low: mean - 1.96 * error, high: mean + 1.96 * error }
}
