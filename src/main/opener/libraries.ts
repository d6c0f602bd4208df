import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)

/** A C function, of which every one that is used here answers an int. */
export interface NativeFunction {
  (...args: readonly unknown[]): number
  /** On a thread of its own, which functions without a fixed number of arguments are not; the last argument hears of the end. */
  async: (...args: readonly unknown[]) => void
}

/** What of koffi is used. */
interface Koffi {
  load(library: string): { func(definition: string): NativeFunction }
  struct(name: string, fields: Readonly<Record<string, string>>): unknown
}

/** What of libsystemd and libc is used, by their own names. */
export interface Libraries {
  sd_bus_open_system: NativeFunction
  sd_bus_message_new_method_call: NativeFunction
  sd_bus_message_append: NativeFunction
  sd_bus_call: NativeFunction
  sd_bus_message_read_basic: NativeFunction
  dup: NativeFunction
  poll: NativeFunction
}

/** Throws where koffi has no build for this machine, or the system no libsystemd. */
export function openLibraries(): Libraries {
  const koffi: Koffi = load('koffi')
  koffi.struct('sd_bus_error', { busName: 'const char *', words: 'const char *', needFree: 'int' })
  const systemd = koffi.load('libsystemd.so.0')
  const libc = koffi.load('libc.so.6')
  return {
    sd_bus_open_system: systemd.func('int sd_bus_open_system(_Out_ void **bus)'),
    sd_bus_message_new_method_call: systemd.func(
      `int sd_bus_message_new_method_call(void *bus, _Out_ void **message, const char *destination, const char *path,
        const char *interface, const char *member)`,
    ),
    sd_bus_message_append: systemd.func('int sd_bus_message_append(void *message, const char *types, ...)'),
    sd_bus_call: systemd.func(
      'int sd_bus_call(void *bus, void *message, uint64_t microseconds, _Inout_ sd_bus_error *error, _Out_ void **reply)',
    ),
    sd_bus_message_read_basic: systemd.func('int sd_bus_message_read_basic(void *message, char type, _Out_ int *value)'),
    dup: libc.func('int dup(int descriptor)'),
    poll: libc.func('int poll(void *descriptors, unsigned long count, int milliseconds)'),
  }
}
