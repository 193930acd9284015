import { csvLine } from '../../data/csv-text.ts'
import type { Catalogue, ScoreBatch } from '../score-batch.ts'
import type { PartFormat } from './export-format.ts'

/** `user_id,rank,item_id,score`, a row an item, ranks from 1. */
export function csvParts(k: number): PartFormat {
  return textFormat('user_id,rank,item_id,score\n', ({ userId, items, scores }) => {
    let text = ''
    for (let n = 0; n < Math.min(k, items.length); n++) {
      text += csvLine([userId, String(n + 1), items[n], floatText(scores[n])])
    }
    return text
  })
}

/** `{"user_id": ..., "item_ids": [...], "scores": [...]}`, a line a user, best first. */
export function jsonLines(k: number): PartFormat {
  return textFormat('', ({ userId, items, scores }) => {
    const numbers = Array.from(scores.subarray(0, k), floatText).join(',')
    return `{"user_id":${JSON.stringify(userId)},"item_ids":${JSON.stringify(items.slice(0, k))},"scores":[${numbers}]}\n`
  })
}

interface TextList {
  userId: string
  items: string[]
  scores: Float32Array
}

/** Letters that are gathered before they are written. */
const pieceLength = 1 << 20

function textFormat(head: string, textOf: (list: TextList) => string): PartFormat {
  async function* pieces(batches: AsyncIterable<ScoreBatch>, { ids }: Catalogue): AsyncGenerator<Uint8Array> {
    let text = head
    for await (const { rows, userIds, offsets, items, scoreOffsets, scores } of batches) {
      for (let row = 0; row < rows; row++) {
        text += textOf({
          userId: userIds.at(row),
          items: Array.from(items.subarray(offsets[row], offsets[row + 1]), (item) => ids[item]),
          scores: scores.subarray(scoreOffsets[row], scoreOffsets[row + 1]),
        })
        if (text.length < pieceLength) continue
        yield Buffer.from(text)
        text = ''
      }
    }
    if (text !== '') yield Buffer.from(text)
  }
  return {
    write: (batches, catalogue, store, path) => store.put(path, pieces(batches, catalogue)),
    close: async () => {},
  }
}

/** The shortest text that reads back as the same float32: `0.7`, not `0.699999988079071`. */
export function floatText(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return String(short)
  }
  return String(Number(value.toPrecision(9)))
}
