import { expect, it } from 'vitest'

const JUNE = Temporal.PlainDate.from('2027-06-01')
const NOON = Temporal.Instant.from('2027-06-01T12:00:00Z')

it.each([
  ['nothing', null, JUNE],
  ['another date', JUNE.add({ days: 1 }), JUNE],
  ['a text', '2027-06-01', JUNE],
  ['another instant', NOON.add({ seconds: 1 }), NOON],
  ['an instant', NOON, JUNE],
])('a test does not accept %s instead of what it expects', (_, received, expected) => {
  expect({ at: received }).not.toMatchObject({ at: expected })
  expect({ at: received }).not.toEqual({ at: expected })
  expect([{ at: received }]).not.toContainEqual({ at: expected })
})

it('equal values are accepted', () => {
  expect({ at: Temporal.PlainDate.from('2027-06-01') }).toMatchObject({ at: JUNE })
  expect({ at: Temporal.Instant.from('2027-06-01T14:00:00+02:00') }).toEqual({ at: NOON })
})
