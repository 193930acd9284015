import type { CsrMatrix } from '../data/csr-matrix.ts'
import { rowOf } from '../data/csr-matrix.ts'
import type { Dataset } from '../data/dataset.ts'
import type { Run } from '../data/run.ts'
import type { Engine } from '../engine/engine.ts'
import { throwIfCancelled } from '../errors.ts'
import { forEachTopK } from '../evaluate/evaluate.ts'
import type { Contest } from '../gate/gate.ts'
import { ListCounter, looked } from '../gate/list-checks.ts'
import { ndcgByUser, usersOf } from '../gate/ndcg-by-user.ts'
import { ScoreReader } from '../publish/score-lists.ts'
import { openTrainedModel } from '../train/trained-model.ts'

/** What two contenders are compared on. */
export interface Evidence {
  /** Pairs that neither has seen. `[users, items]` */
  heldOut: CsrMatrix
  /** What no list may hold; undefined where items are recommended again. `[users, items]` */
  masked: CsrMatrix | undefined
}

/** The first ten of each user in the evidence. */
export type Lists = ReadonlyMap<number, Uint32Array>

/** A version's lists as they were exported. */
export async function exportedLists(run: Run, dataset: Dataset, { heldOut }: Evidence): Promise<Lists> {
  const lists = new Map<number, Uint32Array>()
  const reader = new ScoreReader(
    run,
    await dataset.userIds(run.extent),
    (await dataset.items(run.extent)).ids,
  )
  await reader.forEach((user, items) => {
    if (rowOf(heldOut, user).length > 0) lists.set(user, items.slice(0, looked))
  })
  return lists
}

/** A run's lists, made now. */
export async function freshLists(
  run: Run,
  dataset: Dataset,
  engine: Engine,
  { heldOut, masked }: Evidence,
  signal: AbortSignal | undefined,
): Promise<Lists> {
  const { model } = await openTrainedModel(run, dataset, engine)
  const lists = new Map<number, Uint32Array>()
  try {
    await forEachTopK(
      model,
      usersOf(heldOut),
      heldOut.columnCount,
      looked,
      masked,
      (user, { items }) => lists.set(user, items.slice()),
      () => throwIfCancelled(signal),
    )
  } finally {
    model.close()
  }
  return lists
}

/** Measures both contenders' lists on the evidence. */
export function compare(
  { heldOut, masked }: Evidence,
  live: Lists,
  candidate: Lists,
): Pick<Contest, 'ndcg' | 'lists'> {
  const users = usersOf(heldOut)
  const measure = (lists: Lists) => {
    const listOf = (user: number) => lists.get(user) ?? new Uint32Array()
    const counter = new ListCounter(heldOut.columnCount, masked)
    for (const user of users) counter.add(user, listOf(user))
    return { ndcg: ndcgByUser(heldOut, users, listOf, looked), facts: counter.facts }
  }
  const [a, b] = [measure(live), measure(candidate)]
  return {
    ndcg: { live: a.ndcg, candidate: b.ndcg },
    lists: { live: a.facts, candidate: b.facts },
  }
}
