import { openRun, type Run, runManifestPath } from '../data/run.ts'
import { NightjarError } from '../errors.ts'
import { Checkpoints } from '../train/checkpoint.ts'
import { type TrainRunOptions, trainRun } from '../train/train-run.ts'

/** Trains a run, or goes on with one that a kill interrupted, or opens one that is finished. */
export async function trainOrResume(input: Omit<TrainRunOptions, 'resume' | 'overwrite'>): Promise<Run> {
  if ((await input.store.size(runManifestPath)) !== undefined) return openRun(input.store)
  const resume = await new Checkpoints(input.store).exists()
  try {
    return await trainRun({ ...input, resume, overwrite: false })
  } catch (error) {
    // Somebody was forgotten since the checkpoint: their rows must not go on in it.
    if (!(resume && error instanceof NightjarError && error.code === 'CHECKPOINT_OTHER')) throw error
    input.progress.note('the checkpoint is of other rows, so training begins anew')
    return trainRun({ ...input, resume: false, overwrite: true })
  }
}
