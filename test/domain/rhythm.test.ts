import { describe, expect, it } from 'vitest'
import {
  parseDate,
  type RhythmInput,
  readRhythm,
  WEEKDAYS,
  type Weekday,
  weekdaysInWords,
} from '../../src/domain/rhythm.ts'
import { english } from '../../src/locales/locale.ts'

const GOOD: RhythmInput = {
  time: '07:00',
  zone: 'Europe/Berlin',
  weekdays: ['1', '2', '3', '4', '5'],
}

describe('a rhythm', () => {
  it('is read from what a form sends', () => {
    expect(readRhythm(GOOD)).toEqual({
      rhythm: { time: '07:00', zone: 'Europe/Berlin', weekdays: [1, 2, 3, 4, 5] },
    })
  })

  it('has its weekdays in order and each once', () => {
    expect(readRhythm({ ...GOOD, weekdays: ['7', '1', '1', '3'] })).toMatchObject({
      rhythm: { weekdays: [1, 3, 7] },
    })
  })

  it('has its zone in the usual spelling', () => {
    expect(readRhythm({ ...GOOD, zone: 'europe/berlin' })).toMatchObject({
      rhythm: { zone: 'Europe/Berlin' },
    })
  })

  it.each([
    ['7:00', '07:00'],
    ['07.00', '07:00'],
    ['7.05', '07:05'],
    [' 07:00 ', '07:00'],
    ['7h30', '07:30'],
    ['7:00 am', '07:00'],
    ['7:00PM', '19:00'],
    ['12:15 a.m.', '00:15'],
    ['12:15 pm', '12:15'],
  ])('may be written %j, which is %s', (written, time) => {
    expect(readRhythm({ ...GOOD, time: written })).toMatchObject({ rhythm: { time } })
  })

  it.each(['0000-01-01', '0001-01-01', '1999-12-31', '2101-01-01', '9999-12-31'])(
    'accepts no quiet dates from %s, which nobody can mean',
    (date) => {
      expect(readRhythm({ ...GOOD, quietFrom: date, quietTo: date })).toHaveProperty(
        'fields.quietFrom',
      )
      expect(parseDate(date)).toBeNull()
    },
  )

  it.each([
    ['quietTo', { quietFrom: '2027-03-24', quietTo: '' }],
    ['quietFrom', { quietFrom: '', quietTo: '2027-03-24' }],
  ])('is not guessed when %s is missing from its quiet dates', (name, quiet) => {
    expect(readRhythm({ ...GOOD, ...quiet })).toEqual({
      fields: { [name]: { key: 'form.quiet.half' } },
    })
  })

  it.each(['00:00', '06:45', '19:59', '20:00', '23:59'])('may come at %s', (time) => {
    expect(readRhythm({ ...GOOD, time })).toMatchObject({ rhythm: { time } })
  })

  it.each([
    '',
    '7',
    '24:00',
    '23:60',
    '07:00:00',
    '7:0',
    '0:30 am',
    '13:00 pm',
    '-1:00',
    '٠٧:٠٠',
    'noon',
  ])('may not come at %j', (time) => {
    expect(readRhythm({ ...GOOD, time })).toEqual({
      fields: { time: { key: 'form.time.invalid' } },
    })
  })

  it.each([
    ['none', []],
    ['a name', ['Monday']],
    ['none between 1 and 7', ['0', '8']],
    ['a stranger among good ones', ['1', '8']],
    ['not quite a number', ['1 ']],
    ['a number in other words', ['01', '1.0']],
  ])('needs weekdays, and %s will not do', (_, weekdays) => {
    expect(readRhythm({ ...GOOD, weekdays })).toEqual({
      fields: { weekdays: { key: 'form.weekdays.none' } },
    })
  })

  it('that is all wrong says so field by field', () => {
    const read = readRhythm({ time: 'noon', zone: 'Mars/Olympus', weekdays: [] })
    expect(Object.keys('fields' in read ? read.fields : {})).toEqual(['time', 'zone', 'weekdays'])
  })
})

describe('weekdays in words', () => {
  it.each<[string, Weekday[]]>([
    ['every day', [...WEEKDAYS]],
    ['Monday to Friday', [1, 2, 3, 4, 5]],
    ['Friday to Sunday', [5, 6, 7]],
    ['Saturday and Sunday', [6, 7]],
    ['Monday, Wednesday and Sunday', [1, 3, 7]],
    ['Monday, Tuesday and Thursday', [1, 2, 4]],
    ['Monday and Friday', [1, 5]],
    ['Sunday', [7]],
  ])('%s', (words, weekdays) => {
    expect(weekdaysInWords(weekdays, english)).toBe(words)
  })

  it.each<[string, Weekday[]]>([
    ['Sunday to Thursday', [1, 2, 3, 4, 7]],
    ['Saturday, Monday and Friday', [1, 5, 6]],
  ])('%s, where a week begins on Saturday', (words, weekdays) => {
    expect(weekdaysInWords(weekdays, { ...english, firstWeekday: 6 })).toBe(words)
  })
})
