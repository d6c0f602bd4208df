import { Command } from 'commander'
import { associationsOf } from '../../engine/association-parts.ts'
import type { CliContext } from '../context.ts'

/** `otabench desktop`: who opens `.mender` files and `otabench://` links on this user's desktop. */
export function desktopCommand(context: CliContext): Command {
  const command = new Command('desktop').description('Open .mender files and otabench:// links with the app, on the desktop of this user.')
  command
    .command('install')
    .description('write the desktop entry, the MIME type and the icon below ~/.local/share, and make the app the default')
    .action(() => set(true, context))
  command
    .command('remove')
    .description('take them back')
    .action(() => set(false, context))
  command
    .command('show')
    .description('whether they are there')
    .action(() => show(context))
  return command
}

async function set(isOn: boolean, { host, out, rendererFolder }: CliContext): Promise<void> {
  const associations = await associationsOf(host, `${rendererFolder}/../main`)
  const { files, notes } = isOn ? await associations.install() : await associations.remove()
  for (const note of notes) out.important(note)
  out.result({ isOn, files, notes }, files.map((file) => `${isOn ? 'written' : 'removed'}  ${file}`).join('\n'))
}

async function show({ host, out, rendererFolder }: CliContext): Promise<void> {
  const isOn = await (await associationsOf(host, `${rendererFolder}/../main`)).isOn()
  out.result(
    { isOn },
    isOn ? 'The app opens .mender files and otabench:// links.' : 'Nothing is written: otabench desktop install does it.',
  )
}
