/** Where an operating system mounts what. Answers of paths that things are mounted at. */
export interface Places {
  /** Where the system itself is mounted. */
  root: string
  /** Whether the system does not run without it. */
  isSystem(target: string): boolean
  /** Whether it is where desktops mount what people plug in. */
  isPlugged(target: string): boolean
  /** The command that unmounts it. */
  unmount(target: string): string
}

const LINUX_SYSTEM = /^\/(boot|home|usr|var|etc|opt|srv|root|nix|ostree|sysroot)?(\/|$)/

export const LINUX: Places = {
  root: '/',
  isSystem: (target) => LINUX_SYSTEM.test(target),
  isPlugged: (target) => ['/media/', '/run/media/'].some((folder) => target.startsWith(folder)),
  unmount: (target) => `umount ${target}`,
}

const MACOS_SYSTEM = /^\/(System|private|Library|Applications|Users|usr|opt|nix)?(\/|$)/

export const MACOS: Places = {
  root: '/',
  isSystem: (target) => MACOS_SYSTEM.test(target),
  isPlugged: (target) => target.startsWith('/Volumes/'),
  unmount: (target) => `diskutil unmount ${target}`,
}

/** `systemDrive`: `C:`. Whatever has a letter may have been plugged in. */
export const windows = (systemDrive: string): Places => ({
  root: systemDrive,
  isSystem: (target) => target === systemDrive,
  isPlugged: (target) => /^[A-Z]:$/.test(target),
  unmount: (target) => `mountvol ${target} /P`,
})
