import type { Clock } from '../clock.ts'
import type { ImportOptions } from '../data/import/import-options.ts'
import type { Engine } from '../engine/engine.ts'
import type { GateOptions } from '../gate/gate.ts'
import type { Progress } from '../progress.ts'
import type { KvTarget } from '../publish/kv-target.ts'
import type { LeaseHolder } from '../store/lease-holder.ts'
import type { TrainOptions } from '../train/train-options.ts'

/** Everything that a night is told. */
export interface NightOptions {
  /** The time that the night was planned for: it makes the night's id. */
  plannedAt: Date
  /** The dataset's place. */
  dataset: string
  /** Where nights are kept: each in a folder of its id. */
  runs: string
  /** Files, or folders of files, to import what is new of. */
  sources: readonly string[]
  /** How they are read. */
  reading: Omit<ImportOptions, 'sources' | 'out' | 'append' | 'ifNew' | 'clock' | 'progress' | 'signal'>
  train: TrainOptions
  /** Begin every training with the live version's weights. */
  warmStart: boolean
  /** Make lists for people whom the run does not know. */
  foldIn: boolean
  /** Items in a list. */
  k: number
  includeSeen: boolean
  gate: GateOptions
  target: KvTarget
  /** Versions that stay, and whether histories go along. */
  keep: number
  withHistories: boolean
  /** The live version's run, where it is none of the nights in `runs`. */
  liveRun?: string
  /** Asked once there is something to train. */
  openEngine: () => Promise<Engine>
  holder: LeaseHolder
  clock: Clock
  progress: Progress
  signal?: AbortSignal
}
