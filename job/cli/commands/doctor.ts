import type { Command } from 'commander'
import { examinationText } from '../../doctor/examination-text.ts'
import { examine } from '../../doctor/examine.ts'
import { exitCodes, throwIfCancelled } from '../../errors.ts'
import { action, command, EndWith } from '../command.ts'
import { configCheck } from '../config/config-check.ts'
import { probeAloud } from '../engine-options.ts'

export function doctorCommand(): Command {
  return command(
    'doctor',
    'what this machine has, what is missing, and the fix',
    'nightjar doctor\nnightjar doctor --gpu && nightjar train work/shop --out work/run --require-gpu',
  )
    .option('--gpu', 'look for GPUs, and fail where none works')
    .action(
      action(async (context, { gpu = false }: { gpu?: boolean }, self: Command) => {
        const { groups, ...found } = await examine(gpu, (backends) => probeAloud(backends, context))
        throwIfCancelled(context.signal)
        const { config } = self.optsWithGlobals<{ config?: string | false }>()
        const configuration = { title: 'Configuration', checks: [await configCheck(config)] }
        const examination = { groups: [...groups, configuration], ...found }
        context.result(examination, () => examinationText(examination))
        const isSound = configuration.checks.every(({ mark }) => mark !== 'missing')
        if (!examination.cpu || (gpu && !examination.gpu) || !isSound) throw new EndWith(exitCodes.failed)
      }),
    )
}
