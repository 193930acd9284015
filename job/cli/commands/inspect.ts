import type { Command } from 'commander'
import { exitCodes } from '../../errors.ts'
import { inspect } from '../../inspect/inspect.ts'
import { paintFor } from '../../inspect/screen/paint.ts'
import { action, command, EndWith } from '../command.ts'

interface InspectFlags {
  user?: string
  item?: string
  diff?: string
  sql?: string
  dataset?: string
}

export function inspectCommand(): Command {
  return command(
    'inspect',
    'say what a file or a folder is, show what is in it, and find what is wrong with it',
    [
      'nightjar inspect work/run/scores',
      'nightjar inspect work/run --user user-00007',
      'nightjar inspect work/run --diff work/run-before',
      "nightjar inspect work/run --sql 'select item_id, count(*) from scores",
      "  where rank <= 10 group by all'",
    ].join('\n'),
  )
    .argument(
      '<place>',
      'score files, a run or a folder of runs, a dataset, a checkpoint, any Arrow or Parquet',
    )
    .option('--user <id>', "a user's history and list")
    .option('--item <id>', 'who gets an item, and what goes with it')
    .option('--diff <other>', 'how the lists differ from other ones: older scores, or the run that has them')
    .option('--sql <query>', 'the answer of a query over the files')
    .option('--dataset <folder>', 'the dataset, if it was moved, or for score files without a run')
    .action(
      action(async ({ progress, signal, result }, place: string, flags: InspectFlags) => {
        const found = await inspect(place, flags, { progress, signal })
        result(found.data, () => found.screen(paintFor(process.stdout)))
        if (found.faults.length > 0) throw new EndWith(exitCodes.failed)
      }),
    )
}
