import {
  type Data,
  DataType,
  type Dictionary,
  type Float32,
  type List,
  type RecordBatch,
  type Schema,
  type Utf8,
  type Vector,
} from 'apache-arrow'
import { TextColumn, textsOf } from '../data/text-column.ts'

/** An item, as people know it; the title is left out where there is none. */
export interface NamedItem {
  itemId: string
  title?: string
}

/** The lists of one record batch, as the file's own arrays where its dictionary is the catalogue. */
export interface ScoreBatch {
  rows: number
  userIds: TextColumn
  /** `[rows + 1]` into `items` */
  offsets: Int32Array
  /** Catalogue indexes. */
  items: Uint32Array
  /** `[rows + 1]` into `scores`; the same as `offsets` in a sound file */
  scoreOffsets: Int32Array
  scores: Float32Array
  /** Values that are null, at any depth. */
  nulls: number
}

/** Whether a file has the columns of a score file. */
export function isScoreSchema(schema: Schema): boolean {
  const typeOf = (name: string) => schema.fields.find((field) => field.name === name)?.type
  const elementOf = (name: string) => {
    const type = typeOf(name)
    return type !== undefined && DataType.isList(type) ? type.children[0].type : undefined
  }
  const items = elementOf('item_ids')
  const scores = elementOf('scores')
  return (
    DataType.isUtf8(typeOf('user_id')) &&
    DataType.isDictionary(items) &&
    DataType.isUtf8(items.dictionary) &&
    DataType.isInt(items.indices) &&
    items.indices.bitWidth <= 32 &&
    DataType.isFloat(scores) &&
    scores.ArrayType === Float32Array
  )
}

/** A batch's lists. Nothing is copied but item indexes that mean something else in the catalogue. */
export function scoreBatch(batch: RecordBatch, catalogue: Catalogue): ScoreBatch {
  const userIds = batch.getChild('user_id')?.data[0] as Data<Utf8>
  const itemLists = batch.getChild('item_ids')?.data[0] as Data<List<Dictionary<Utf8>>>
  const scoreLists = batch.getChild('scores')?.data[0] as Data<List<Float32>>
  const keys = itemLists.children[0]
  const scores = scoreLists.children[0]
  return {
    rows: batch.numRows,
    userIds: new TextColumn(userIds),
    offsets: itemLists.valueOffsets,
    items: catalogue.indexesOf(keys.values, keys.dictionary as Vector<Utf8>),
    scoreOffsets: scoreLists.valueOffsets,
    scores: scores.values,
    nulls: [userIds, itemLists, keys, scoreLists, scores].reduce((sum, { nullCount }) => sum + nullCount, 0),
  }
}

/** Items by index: those of the dataset, then what files name beside them. */
export class Catalogue {
  /** Items of the dataset, or without one undefined: then any item is as good as another. */
  readonly known: number | undefined
  readonly ids: string[]
  readonly titles: readonly string[] | undefined
  readonly #indexes: Map<string, number>
  #dictionary: Vector<Utf8> | undefined
  /** Catalogue index of each entry of `#dictionary`; undefined where they are the same. */
  #meaning: Uint32Array | undefined

  constructor(items?: { ids: string[]; titles?: readonly string[] }) {
    this.known = items?.ids.length
    this.ids = [...(items?.ids ?? [])]
    this.titles = items?.titles
    this.#indexes = new Map(this.ids.map((id, index) => [id, index]))
  }

  indexOf(itemId: string): number | undefined {
    return this.#indexes.get(itemId)
  }

  named(index: number): NamedItem {
    const title = this.titles?.[index]
    return { itemId: this.ids[index] ?? '', ...(title ? { title } : {}) }
  }

  indexesOf(keys: ArrayLike<number>, dictionary: Vector<Utf8>): Uint32Array {
    if (dictionary !== this.#dictionary) this.#learn(dictionary)
    const meaning = this.#meaning
    if (meaning !== undefined) return Uint32Array.from(keys, (key) => meaning[key])
    if (keys instanceof Int32Array) return new Uint32Array(keys.buffer, keys.byteOffset, keys.length)
    return keys instanceof Uint32Array ? keys : Uint32Array.from(keys)
  }

  #learn(dictionary: Vector<Utf8>): void {
    const meaning = Uint32Array.from(textsOf(dictionary), (id) => {
      const found = this.#indexes.get(id)
      if (found !== undefined) return found
      this.#indexes.set(id, this.ids.length)
      return this.ids.push(id) - 1
    })
    this.#dictionary = dictionary
    this.#meaning = meaning.every((index, key) => index === key) ? undefined : meaning
  }
}
