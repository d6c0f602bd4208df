import { describe, expect, it } from 'vitest'
import { outcomeOf } from './outcome.ts'

const said = (name: string, message = 'Not authorized to perform operation') =>
  outcomeOf({ busName: name === '' ? '' : `org.freedesktop.${name}`, message })
const failed = (why: string) => said('UDisks2.Error.Failed', `Error opening device /dev/sdb: ${why}`)

describe('what udisks answers', () => {
  it('is a wish when somebody has closed the question for a password: nobody is asked another way', () => {
    expect(said('UDisks2.Error.NotAuthorizedDismissed')).toBe(126)
  })

  it('is a refusal when polkit says no, or nobody can be asked', () => {
    expect([said('UDisks2.Error.NotAuthorized'), said('UDisks2.Error.NotAuthorizedCanObtain')]).toEqual([77, 77])
  })

  it('is a fault of the drive when it could not be opened', () => {
    expect(
      ['Device or resource busy', 'Read-only file system', 'Permission denied', 'No such device', 'No medium found', 'x'].map(failed),
    ).toEqual(['busy', 'read-only', 'read-only', 'not-found', 'gone', 'unforeseen'])
    expect(said('DBus.Error.UnknownObject', 'No such object')).toBe('not-found')
  })

  it('says nothing about the drive when udisks was not reached, or could not ask polkit', () => {
    expect([said(''), said('DBus.Error.ServiceUnknown'), said('UDisks2.Error.Failed', 'Error checking authorization')]).toEqual([
      127, 127, 127,
    ])
  })
})
