import { AppError } from '../contract/errors.ts'

/** A stream of this process as far as its end is concerned. */
interface Outlet {
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown
}

export interface OutletEnds {
  /** The reader of the results has gone (`| head -1`): nobody wants more. */
  onGone(reason: AppError): void
  /** The results cannot be written. */
  onFailure(error: AppError): void
}

/**
 * Listens to what becomes of stdout and stderr: without a listener a reader that goes early ends the program with a stack. What is
 * said to people (stderr) is lost without a word, because there is nobody to say it to.
 */
export function watchOutlets({ stdout, stderr }: { stdout: Outlet; stderr: Outlet }, { onGone, onFailure }: OutletEnds): void {
  stderr.on('error', () => undefined)
  stdout.on('error', (error) => {
    if (error.code === 'EPIPE') onGone(new AppError('CANCELLED', 'Nobody reads the output any more', '', error))
    else if (error.code === 'ENOSPC')
      onFailure(new AppError('DISK_FULL', 'The output cannot be written', 'Free some space on that disk.', error))
    else onFailure(new AppError('INTERNAL', `The output cannot be written: ${error.message}`, '', error))
  })
}
