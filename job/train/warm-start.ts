import { type CsrMatrix, csrFromPairs, rowOf } from '../data/csr-matrix.ts'
import type { Dataset, DatasetExtent } from '../data/dataset.ts'
import type { Run } from '../data/run.ts'
import { NightjarError } from '../errors.ts'
import type { FitState, ModelKind } from '../models/model.ts'
import { readSafetensors } from './safetensors.ts'
import { checkWeights } from './trained-model.ts'

/** An earlier run whose weights a training begins with. */
export interface EarlierRun {
  run: Run
  /** What it was trained on: its ids say which row is whose. */
  dataset: Dataset
}

/** What a run's manifest tells of it. */
export interface WarmStartFacts {
  versionId: string
  /** Users and items that the earlier run knew. */
  users: number
  items: number
}

/** An earlier run's weights, ready to be copied into a fresh state. */
export class WarmStart {
  readonly facts: WarmStartFacts
  /** sha256 of the weights. */
  readonly digest: string
  /**
   * The rows that the earlier run knew, by the new indexes, `[users, items]`. To choose the epoch on one of them
   * would be to ask the weights for what they were fitted on.
   */
  readonly seen: CsrMatrix
  readonly #kind: ModelKind
  readonly #place: string
  readonly #tensors: Awaited<ReturnType<typeof readSafetensors>>['tensors']
  /** Per axis, by the new index: the earlier one, or -1. */
  readonly #earlier: Record<'users' | 'items', Int32Array>

  private constructor(
    { run }: EarlierRun,
    kind: ModelKind,
    tensors: Awaited<ReturnType<typeof readSafetensors>>['tensors'],
    earlier: Record<'users' | 'items', Int32Array>,
    seen: CsrMatrix,
  ) {
    const known = (indexes: Int32Array) => indexes.reduce((sum, index) => sum + (index < 0 ? 0 : 1), 0)
    this.facts = {
      versionId: run.manifest.versionId,
      users: known(earlier.users),
      items: known(earlier.items),
    }
    this.digest = run.manifest.weights.sha256
    this.#kind = kind
    this.#place = run.store.uri
    this.#tensors = tensors
    this.#earlier = earlier
    this.seen = seen
  }

  /**
   * Users and items are matched by their original ids, so the earlier dataset may be another one.
   *
   * @throws NightjarError WARM_START_MODEL where the model begins with no earlier weights, or not with such ones;
   *   WEIGHTS_DIGEST, SAFETENSORS where the weights are damaged
   */
  static async open(
    earlier: EarlierRun,
    kind: ModelKind,
    dataset: Dataset,
    extent: DatasetExtent,
  ): Promise<WarmStart> {
    const { run } = earlier
    if (kind.axisOf === undefined || run.manifest.model !== kind.name) throw otherModel(run, kind)
    await checkWeights(run)
    const { tensors } = await readSafetensors(run.store, run.manifest.weights.path)
    const indexes = {
      users: matched(await dataset.userIds(extent), await earlier.dataset.userIds(run.extent)),
      items: matched((await dataset.items(extent)).ids, (await earlier.dataset.items(run.extent)).ids),
    }
    return new WarmStart(
      earlier,
      kind,
      tensors,
      indexes,
      reindexed(await run.known(earlier.dataset), indexes),
    )
  }

  /**
   * The rows of users and items that the earlier run knew are copied into `fresh`, and what has no rows of them whole.
   * What an optimizer remembers stays as it is: nothing.
   *
   * @throws NightjarError WARM_START_SHAPE where the earlier model has other parts, or other hidden units
   */
  copyInto(fresh: FitState): FitState {
    for (const name of new Set([...Object.keys(fresh.weights), ...this.#tensors.keys()]))
      this.#copy(name, fresh)
    return fresh
  }

  #copy(name: string, fresh: FitState): void {
    const to = fresh.weights[name]
    const from = this.#tensors.get(name)
    const axis = this.#kind.axisOf?.(name)
    const width = (shape: readonly number[]) => shape.slice(axis === undefined ? 0 : 1).join()
    if (from === undefined || to === undefined || width(from.shape) !== width(to.shape)) {
      const shape = (of: { shape: readonly number[] } | undefined) =>
        of === undefined ? 'no such part' : `[${of.shape.join(', ')}]`
      throw new NightjarError('WARM_START_SHAPE', {
        what: `${this.#place}: "${name}" has ${shape(from)}, this model wants ${shape(to)}`,
        why: 'the earlier run has other parts, or another number of hidden units',
        fix: 'train with the same --hidden and options as that run, or leave --warm-start out',
      })
    }
    if (axis === undefined) {
      to.data.set(from.data)
      return
    }
    const length = to.shape.slice(1).reduce((product, n) => product * n, 1)
    this.#earlier[axis].forEach((earlier, index) => {
      if (earlier < 0) return
      to.data.set(from.data.subarray(earlier * length, (earlier + 1) * length), index * length)
    })
  }
}

function otherModel({ manifest }: Run, kind: ModelKind): NightjarError {
  const begins = kind.axisOf !== undefined
  return new NightjarError('WARM_START_MODEL', {
    what: begins
      ? `${manifest.versionId} is of the model ${manifest.model}, this training of ${kind.name}`
      : `${kind.name} begins with no earlier weights`,
    why: begins
      ? "another model's weights mean something else"
      : 'it is quick from the start, or a closed form, or made of such models; jca and its like can',
    fix: `leave --warm-start out${begins ? `, or train with --model ${manifest.model}` : ''}`,
  })
}

/** An earlier run's matrix by the new indexes, as far as there are such. */
function reindexed(matrix: CsrMatrix, { users, items }: Record<'users' | 'items', Int32Array>): CsrMatrix {
  const newItem = new Int32Array(matrix.columnCount).fill(-1)
  items.forEach((earlier, index) => {
    if (earlier >= 0) newItem[earlier] = index
  })
  const rows: number[] = []
  const columns: number[] = []
  users.forEach((earlier, user) => {
    if (earlier < 0) return
    for (const item of rowOf(matrix, earlier)) {
      if (newItem[item] < 0) continue
      rows.push(user)
      columns.push(newItem[item])
    }
  })
  return csrFromPairs(Uint32Array.from(rows), Uint32Array.from(columns), users.length, items.length)
}

/** For each id its index among the earlier ones, or -1. Nobody has the id '': it stands for a forgotten one. */
function matched(ids: readonly string[], earlier: readonly string[]): Int32Array {
  const indexes = new Map(earlier.map((id, index) => [id, index]))
  return Int32Array.from(ids, (id) => (id === '' ? -1 : (indexes.get(id) ?? -1)))
}
