import { expect, it } from 'vitest'
import { titleOf } from './lane-view.ts'

it.each([
  ['/dev/sda', '/dev/sda'],
  ['\\\\.\\PhysicalDrive2', '\\\\.\\PhysicalDrive2'],
  ['/home/me/bench/drives/good.img', 'good.img'],
])('a title calls the target %s %s', (path, title) => {
  expect(titleOf({ path })).toBe(title)
})
