import { type CsrMatrix, csrFromPairs, union } from '../data/csr-matrix.ts'
import type { Dataset, DatasetExtent } from '../data/dataset.ts'
import { readRatings } from '../data/rating-matrix.ts'
import { newestMoment, rowRules } from '../data/row-rules.ts'
import type { Run } from '../data/run.ts'
import type { Engine } from '../engine/engine.ts'
import { NightjarError } from '../errors.ts'
import { decideGate } from '../gate/gate.ts'
import type { GateReport } from '../gate/gate-report.ts'
import { looked } from '../gate/list-checks.ts'
import { usersOf } from '../gate/ndcg-by-user.ts'
import { newRows } from '../gate/new-rows.ts'
import { drawHoldout } from '../train/holdout.ts'
import { checkOptions, flatten, type TrainOptions } from '../train/train-options.ts'
import { compare, type Evidence, exportedLists, freshLists, type Lists, popularLists } from './contest.ts'
import { openLive } from './live-version.ts'
import type { Night } from './night.ts'
import type { NightOptions } from './night-options.ts'
import type { LiveVersion, NightState } from './night-state.ts'
import { writeReducedDataset } from './reduced-dataset.ts'
import { trainOrResume } from './train-or-resume.ts'

/** Share of each user's rows that the common reduced set lacks. */
const reducedBy = 0.1

/** What the gate found, and the run that stood for tonight's configuration. */
export interface HeldGate {
  report: GateReport
  candidate: Run
}

/**
 * Holds the gate: tonight's configuration, trained without the rows that came after the live version, against the live
 * version's exported lists, on those rows. Where too few users have such rows, both configurations are trained on one
 * common reduced set.
 */
export async function holdGate(
  night: Night,
  dataset: Dataset,
  live: LiveVersion,
  engine: Engine,
): Promise<HeldGate> {
  const { gate } = night.options
  const { run, night: liveNight } = await openLive(live)
  const fresh = await rowsSince(run, dataset, night.options)
  const usersWithNewRows = fresh === undefined ? 0 : usersOf(fresh.evidence.heldOut).length
  const isEnough = fresh !== undefined && usersWithNewRows >= Math.max(1, gate.minUsers)
  const contenders = isEnough
    ? await onNewRows(night, run, fresh.dataset, fresh.evidence, engine)
    : await onReducedSet(night, run, liveOptions(run, liveNight), dataset, engine)
  const report = decideGate(
    {
      mode: isEnough ? 'new-rows' : 'common-reduced-set',
      liveVersion: live.versionId,
      usersWithNewRows,
      sameConfiguration: contenders.sameConfiguration,
      ...compare(contenders.evidence, contenders.live, contenders.candidate, contenders.popular),
      dataCutoff: {
        // In the same dataset the rows as they are now: whoever was forgotten since may have had the newest one.
        live: fresh === undefined ? run.manifest.dataCutoff : await newestOf(dataset, run.extent),
        candidate: await newestOf(dataset, dataset.extent),
      },
      itemIds: (await dataset.items()).ids.slice(0, contenders.evidence.heldOut.columnCount),
    },
    gate,
  )
  return { report, candidate: contenders.run }
}

async function newestOf(dataset: Dataset, extent: DatasetExtent): Promise<string> {
  const newest = await newestMoment(dataset, extent)
  return newest === undefined ? '' : new Date(newest).toISOString()
}

interface Contenders {
  evidence: Evidence
  live: Lists
  candidate: Lists
  popular: Lists
  run: Run
  sameConfiguration: boolean
}

/** What was imported since the live version was trained; undefined where the dataset is no longer the one that it knew. */
async function rowsSince(
  run: Run,
  dataset: Dataset,
  { includeSeen, train: { minWeight }, k }: NightOptions,
): Promise<{ dataset: Dataset; evidence: Evidence } | undefined> {
  try {
    await run.openDataset(dataset.store.uri)
  } catch (error) {
    if (error instanceof NightjarError && error.code === 'RUN_DATASET') return undefined
    throw error
  }
  const masked = includeSeen ? undefined : await knownToEither(run, dataset, minWeight)
  const heldOut = await newRows(dataset, run.extent, masked ?? nothing(run), minWeight)
  return { dataset, evidence: { heldOut, masked, k: placesOf(run, k) } }
}

