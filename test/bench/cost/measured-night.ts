import { readFileSync } from 'node:fs'

/** A whole night as `npm run bench:nights` measured it. */
interface MeasuredNight {
  users: number
  items: number
  rows: number
  bestEpoch: number
  wholeSeconds: number
  restSeconds: number
  kvKeys: number
  logBytes: number
  datasetBytes: number
  incomingBytes: number
  runBytes: { weights: number; foldIn: number; scores: number }
}

const nightFile = 'test/bench/results/nights-2026-11-26.json'
export const measuredNight: MeasuredNight = JSON.parse(readFileSync(nightFile, 'utf8'))

/** What of it is carried over to other sizes. */
export const wholeNight = {
  /** Import, files, gate's bookkeeping, publication: what is neither training nor lists. */
  restSecondsPerUser: measuredNight.restSeconds / measuredNight.users,
  datasetBytesPerRow: measuredNight.datasetBytes / measuredNight.rows,
  incomingBytesPerRow: measuredNight.incomingBytes / measuredNight.rows,
  scoreBytesPerUser: measuredNight.runBytes.scores / measuredNight.users,
}
