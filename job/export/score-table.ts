import {
  Dictionary,
  Field,
  Float32,
  Int32,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow'
import type { TopK } from '../../shared/top-k.ts'

/** What lists were made from. It stands in the metadata of a score file's schema, so that a file can be told from a stale one. */
export interface ScoreOrigin {
  /** sha256 of the weights. */
  weights: string
  /** Digest of the dataset that the run was trained on. */
  dataset: string
}

const originKeys = { weights: 'nightjar.weights', dataset: 'nightjar.dataset' }

/** What a score file says that it was made from; undefined where it says nothing, as older ones. */
export function originOf({ metadata }: Schema): ScoreOrigin | undefined {
  const [weights, dataset] = [metadata.get(originKeys.weights), metadata.get(originKeys.dataset)]
  return weights === undefined || dataset === undefined ? undefined : { weights, dataset }
}

/**
 * Builds score tables: one row a user, `user_id: Utf8`, `item_ids: List<Dictionary<Int32, Utf8>>` and
 * `scores: List<Float32>`, both lists best first and of equal length. Nothing is null.
 *
 * The dictionary holds the whole catalogue by item index, so lists are written as the indexes they are.
 */
export class ScoreTableBuilder {
  readonly #itemIds: Vector<Utf8>
  readonly #schema: Schema

  constructor(itemIds: readonly string[], origin?: ScoreOrigin) {
    this.#itemIds = vectorFromArray(itemIds, new Utf8())
    // The id is given: apache-arrow would count up, and equal lists would be written as different bytes.
    const itemId = new Dictionary(new Utf8(), new Int32(), 0)
    this.#schema = new Schema(
      [
        new Field('user_id', new Utf8(), false),
        new Field('item_ids', new List(new Field('item', itemId, false)), false),
        new Field('scores', new List(new Field('item', new Float32(), false)), false),
      ],
      new Map(
        origin === undefined
          ? []
          : [
              [originKeys.weights, origin.weights],
              [originKeys.dataset, origin.dataset],
            ],
      ),
    )
  }

  /** A table of one batch. `lists` is matched with `userIds`. */
  build(userIds: readonly string[], lists: readonly TopK[]): Table {
    const offsets = new Int32Array(lists.length + 1)
    for (let row = 0; row < lists.length; row++) offsets[row + 1] = offsets[row] + lists[row].items.length
    const items = new Int32Array(offsets[lists.length])
    const scores = new Float32Array(offsets[lists.length])
    lists.forEach((list, row) => {
      items.set(list.items, offsets[row])
      scores.set(list.scores, offsets[row])
    })
    const [userField, itemsField, scoresField] = this.#schema.fields
    const listOf = (field: Field, child: ReturnType<typeof makeData>) =>
      makeData({ type: field.type as List, length: lists.length, nullCount: 0, valueOffsets: offsets, child })
    const struct = makeData({
      type: new Struct(this.#schema.fields),
      length: lists.length,
      nullCount: 0,
      children: [
        vectorFromArray(userIds, userField.type as Utf8).data[0],
        listOf(
          itemsField,
          makeData({
            type: (itemsField.type as List).children[0].type as Dictionary<Utf8, Int32>,
            length: items.length,
            nullCount: 0,
            data: items,
            dictionary: this.#itemIds,
          }),
        ),
        listOf(
          scoresField,
          makeData({ type: new Float32(), length: scores.length, nullCount: 0, data: scores }),
        ),
      ],
    })
    return new Table(this.#schema, [new RecordBatch(this.#schema, struct)])
  }
}
