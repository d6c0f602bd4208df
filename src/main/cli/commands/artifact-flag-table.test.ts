import { describe, expect, it } from 'vitest'
import { Workshop } from './artifact-sign.cases.ts'

const shop = new Workshop('flags')

/** A flag with a value that is good for it; `refused` says why it is taken and not obeyed. */
type Flag = readonly [words: string, refused?: RegExp]

const CLOUD: readonly Flag[] = [
  ['--gcp-kms-key projects/p/locations/l', /--gcp-kms-key needs Google Cloud KMS/],
  ['--vault-transit-key name', /--vault-transit-key needs HashiCorp Vault/],
  ['--azure-key name', /--azure-key needs Azure Key Vault/],
  ['--keyfactor-signserver-worker name', /--keyfactor-signserver-worker needs Keyfactor SignServer/],
]

const HEADER: readonly Flag[] = [
  ...([['-N old'], ['--artifact-name-depends old'], ['-g lab'], ['--provides-group lab'], ['-G lab'], ['--depends-groups lab']] as const),
  ...([['-d k:v'], ['--depends k:v'], ['-p k:v'], ['--provides k:v'], ['--clears-provides x.*']] as const),
]

/** What every kind of write takes, in 3.9 or 4.4. */
const WRITE: readonly Flag[] = [
  ...HEADER,
  ...([['-o out.mender'], ['--output-path out.mender'], ['-v 3'], ['--version 3'], ['-k rsa.pem'], ['--key ec.pem']] as const),
  ...([['--compression none'], ['--compression gzip'], ['--compression lzma'], ['--no-progress']] as const),
  ...(['fastest', 'fast', 'better', 'best'] as const).map((level) => [`--compression zstd_${level}`] as const),
  ...([['-c other'], ['--compatible-types other'], ['--max-artifact-size 10MB'], ['--warn-artifact-size 1.5KB']] as const),
  ...CLOUD,
]

const PAYLOAD: readonly Flag[] = [
  ...([['-s ArtifactInstall_Enter_00'], ['--script ArtifactInstall_Enter_00'], ['--no-default-clears-provides']] as const),
  ...([['--no-default-software-version'], ['--software-name n'], ['--software-version 1'], ['--software-filesystem data']] as const),
]

/** What cp, install and rm do is tested where the payload is a file system. */
const INSIDE = /payload update.sh holds neither/

const AUGMENT = /no signature covers an augmentation/

/** Every command of mender-artifact 3.9 and 4.4 that is ours too, as it is called with what it cannot do without, and its flags. */
const COMMANDS: readonly (readonly [line: string, flags: readonly Flag[]])[] = [
  [
    'write rootfs-image -n r -t d -f rootfs.ext4',
    [
      ...WRITE,
      ...PAYLOAD,
      ...([['-v 2'], ['--legacy-rootfs-image-checksum'], ['--no-checksum-provide'], ['-S -4'], ['--ssh-args -4'], ['--tmp .']] as const),
    ],
  ],
  [
    'write module-image -T script -n r -t d -f update.sh',
    [
      ...WRITE,
      ...PAYLOAD,
      ...([['-f meta.json'], ['--file meta.json'], ['-m meta.json'], ['--meta-data meta.json']] as const),
      ...(['type x', 'file meta.json', 'meta-data meta.json', 'provides k:v', 'depends k:v'] as const).map(
        (words) => [`--augment-${words}`, AUGMENT] as const,
      ),
    ],
  ],
  ['write bootstrap-artifact -n r -t d', WRITE],
  ['read a.mender', [['-k rsa.pub'], ['--key rsa.pub'], ['--no-progress'], ...CLOUD]],
  ['validate a.mender', [['-k rsa.pub'], ['--key rsa.pub'], ['--no-progress'], ...CLOUD]],
  ['sign a.mender -f -k rsa.pem', [['-o out.mender'], ['--output-path out.mender'], ['--force'], ...CLOUD]],
  [
    'modify a.mender -k rsa.pem',
    [
      ...HEADER,
      ...CLOUD,
      ...([['-n other'], ['--artifact-name other'], ['--name other'], ['-m meta.json'], ['--meta-data meta.json'], ['--tmp .']] as const),
      ...([['--delete-clears-provides x'], ['--compression none'], ['--compression lzma'], ['-s ArtifactInstall_Enter_00']] as const),
      // What they do is tested where the payload is a file system.
      ...(
        ['-u https://x', '--server-uri https://x', '-t token', '--tenant-token token', '-v rsa.pub', '--verification-key rsa.pub'] as const
      ).map((words) => [words, /payload update.sh holds neither/] as const),
      ...(['-c rsa.pub', '--server-cert rsa.pub'] as const).map((words) => [words, /not a certificate/] as const),
    ],
  ],
  [
    'cp update.sh a.mender:/x -k rsa.pem',
    ([['--compression lzma'], ['--tmp .'], ...CLOUD] as const).map(([words, why]) => [words, why ?? INSIDE] as const),
  ],
  ['install update.sh a.mender:/x -k rsa.pem', ['-m 755', '--mode 755', '-m 755 --tmp .'].map((words) => [words, INSIDE] as const)],
  ['install a.mender:/x -k rsa.pem', ['-d', '--directory'].map((words) => [words, INSIDE] as const)],
  ['rm a.mender:/x -k rsa.pem', ['-r', '--recursive', '--tmp .'].map((words) => [words, INSIDE] as const)],
  ['dump a.mender', [['--files out'], ['--meta-data out'], ['--scripts out'], ['--print-cmdline'], ['--print0-cmdline --files out']]],
]

const TABLE = COMMANDS.flatMap(([line, flags]) => flags.map(([words, refused]) => ({ line, words, refused })))

describe('every flag of mender-artifact 3.9 and 4.4', () => {
  it.each(TABLE)('is taken: $line $words', async ({ line, words, refused }) => {
    await shop.succeed('write module-image -T script -n a -t d -f update.sh -m meta.json -k rsa.pem -o a.mender')
    const base = words.startsWith('-c other') || words.startsWith('--compatible') ? line.replace(' -t d', '') : line
    const run = await shop.run(`${base} ${words}`)
    if (refused === undefined) return expect(run).toMatchObject({ exitCode: 0 })
    expect(run).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringMatching(refused) })
    expect(run.stderr).toMatch(/^hint: .+/m)
  })

  it('is told the way around a signing service', async () => {
    const sign = await shop.run('write rootfs-image -n r -t d -f rootfs.ext4 --gcp-kms-key x')
    expect(sign.stderr).toMatch(/hint: .*sign --detached FILE > manifest.*sign --attach SIGNATURE FILE/)
    expect((await shop.run('validate a.mender --azure-key x')).stderr).toMatch(/hint: Get the public key .* PEM file/)
  })

  it('may stand before the subcommand when it is --compression, and the later one wins', async () => {
    const write = 'write module-image -T script -n a -t d -f update.sh -o a.mender'
    await shop.succeed(`--compression none ${write}`)
    expect(await shop.content('a.mender')).toMatchObject({ compression: 'none' })
    await shop.succeed(`--compression none ${write} --compression lzma`)
    expect(await shop.content('a.mender')).toMatchObject({ compression: 'lzma' })
    await shop.succeed('--compression gzip modify a.mender -n other')
    expect(await shop.content('a.mender')).toMatchObject({ compression: 'gzip', name: 'other' })
  })
})
