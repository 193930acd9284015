import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../job/store/open-store.ts'
import { joinPlace, parseS3Uri, rememberPlace, resolvePlace, splitPlace } from '../../job/store/place.ts'

describe('places', () => {
  it('name a bucket and a prefix, with or without a slash at the end', () => {
    expect(parseS3Uri('s3://shop/a/b')).toEqual({ bucket: 'shop', prefix: 'a/b' })
    expect(parseS3Uri('S3://shop/a b?#%2F/')).toEqual({ bucket: 'shop', prefix: 'a b?#%2F' })
    for (const uri of ['s3://shop', 's3://shop/'])
      expect(parseS3Uri(uri)).toEqual({ bucket: 'shop', prefix: '' })
    expect(openStore('s3://shop/a/').uri).toBe('s3://shop/a')
  })

  it('are refused where no bucket is named, or a segment is none', () => {
    for (const uri of ['s3://', 's3:///a', 's3://shop//a', 's3://shop/a/../b', 's3://sh op/a'])
      expect(() => openStore(uri), uri).toThrow(/invalid place/)
  })

  it.each([
    ['s3://shop/run', 's3://shop/dataset', '../dataset'],
    ['s3://shop/day/run', 's3://shop', '../..'],
    ['s3://shop', 's3://shop/dataset', 'dataset'],
    ['s3://shop/run', 's3://other/dataset', 's3://other/dataset'],
    ['work/run', 's3://shop/dataset', 's3://shop/dataset'],
    ['work/run', 'work/dataset', '../dataset'],
  ])('seen from %s, %s is remembered as %s, and found again', (base, place, remembered) => {
    expect(rememberPlace(base, place)).toBe(remembered)
    expect(resolvePlace(base, remembered)).toBe(place.startsWith('s3:') ? place : resolve(place))
  })

  it('on this machine are remembered whole by what lies in a bucket', () => {
    expect(rememberPlace('s3://shop/run', '/data/shop')).toBe('file:///data/shop')
    expect(openStore(resolvePlace('s3://shop/run', 'file:///data/shop')).uri).toBe('/data/shop')
  })

  it('of files divide into folder and name', () => {
    expect(splitPlace('s3://shop/a/b.csv')).toEqual({ folder: 's3://shop/a', name: 'b.csv' })
    expect(splitPlace('s3://shop/b.csv')).toEqual({ folder: 's3://shop', name: 'b.csv' })
    expect(splitPlace('/a/b.csv')).toEqual({ folder: '/a', name: 'b.csv' })
  })

  it('join, on disk and in a bucket', () => {
    expect(joinPlace('s3://shop/a/', 'b.csv')).toBe('s3://shop/a/b.csv')
    expect(joinPlace('/a', 'b.csv')).toBe('/a/b.csv')
  })
})
