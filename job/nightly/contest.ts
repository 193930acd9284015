import type { CsrMatrix } from '../data/csr-matrix.ts'
import { rowOf } from '../data/csr-matrix.ts'
import type { Dataset } from '../data/dataset.ts'
import type { Run } from '../data/run.ts'
import type { Engine } from '../engine/engine.ts'
import type { Ranker } from '../engine/top-k.ts'
import { throwIfCancelled } from '../errors.ts'
import { forEachTopK } from '../evaluate/evaluate.ts'
import type { Contest } from '../gate/gate.ts'
import { ListCounter, looked } from '../gate/list-checks.ts'
import { ndcgByUser, usersOf } from '../gate/ndcg-by-user.ts'
import { popularityRanker } from '../models/popularity.ts'
import { ScoreReader } from '../publish/score-lists.ts'
import { openTrainedModel } from '../train/trained-model.ts'

/** What two contenders are compared on, each under the same conditions. */
export interface Evidence {
  /** Pairs that neither has seen. `[users, items]` */
  heldOut: CsrMatrix
  /** What no list may hold; undefined where items are recommended again. `[users, items]` */
  masked: CsrMatrix | undefined
  /** How many of a list count: ten, or as many as the shorter lists of the two have. */
  k: number
}

/** The first k of each user in the evidence. */
export type Lists = ReadonlyMap<number, Uint32Array>

/** A version's lists as they were exported; what is masked is left out, and what stands behind it moves up. */
export async function exportedLists(
  run: Run,
  dataset: Dataset,
  { heldOut, masked, k }: Evidence,
): Promise<Lists> {
  const lists = new Map<number, Uint32Array>()
  const reader = new ScoreReader(
    run,
    await dataset.userIds(run.extent),
    (await dataset.items(run.extent)).ids,
  )
  await reader.forEach((user, items) => {
    if (rowOf(heldOut, user).length === 0) return
    const seen = masked && rowOf(masked, user)
    lists.set(user, items.filter((item) => !seen?.includes(item)).slice(0, k))
  })
  return lists
}

/** A run's lists, made now. */
export async function freshLists(
  run: Run,
  dataset: Dataset,
  engine: Engine,
  evidence: Evidence,
  signal: AbortSignal | undefined,
): Promise<Lists> {
  const { model } = await openTrainedModel(run, dataset, engine)
  try {
    return await listsOf(model, evidence, signal)
  } finally {
    model.close()
  }
}

/** The most popular items for everybody, of the rows that a run was trained on. */
export async function popularLists(
  run: Run,
  dataset: Dataset,
  evidence: Evidence,
  signal: AbortSignal | undefined,
): Promise<Lists> {
  return listsOf(popularityRanker(await run.ratings(dataset)), evidence, signal)
}

async function listsOf(
  ranker: Ranker,
  { heldOut, masked, k }: Evidence,
  signal: AbortSignal | undefined,
): Promise<Lists> {
  const lists = new Map<number, Uint32Array>()
  await forEachTopK(
    ranker,
    usersOf(heldOut),
    heldOut.columnCount,
    k,
    masked,
    (user, { items }) => lists.set(user, items.slice()),
    () => throwIfCancelled(signal),
  )
  return lists
}

/**
 * Measures both contenders' lists on the evidence.
 *
 * A live list that was exported with what the user has is short once that is masked; no more of the candidate's counts then.
 *
 * @param popular what everybody would get, for comparison
 */
export function compare(
  { heldOut, masked }: Omit<Evidence, 'k'>,
  live: Lists,
  candidate: Lists,
  popular: Lists,
): Pick<Contest, 'ndcg' | 'lists'> {
  const users = usersOf(heldOut)
  const listOf = (lists: Lists, user: number) => lists.get(user) ?? new Uint32Array()
  const ndcg = (lists: Lists) =>
    ndcgByUser(heldOut, users, (user) => listOf(lists, user).subarray(0, listOf(live, user).length), looked)
  const facts = (lists: Lists) => {
    const counter = new ListCounter(heldOut.columnCount, masked)
    for (const user of users) counter.add(user, listOf(lists, user))
    return counter.facts
  }
  return {
    ndcg: { live: ndcg(live), candidate: ndcg(candidate), popularity: ndcg(popular) },
    lists: { live: facts(live), candidate: facts(candidate) },
  }
}
