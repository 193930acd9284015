import type { Command } from 'commander'
import { byteText } from '../../byte-text.ts'
import { openRun } from '../../data/run.ts'
import { NightjarError } from '../../errors.ts'
import { reportInputOf } from '../../nightly/night-report.ts'
import { reportOf, reportPath } from '../../report/write-report.ts'
import { openStore } from '../../store/open-store.ts'
import { joinPlace, splitPlace } from '../../store/place.ts'
import { action, command } from '../command.ts'

interface ReportFlags {
  against?: string
  out?: string
  dataset?: string
}

export function reportCommand(): Command {
  return command(
    'report',
    'how a run went, as one HTML page: quality, curves, lists, options',
    'nightjar report work/run\nnightjar report work/run --against work/earlier-run --out report.html',
  )
    .argument('<run>', 'run folder, as `nightjar train` or `nightjar nightly` wrote it')
    .option('--against <run>', 'another run to compare with (default: of a night, the version that was live)')
    .option('-o, --out <file>', 'where to write it (default: RUN/report.html)')
    .option('--dataset <folder>', 'the dataset, if it was moved since training')
    .action(
      action(async ({ signal, progress, result }, place: string, flags: ReportFlags) => {
        const run = await openRun(openStore(place))
        const input = await reportInputOf(run, {
          ...flags,
          signal,
          note: (text) => progress.note(text),
        })
        const out = flags.out ?? joinPlace(place, reportPath)
        const { folder, name } = splitPlace(out)
        if (name === '' || out.endsWith('/')) {
          throw new NightjarError('REPORT_PLACE', {
            what: `${out} is a folder, not a file`,
            fix: `--out ${joinPlace(out, reportPath)}`,
          })
        }
        const page = await reportOf(input)
        const { bytes, sha256 } = await openStore(folder).put(name, new TextEncoder().encode(page))
        const { versionId } = run.manifest
        const against = input.against?.run.manifest.versionId ?? null
        result({ versionId, against, report: out, bytes, sha256 }, () =>
          [
            `report     ${out} (${byteText(bytes)})`,
            `of         ${versionId}${against === null ? '' : `, compared with ${against}`}`,
          ].join('\n'),
        )
      }),
    )
}