/** What the live version knows, and what the candidate learns from besides, where it takes rows of a lower weight. */
async function knownToEither(live: Run, dataset: Dataset, minWeight: number | null): Promise<CsrMatrix> {
  const known = await live.known(dataset)
  if (minWeight === live.knownRules.minWeight) return known
  return union(known, await readRatings(dataset, live.extent, { since: null, minWeight }))
}

/** How many places of a list both have. */
function placesOf(live: Run, k: number): number {
  return Math.min(looked, k, live.manifest.scores?.k ?? looked)
}

function nothing(run: Run): CsrMatrix {
  return csrFromPairs(new Uint32Array(), new Uint32Array(), run.extent.users, run.extent.items)
}

async function onNewRows(
  night: Night,
  live: Run,
  dataset: Dataset,
  evidence: Evidence,
  engine: Engine,
): Promise<Contenders> {
  const { train, clock, progress, signal } = night.options
  // Cold, whatever the night does: there is no row at this extent that the live version has not seen.
  const run = await trainOrResume({
    dataset,
    extent: live.extent,
    store: night.storeBelow('candidate'),
    options: train,
    engine,
    clock,
    progress,
    ...(signal === undefined ? {} : { signal }),
  })
  return {
    evidence,
    live: await exportedLists(live, dataset, evidence),
    candidate: await freshLists(run, dataset, engine, evidence, signal),
    popular: await popularLists(run, dataset, evidence, signal),
    run,
    sameConfiguration: false,
  }
}

async function onReducedSet(
  night: Night,
  live: Run,
  liveTrain: TrainOptions,
  dataset: Dataset,
  engine: Engine,
): Promise<Contenders> {
  const { train, includeSeen, k, clock, progress, signal } = night.options
  const ratings = await readRatings(dataset, dataset.extent, await rowRules(dataset, dataset.extent, train))
  const heldOut = drawHoldout(ratings, reducedBy, train.seed)
  // Written again by a night that goes on after a kill: who was forgotten since must not be in it.
  const reduced = await writeReducedDataset(dataset, heldOut, night.storeBelow('reduced'))
  const trainOn = (name: string, options: TrainOptions) =>
    trainOrResume({
      dataset: reduced,
      store: night.storeBelow(name),
      options,
      engine,
      clock,
      progress,
      ...(signal === undefined ? {} : { signal }),
    })
  const run = await trainOn('candidate', train)
  const sameConfiguration = JSON.stringify(liveTrain) === JSON.stringify(flatten(checkOptions(train)))
  const again = sameConfiguration ? run : await trainOn('live-again', liveTrain)
  const masked = includeSeen ? undefined : union(await run.known(reduced), await again.known(reduced))
  const evidence = { heldOut, masked, k: placesOf(live, k) }
  const candidate = await freshLists(run, reduced, engine, evidence, signal)
  const liveLists = sameConfiguration ? candidate : await freshLists(again, reduced, engine, evidence, signal)
  night.tell(
    `the gate compares both configurations on a common reduced set, for too few users have new rows since ${live.manifest.versionId}`,
    { event: 'nightly.reduced', sameConfiguration },
  )
  const popular = await popularLists(run, reduced, evidence, signal)
  return { evidence, live: liveLists, candidate, popular, run, sameConfiguration }
}

/** What the live version's night was told; of a run that no night made, what its manifest tells. */
function liveOptions({ manifest }: Run, night: NightState | undefined): TrainOptions {
  const told = night?.configuration.train ?? { ...manifest.config, model: manifest.model }
  return flatten(checkOptions(told as TrainOptions))
}
