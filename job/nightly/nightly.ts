import { byteText } from '../byte-text.ts'
import type { Dataset } from '../data/dataset.ts'
import { writeJsonFile } from '../data/json-file.ts'
import { openRun, type Run, runManifestPath } from '../data/run.ts'
import type { Engine } from '../engine/engine.ts'
import { NightjarError } from '../errors.ts'
import { exportRun } from '../export/export-run.ts'
import { partUsersMax } from '../export/part-places.ts'
import { checkLists } from '../gate/gate.ts'
import type { Refusal } from '../gate/gate-report.ts'
import { ListCounter } from '../gate/list-checks.ts'
import { commandAt } from '../publish/kv-target.ts'
import { publishRun } from '../publish/publish-run.ts'
import { ScoreReader } from '../publish/score-lists.ts'
import { acquireLease, type LeaseRecord } from '../store/lease.ts'
import { openStore } from '../store/open-store.ts'
import { joinPlace } from '../store/place.ts'
import { foldInFits, trainFoldIn } from '../train/fold-in.ts'
import { holdGate } from './hold-gate.ts'
import { importStep } from './import-new.ts'
import { earlierRun, findLive, openLive } from './live-version.ts'
import { Night } from './night.ts'
import { nightIdOf } from './night-id.ts'
import type { NightOptions } from './night-options.ts'
import { reportStep } from './night-report.ts'
import {
  checkConfiguration,
  configurationOf,
  type LiveVersion,
  type NightState,
  readNight,
} from './night-state.ts'
import { trainOrResume } from './train-or-resume.ts'

/** What became of a night: it ended (now or before), or another job is at it. */
export type NightResult =
  | { kind: 'ended'; before: boolean; state: NightState; place: string }
  | { kind: 'held'; nightId: string; heldBy: LeaseRecord }

/**
 * A night: import what is new, gate, train, export, publish. Each step that is done is remembered in `night.json`, so a
 * night that was killed goes on where it stood, and one that has ended does nothing; one lease a night makes sure that
 * one job is at it.
 *
 * @throws NightjarError NIGHT_OTHER where the night began with other options; LEASE_LOST; what its steps throw
 */
export async function runNight(options: NightOptions): Promise<NightResult> {
  const { plannedAt, runs, holder, clock, gate } = options
  const nightId = nightIdOf(plannedAt)
  const place = joinPlace(runs, nightId)
  const store = openStore(place)
  const ended = async (): Promise<NightResult | undefined> => {
    const state = await readNight(store)
    if (state?.outcome === undefined || (state.outcome.kind === 'refused' && gate.force)) return undefined
    return { kind: 'ended', before: true, state, place }
  }
  const before = await ended()
  if (before !== undefined) return before
  const { lease, heldBy } = await acquireLease(store, 'lease', holder, clock)
  if (lease === undefined) return { kind: 'held', nightId, heldBy }
  lease.keepRenewing()
  try {
    // Whoever had the lease may have ended the night since the first look.
    const since = await ended()
    if (since !== undefined) return since
    const night = await Night.open(options, place, lease, {
      format: 'nightjar-night',
      schemaVersion: 1,
      nightId,
      plannedAt: plannedAt.toISOString(),
      startedAt: clock.now().toISOString(),
      configuration: configurationOf(options),
    })
    checkConfiguration(night.state, options, place)
    await goOn(night)
    return { kind: 'ended', before: false, state: night.state, place }
  } finally {
    await lease.release()
  }
}

async function goOn(night: Night): Promise<void> {
  const { nightId, startedAt } = night.state
  const again = night.isResumed ? '; it goes on where it stood' : ''
  night.tell(`night ${nightId}, begun ${startedAt}${again}`, { event: 'nightly.start' })
  const dataset = await importStep(night)
  const live = await liveStep(night)
  if (live !== null && (await isUnchanged(night, live))) {
    await end(night, 'unchanged', `nothing was imported since ${live.versionId}, and nothing else is new`)
    return
  }
  const engine = await night.options.openEngine()
  if (live !== null && !(await gateStep(night, dataset, live, engine))) return
  const run = await trainStep(night, dataset, live, engine)
  await exportStep(night, run, engine)
  const listRefusals = await checkStep(night, dataset)
  await reportStep(night)
  if (!(await settleRefusals(night, listRefusals, () => ({})))) return
  await publishStep(night, dataset)
}

/** Settles which version this night is to be compared with. */
async function liveStep(night: Night): Promise<LiveVersion | null> {
  const { options, state } = night
  if (state.live !== undefined) return state.live
  const live = await findLive(night.target, options.runs, options.liveRun)
  await night.remember({ live })
  return live
}

/** Whether this night would only make the live version again. */
async function isUnchanged(night: Night, live: LiveVersion): Promise<boolean> {
  const { run, night: liveNight } = await openLive(live)
  return (
    run.manifest.dataset.digest === night.state.dataset?.digest &&
    liveNight?.dataset?.forgotten === night.state.dataset.forgotten &&
    JSON.stringify(liveNight?.configuration) === JSON.stringify(night.state.configuration)
  )
}

