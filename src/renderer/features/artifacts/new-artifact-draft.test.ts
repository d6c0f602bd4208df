import { describe, expect, it } from 'vitest'
import { commandOf, type Draft, EMPTY_DRAFT, inputOf, problemsOf, refusedField, withFiles } from './new-artifact-draft.ts'

const draft = (more: Partial<Draft>): Draft => ({ ...EMPTY_DRAFT, ...more })
const filled = draft({ paths: '/desk/app.conf', destination: '/etc/app', name: 'conf-v1', deviceTypes: ['board'] })

describe('the draft of a new artifact', () => {
  it('is a sound input once it is filled in', () => {
    expect(problemsOf(filled)).toEqual({})
    expect(inputOf({ ...filled, provides: ' a:b:c \n\nd:' })).toMatchObject({ paths: ['/desk/app.conf'], provides: { a: 'b:c', d: '' } })
  })

  it('says by field what is missing or wrong', () => {
    expect(Object.keys(problemsOf(EMPTY_DRAFT)).toSorted()).toEqual(['destination', 'deviceTypes', 'name', 'paths'])
    expect(problemsOf({ ...filled, depends: 'no colon' })).toEqual({ depends: '"no colon" has no colon: write KEY:VALUE' })
    expect(problemsOf({ ...filled, scripts: 'relative' })).toEqual({ scripts: 'Give the whole path, from /' })
  })

  it('shows the command line from the first moment, with capitals for what is missing', () => {
    expect(commandOf(EMPTY_DRAFT, [])).toBe(
      'otabench artifact write single-file -n NAME -t TYPE --dest-dir FOLDER -f FILE --compression gzip --reproducible -o NAME.mender',
    )
  })

  it('asks for what the kind asks for, and forgets nothing of another kind that was filled in', () => {
    const docker = draft({ ...filled, kind: 'docker' })
    expect(problemsOf(docker)).toEqual({ containers: 'Name at least one image' })
    expect(inputOf({ ...docker, containers: 'a:1\nb:2' })).toMatchObject({ paths: [], destination: '', containers: ['a:1', 'b:2'] })
    expect(commandOf(docker, [])).toContain('write docker -n conf-v1 -t board --image IMAGE ')
    expect(commandOf(draft({ kind: 'docker-compose' }), [])).toContain('--project-name PROJECT --images-dir IMAGES -f FOLDER')
    expect(inputOf({ ...docker, kind: 'single-file' })).toEqual(inputOf(filled))
    expect(problemsOf(draft({ kind: 'bootstrap-artifact', name: 'b', deviceTypes: ['x'], softwareName: 'n' }))).toEqual({
      softwareName: 'A bootstrap artifact has none',
    })
  })

  it('takes one file in place of the last, several one after the other, and the kind that the first ones look like', () => {
    expect(withFiles(filled, ['/desk/other.conf', '/desk/third']).paths).toBe('/desk/other.conf')
    expect(withFiles(draft({ kind: 'script', paths: '/a.sh' }), ['/b.sh', '/a.sh']).paths).toBe('/a.sh\n/b.sh')
    expect(withFiles(filled, [])).toBe(filled)
    expect(withFiles(draft({}), ['/a.deb', '/b.deb'])).toMatchObject({ kind: 'deb', paths: '/a.deb\n/b.deb' })
    expect(withFiles(draft({}), ['/os.ext4']).kind).toBe('rootfs-image')
    expect(withFiles(draft({ kind: 'module-image' }), ['/os.ext4']).kind).toBe('module-image')
    expect(withFiles(filled, ['/os.ext4']).kind).toBe('single-file')
  })
})

describe('a refusal of the engine', () => {
  it('goes to the field that it names', () => {
    expect(refusedField('paths: There is no file /x: gone')).toEqual({ field: 'paths', message: 'There is no file /x: gone' })
    expect(refusedField('deviceTypes.0: Too small')).toEqual({ field: 'deviceTypes', message: 'Too small' })
    expect(refusedField('The disk is full: 3 bytes')).toBeNull()
    expect(refusedField('toString: odd')).toBeNull()
  })
})
