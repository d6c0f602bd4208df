import { Command } from 'commander'
import { AppError } from '../../contract/errors.ts'
import { ROLE_TEXTS, type UserRole, userRole } from '../../contract/roles.ts'
import type { User } from '../../contract/users.ts'
import type { CliContext, EngineClient } from '../context.ts'
import { say } from '../language.ts'
import { now } from '../live.ts'
import { readPassword } from '../passphrase.ts'
import { table, time } from '../text.ts'

interface PasswordFlags {
  passwordFd?: string
}

const PASSWORD_FD = ['--password-fd <N>', 'read the password from this file descriptor instead of asking for it'] as const
const roles = (): string => userRole.options.map((role) => `${role} (${say(ROLE_TEXTS[role])})`).join(', ')

/** `otabench user`: who logs in to the page and to the management API, and what each may. */
export function userCommand(context: CliContext): Command {
  const command = new Command('user').description('Who logs in to the page in a browser and to the management API, and what each may do.')
  command
    .command('add <name>')
    .description('make a user; the password is asked for')
    .requiredOption('--role <role>', roles())
    .option(...PASSWORD_FD)
    .action((name: string, options: PasswordFlags & { role: string }) => add(name, options, context))
  command
    .command('list')
    .description('users, their roles, last login and open sessions')
    .action(() => list(context))
  command
    .command('role <name> <role>')
    .description(`what a user may: ${roles()}`)
    .action((name: string, role: string) => setRole(name, role, context))
  command
    .command('password <name>')
    .description('give a new password, which ends the sessions of the user')
    .option(...PASSWORD_FD)
    .action((name: string, options: PasswordFlags) => setPassword(name, options, context))
  command
    .command('remove <name>')
    .description('remove a user with sessions and tokens')
    .action((name: string) => remove(name, context))
  return command
}

async function add(name: string, { role, passwordFd }: PasswordFlags & { role: string }, context: CliContext): Promise<void> {
  const wanted = readRole(role)
  const password = await passwordOf(name, passwordFd, context)
  await using session = await context.openEngine()
  const { id } = await session.client.users.add({ name, password, role: wanted })
  context.out.result({ id, name, role: wanted }, `added: ${name}, ${wanted}`)
}

async function list({ openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const users = await now(session.client.users.list())
  const rows = users.map((each) => [each.name, each.role, time(each.lastLoginAt), String(each.sessionCount), time(each.createdAt)])
  out.result(users, table(['name', 'role', 'last login', 'sessions', 'made'], rows))
}

async function setRole(name: string, role: string, { openEngine, out }: CliContext): Promise<void> {
  const wanted = readRole(role)
  await using session = await openEngine()
  await session.client.users.setRole({ id: (await userNamed(session.client, name)).id, role: wanted })
  out.result({ name, role: wanted }, `${name} is ${wanted} now`)
}

async function setPassword(name: string, { passwordFd }: PasswordFlags, context: CliContext): Promise<void> {
  const password = await passwordOf(name, passwordFd, context)
  await using session = await context.openEngine()
  await session.client.users.setPassword({ id: (await userNamed(session.client, name)).id, password })
  context.out.result({ name }, `${name} has a new password`)
}

async function remove(name: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  await session.client.users.remove({ id: (await userNamed(session.client, name)).id })
  out.result({ removed: name }, `removed: ${name}`)
}

function readRole(text: string): UserRole {
  const role = userRole.safeParse(text)
  if (role.success) return role.data
  throw new AppError('BAD_INPUT', `"${text}" is not a role`, `Roles are ${userRole.options.join(', ')}.`)
}

async function userNamed(client: EngineClient, name: string): Promise<User> {
  const found = (await now(client.users.list())).find((each) => each.name === name)
  if (!found) throw new AppError('NOT_FOUND', `There is no user ${name}`, 'See otabench user list.')
  return found
}

async function passwordOf(name: string, descriptor: string | undefined, context: CliContext): Promise<string> {
  const password = await readPassword(`Password for ${name}`, descriptor, context)
  if (password === null) throw new AppError('BAD_INPUT', 'There is no terminal to ask for the password on', 'Use --password-fd N.')
  return password
}