/** @returns whether the night goes on */
async function gateStep(night: Night, dataset: Dataset, live: LiveVersion, engine: Engine): Promise<boolean> {
  if (night.state.gate === undefined) {
    const { report, candidate } = await holdGate(night, dataset, live, engine)
    night.tell(
      `gate: ${report.passed ? 'passed' : 'refused'}, NDCG@10 ${report.ndcg10.candidate.toFixed(4)} against ${report.ndcg10.live.toFixed(4)} on ${report.users} users`,
      { event: 'nightly.gate', ...report },
    )
    const { epochs, validation, config, curve } = candidate.manifest
    // A blend's parts are chosen by the search as well.
    const chosen = 'parts' in config ? { parts: config.parts } : {}
    await night.remember({ gate: report, searched: { epochs: epochs.best, validation, chosen, curve } })
  }
  const { gate } = night.state
  return (
    gate === undefined || settleRefusals(night, gate.refusals, (forced) => ({ gate: { ...gate, forced } }))
  )
}

/** Refused lists end the night, unless it is forced; that is recorded. */
async function settleRefusals(
  night: Night,
  refusals: readonly Refusal[],
  record: (forced: boolean) => Partial<NightState>,
): Promise<boolean> {
  if (refusals.length === 0) return true
  const why = refusals.map(({ what }) => what).join('; ')
  if (night.options.gate.force) {
    night.tell(`--force overrules: ${why}`, { event: 'nightly.forced', refusals })
    await night.remember(record(true))
    return true
  }
  await end(night, 'refused', why)
  return false
}

/**
 * The run that is to be served: on all rows, for as many epochs as the candidate's search found best. A warm start needs
 * other epochs than the candidate, which began cold, so it searches for itself, on rows that the live version has not seen.
 */
async function trainStep(
  night: Night,
  dataset: Dataset,
  live: LiveVersion | null,
  engine: Engine,
): Promise<Run> {
  const { train, warmStart, foldIn, clock, progress, signal } = night.options
  const { searched } = night.state
  const earlier = warmStart && live !== null ? await earlierRun(night, live, dataset) : undefined
  const input = {
    dataset,
    store: night.store,
    versionId: night.state.nightId,
    engine,
    clock,
    progress,
    ...(signal === undefined ? {} : { signal }),
  }
  const cold = () =>
    trainOrResume({
      ...input,
      options:
        searched === undefined
          ? train
          : { ...train, ...searched.chosen, epochs: searched.epochs, holdout: 0, patience: 0 },
    })
  let run =
    earlier === undefined
      ? await cold()
      : await trainOrResume({ ...input, options: train, warmStart: earlier }).catch((error: unknown) => {
          if (!(error instanceof NightjarError && error.code === 'WARM_START_SEEN')) throw error
          night.tell(`no warm start: ${error.message}`, { event: 'nightly.cold' })
          return cold()
        })
  if (searched !== undefined && searched.validation !== null && run.manifest.validation === null) {
    // The refit has seen all rows, so what is known of its quality is what the search found.
    const { validation } = searched
    await writeJsonFile(night.store, runManifestPath, { ...run.manifest, validation })
    run = await openRun(night.store)
  }
  if (foldIn && foldInFits(run.extent.items) && run.manifest.foldIn === undefined) {
    run = await trainFoldIn(run, { dataset, clock, progress, ...(signal === undefined ? {} : { signal }) })
  }
  return run
}

async function exportStep(night: Night, run: Run, engine: Engine): Promise<void> {
  if (run.manifest.scores !== null) return
  const { options } = night
  await exportRun({
    run,
    datasetUri: options.dataset,
    engine,
    k: options.k,
    includeSeen: options.includeSeen,
    partUsers: partUsersMax,
    clock: options.clock,
    progress: options.progress,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
}

/** The list checks once more, on what is to be published. @returns what is wrong with it */
async function checkStep(night: Night, dataset: Dataset): Promise<Refusal[]> {
  const run = await openRun(night.store)
  const userIds = await dataset.userIds()
  const itemIds = (await dataset.items()).ids
  const known = night.options.includeSeen ? undefined : await run.known(dataset)
  const counter = new ListCounter(itemIds.length, known)
  await new ScoreReader(run, userIds, itemIds).forEach((user, items) => {
    counter.add(user, items)
  })
  const listRefusals = checkLists(counter.facts, itemIds)
  await night.remember({ listRefusals })
  return listRefusals
}

async function publishStep(night: Night, dataset: Dataset): Promise<void> {
  const { keep, withHistories, clock, progress, signal } = night.options
  const published = await publishRun(await openRun(night.store), dataset, night.target, {
    keep,
    withHistories,
    clock,
    progress,
    ...(signal === undefined ? {} : { signal }),
  })
  const { served, previous, keys, bytes, pinned } = published
  await night.remember({ published: { served, previous, keys, bytes } })
  if (served) await end(night, 'published', `${keys} keys, ${byteText(bytes)}, in ${night.target.name}`)
  else
    await end(
      night,
      'beside',
      `${pinned} is pinned and stays served; to let nights take over: ${commandAt(night.target, 'nightjar rollback --unpin')}`,
    )
}

async function end(
  night: Night,
  kind: NonNullable<NightState['outcome']>['kind'],
  why: string,
): Promise<void> {
  for (const name of ['candidate', 'live-again', 'reduced']) {
    const store = night.storeBelow(name)
    for (const { key } of await store.list()) await store.delete(key)
  }
  night.tell(`${kind}: ${why}`, {
    event: kind === 'refused' ? 'nightly.refused' : 'nightly.done',
    outcome: kind,
  })
  await night.remember({ outcome: { kind, endedAt: night.options.clock.now().toISOString(), why } })
}
