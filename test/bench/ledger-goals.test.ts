/** The table of `npm run bench -- --ledger`: its verdicts match the numbers. */
import { describe, expect, it } from 'vitest'
import { median } from '../../bench/figures.ts'
import {
  atLeast,
  atMost,
  below,
  beside,
  flat,
  growth,
  rowsOf,
  sizeOf,
  tableOf,
} from '../../bench/ledger/goals.ts'
import { usedOf } from '../../bench/ledger/processes.ts'

describe('a goal', () => {
  it('is met or missed by its limit, and is judged as it is printed', () => {
    expect(atMost('a', 0.454, 0.45)).toMatchObject({ measured: '0.45', holds: true })
    expect(atMost('a', 0.456, 0.45)).toMatchObject({ measured: '0.46', holds: false })
    expect(atLeast('a', 1, 1)).toMatchObject({ goal: '>= 1', holds: true })
    expect(atLeast('a', 0.99, 1)).toMatchObject({ holds: false })
    expect(below('a', 180, 180, { unit: 'MB', digits: 0 })).toEqual({
      what: 'a',
      measured: '180 MB',
      goal: '< 180 MB',
      holds: false,
    })
  })

  it('of growth compares the largest ledger with the smallest', () => {
    expect(growth([2, 9, 3])).toBe(1.5)
    expect(flat('a sweep', [2, 9, 2.6])).toMatchObject({
      measured: '1.30 (2.00, 9.00, 2.60 ms)',
      holds: true,
    })
    expect(flat('a sweep', [2, 2.7]).holds).toBe(false)
  })

  it('that cannot be measured is not met', () => {
    expect(atMost('a', Number.NaN, 1).holds).toBe(false)
    expect(flat('a', []).holds).toBe(false)
    expect(median([])).toBeNaN()
  })
})

it('sizes are parsed and formatted', () => {
  expect(['1m', '2.5M', '250k', '7'].map(rowsOf)).toEqual([1_000_000, 2_500_000, 250_000, 7])
  expect(['', 'm', '0', '-1', '1g', '1.5'].map(rowsOf)).toEqual(Array(6).fill(null))
  expect([20_000_000, 2_500_000, 250_000, 7].map(sizeOf)).toEqual(['20 M', '2.5 M', '250 k', '7'])
})

it('a row of the table says yes, no, or nothing', () => {
  const table = tableOf([atMost('a', 1, 2), atMost('b', 3, 2), beside('c', 'so and so')])
  expect(table.split('\n').slice(2)).toEqual([
    '| a | 1.00 | <= 2 | yes |',
    '| b | 3.00 | <= 2 | no |',
    '| c | so and so |  |  |',
  ])
})

it('the CPU time of a process is read correctly, whatever its name', () => {
  const stat = '42 (a) (b 1 2 3) S 7 42 42 0 -1 4194304 1 2 3 4 150 50 20 10 20 0 11 0 1 2 3'
  expect(usedOf(stat)).toEqual({ parent: 7, own: 2_000, ended: 300 })
})
