import { expect, test } from 'vitest'
import { openedBy } from './opened.ts'

test('artifacts, images and recipes of a command line are opened from the folder it was typed in', () => {
  expect(openedBy(['otabench', '.', 'a.mender', '/cards/b.img.xz', 'board.yaml'], '/home/me')).toEqual([
    { kind: 'files', paths: ['/home/me/a.mender', '/cards/b.img.xz', '/home/me/board.yaml'] },
  ])
})

test('links are followed when they lead somewhere, and are nothing otherwise', () => {
  expect(openedBy(['otabench', 'otabench://device/d1', 'otabench://delete/d1'], '/')).toEqual([
    { kind: 'link', link: 'otabench://device/d1' },
  ])
})

test('file managers may name a file by its address', () => {
  expect(openedBy(['otabench', 'file:///home/my%20one.mender'], '/')).toEqual([{ kind: 'files', paths: ['/home/my one.mender'] }])
  expect(openedBy(['otabench', 'file://nas/share/one.mender', 'file:///a%2Fb.mender', 'two.mender'], '/home')).toEqual([
    { kind: 'files', paths: ['/home/two.mender'] },
  ])
})

test('lists are opened too, and the page is told of files that nothing opens', () => {
  expect(openedBy(['otabench', 'order.csv', 'notes.txt'], '/home')).toEqual([
    { kind: 'files', paths: ['/home/order.csv', '/home/notes.txt'] },
  ])
})

test('the arguments of the app and of Chromium, and folders, are left alone', () => {
  expect(openedBy(['electron', '.', '--data', '/x/y.img', '--user-data-dir=/a.mender', '/work/ota-bench', '../bench'], '/')).toEqual([])
})
