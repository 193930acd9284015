import { fnv1a32 } from './fnv1a32.ts'

/** Which version is served. This key and the next one change; every other belongs to a version and is written once. */
export const currentKey = 'current'

/** Which items no answer may hold, whatever version is served. */
export const hiddenKey = 'hidden'

const prefix = (versionId: string) => `v/${versionId}`

export const metaKey = (versionId: string) => `${prefix(versionId)}/meta`
export const popularKey = (versionId: string) => `${prefix(versionId)}/popular`
export const userBucketKey = (versionId: string, bucket: number) => `${prefix(versionId)}/b/${bucket}`
export const itemBucketKey = (versionId: string, bucket: number) => `${prefix(versionId)}/i/${bucket}`

export const foldInHeadKey = (versionId: string) => `${prefix(versionId)}/foldin`
export const foldInPartKey = (versionId: string, part: number) => `${prefix(versionId)}/foldin/${part}`

/** The bucket of a user or an item. `bucketCount` is a power of two, stated in the version's meta. */
export function bucketOf(id: string, bucketCount: number): number {
  return fnv1a32(id) % bucketCount
}

/** Every key of a version: what is deleted when it is superseded. */
export function versionKeys(version: {
  versionId: string
  userBucketCount: number
  itemBucketCount: number
  foldIn?: { parts: number } | undefined
}): string[] {
  const { versionId, foldIn } = version
  return [
    metaKey(versionId),
    popularKey(versionId),
    ...Array.from({ length: version.userBucketCount }, (_, n) => userBucketKey(versionId, n)),
    ...Array.from({ length: version.itemBucketCount }, (_, n) => itemBucketKey(versionId, n)),
    ...(foldIn === undefined ? [] : [foldInHeadKey(versionId)]),
    ...Array.from({ length: foldIn?.parts ?? 0 }, (_, n) => foldInPartKey(versionId, n)),
  ]
}
