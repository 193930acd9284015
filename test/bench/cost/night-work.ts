import { defaultOptions } from '../../../job/train/train-options.ts'
import { assumed } from './assumptions.ts'
import { wholeNight } from './measured-night.ts'
import { measuredAt, shopOf } from './shop.ts'

/** Seconds of the parts of a night on two cores of the measuring machine. */
export interface NightWork {
  epochCount: number
  epochSeconds: number
  lookCount: number
  /** Everybody's list, once. */
  rankSeconds: number
  /** Of that, what the CPU does where a GPU computes the scores: picking the best. */
  selectSeconds: number
  /** Rankings beside the looks: the gate's lists, and the export. */
  listCount: number
  foldInEpochs: number
  foldInEpochSeconds: number
  /** Import, files, publication. */
  restSeconds: number
}

/** What a run trains the fold-in component for where no row is held out; a night holds out none. */
const foldInEpochs = 40

/**
 * A night that is not the first one: the gate's candidate searches and is refitted, then the run to be served is trained for
 * as many epochs; that is the best epoch three times, and the patience.
 */
export function nightWork(users: number, best: number = assumed.bestEpoch.value): NightWork {
  const measured = measuredAt(users)
  const searched = best + defaultOptions.patience
  return {
    epochCount: searched + best + best,
    epochSeconds: measured.epochSeconds,
    lookCount: Math.floor(searched / shopOf(users).evalEvery),
    rankSeconds: users * measured.rankSecondsPerUser,
    selectSeconds: users * measured.selectSecondsPerUser,
    listCount: 2,
    foldInEpochs,
    foldInEpochSeconds: measured.foldInEpochSeconds,
    restSeconds: wholeNight.restSecondsPerUser * users,
  }
}

/** On two cores of the measuring machine, all of it. */
export function reckonedSeconds(work: NightWork): number {
  return (
    work.epochCount * work.epochSeconds +
    (work.lookCount + work.listCount) * work.rankSeconds +
    work.foldInEpochs * work.foldInEpochSeconds +
    work.restSeconds
  )
}

/** @param timesFaster of a GPU's epochs and scores; undefined for the night without one */
export function nightHours(work: NightWork, timesFaster?: number): number {
  const slower = assumed.ec2Slower.value
  if (timesFaster === undefined) return (reckonedSeconds(work) * slower) / 3600
  const rankings = work.lookCount + work.listCount
  const onGpu = work.epochCount * work.epochSeconds + rankings * work.rankSeconds
  const onCpu = rankings * work.selectSeconds + work.foldInEpochs * work.foldInEpochSeconds + work.restSeconds
  return (onGpu / timesFaster + onCpu * slower) / 3600
}
