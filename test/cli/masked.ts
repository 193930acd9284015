/**
 * A screen without what differs from run to run: moments, how long it took, sizes of files, versions, and places in a
 * folder of the test.
 */
export function masked(screen: string, folder: string): string {
  return screen
    .replaceAll(folder, 'FOLDER')
    .replace(/\d{8}T\d{6}Z-[0-9a-f]{6}/g, 'VERSION')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'MOMENT')
    .replace(/\b[\d.]+ (bytes|[kM]B)\b/g, 'SIZE')
    .replace(/about \d+ (second|minute)s?/g, 'about DURATION')
    .replace(/never more than \d+ minutes/, 'never more than DURATION')
    .replace(/\b(\d+ min \d+|\d+(\.\d+)?) m?s\b/g, 'DURATION')
}
