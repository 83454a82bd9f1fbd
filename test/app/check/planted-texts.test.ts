import { describe, expect, it } from 'vitest'
import { type Files, lesson, page, settings } from '../../content/folder.ts'
import { placeOf, SOUND, soundLesson, soundLetter, sourceFindings, words } from './sound.ts'

const two = 'c/02-two.md'
const letter = 'c/welcome.md'
const daily = 'd/01-january.md'
const LONG = '::: practice 45 minutes\n1. Do it.\n:::'

/** More text at line 7 of the letter, or at line 14 in the last step of the second lesson. */
const inLetter = (text: string): Files => ({ [letter]: soundLetter('Welcome', text) })
const inLesson = (text: string): Files => ({ [two]: soundLesson(2, {}, text) })
const keys = (changes: Record<string, string>): Files => ({ [two]: soundLesson(2, changes) })
const inspirations = (...texts: string[]): Files => ({
  [daily]: texts.map((text, index) => `## Title ${words(1, index)}\n${text}\n`).join('\n'),
})
/** Forty words, with those at the indexes in `changed` replaced. */
const forty = (changed: readonly number[] = []) =>
  words(40, 9)
    .split(' ')
    .map((word, index) => (changed.includes(index) ? `other${word}` : word))
    .join(' ')

type Planted = readonly [what: string, files: Files, found: string]

const MARKDOWN: readonly Planted[] = [
  [
    'an image without words',
    inLetter('So: ![](https://x.example/a.png)'),
    `${letter}:7:5 error image-alt`,
  ],
  ['an image beside the text', inLetter('![A cup](cup.png)'), `${letter}:7:1 error format`],
  [
    'an image by http',
    inLesson('![A cup](http://x.example/a.png)'),
    `${two}:14:1 error image-address`,
  ],
  [
    'an image as data',
    inLetter('![A cup](data:image/png;base64,AAAA)'),
    `${letter}:7:1 error image-address`,
  ],
  [
    'a link into nowhere',
    inLetter('See [the list] of [our pages](/about).'),
    `${letter}:7:19 error link-address`,
  ],
  [
    'a link by http',
    inLesson('[The whole list](http://x.example/)'),
    `${two}:14:1 error link-address`,
  ],
  [
    'a link to a section',
    inLetter('Two\nlines [of words](#two)'),
    `${letter}:8:7 error link-address`,
  ],
  ['a mail to nobody', inLetter('[Write to us](mailto:)'), `${letter}:7:1 error link-address`],
  ['a link without an address', inLetter('[Write to us]()'), `${letter}:7:1 error link-address`],
  [
    'a link with an if in its address',
    inLetter('[Your page](https://x.example/{{#if firstName}}x{{/if}})'),
    `${letter}:7:1 error broken-link`,
  ],
  [
    'an image with a name in its address',
    inLetter('{{#if firstName}}![A cup](https://x.example/{{firstName}}.png){{/if}}'),
    `${letter}:7:18 error address-slot`,
  ],
  [
    'a link with the name in its address',
    inLetter('{{#if firstName}}[your own page](https://x.example/{{firstName}}){{/if}}'),
    `${letter}:7:18 error address-slot`,
  ],
  [
    'a link called here',
    inLetter('It is [Here](https://x.example).'),
    `${letter}:7:7 warning link-text`,
  ],
  [
    'a link called click here',
    inLetter('[click here!](https://x.example)'),
    `${letter}:7:1 warning link-text`,
  ],
  [
    'a link that shows its address',
    inLetter('See <https://x.example/a>.'),
    `${letter}:7:5 warning link-text`,
  ],
  [
    'an address for words',
    inLetter('[https://x.example](https://x.example)'),
    `${letter}:7:1 warning link-text`,
  ],
  ['a link without words', inLetter('[](https://x.example)'), `${letter}:7:1 warning link-text`],
  [
    'an address in the text',
    inLetter('[A page](https://x.example) and so: www.x.example'),
    `${letter}:7:37 warning bare-address`,
  ],
  ['HTML in a line', inLetter('So <br> it is'), `${letter}:7:4 error raw-html`],
  [
    'a block of HTML',
    inLesson('<div align="center">\nHello\n</div>'),
    `${two}:14:1 error raw-html`,
  ],
  ['a comment', inLetter('<!-- to do -->'), `${letter}:7:1 error raw-html`],
  [
    'a link to a script',
    inLetter('So [run it](javascript:alert(1))'),
    `${letter}:7:4 error broken-link`,
  ],
  [
    'an address with a space in it',
    inLetter('[A page](https://x.example/a b)'),
    `${letter}:7:1 error broken-link`,
  ],
  ['a heading of level 1', inLetter('# A title'), `${letter}:7:1 error heading-order`],
  ['a level left out', inLetter('## One\n\n#### Three'), `${letter}:9:1 error heading-order`],
  ['a heading that begins at level 3', inLetter('### Three'), `${letter}:7:1 error heading-order`],
  [
    'a link in the description',
    {
      'c/course.yaml': settings({
        description: '|\n  One.\n\n  It is [all here now](http://x.example).',
      }),
    },
    'c/course.yaml:7:7 error link-address',
  ],
]

const TEXTS: readonly Planted[] = [
  [
    'a subject in other letters',
    keys({ subject: `SUBJECT – ${words(2, 1)}!` }),
    `${two}:2:1 error repeated-subject`,
  ],
  [
    'a letter called like the other',
    { 'c/completion.md': page({ subject: 'Welcome', preheader: 'It is' }, 'So.') },
    'c/welcome.md:2:1 error repeated-subject',
  ],
  [
    'a preheader twice',
    keys({ preheader: `Line ${words(5, 1)}` }),
    `${two}:3:1 warning repeated-preheader`,
  ],
  [
    'a short lesson',
    { [two]: lesson({ subject: 'Two', preheader: 'Two lines' }) },
    `${two}:8:1 warning lesson-length`,
  ],
  ['a long lesson', inLesson(words(200, 6)), `${two}:8:1 warning lesson-length`],
  ['a practice of two minutes', keys({ minutes: '2' }), `${two}:4:1 warning practice-minutes`],
  ['a practice of an hour', keys({ minutes: '60' }), `${two}:4:1 warning practice-minutes`],
  [
    'a practice without steps',
    { [two]: soundLesson(2).replace('1. ', '') },
    `${two}:10:1 warning practice-steps`,
  ],
  [
    'a name where there may be none',
    inLetter('Good morning, {{firstName}}!'),
    `${letter}:7:15 error bare-name`,
  ],
  [
    'a slot in the title of a course',
    { 'c/course.yaml': settings({ title: '"For {{#if firstName}}you{{/if}}"' }) },
    'c/course.yaml:2:13 error settings-slot',
  ],
  [
    'a question still to be asked',
    keys({ question: '"TODO: ask"' }),
    `${two}:5:12 error unfinished`,
  ],
  [
    'minutes still to be counted',
    keys({ minutes: '10 # TODO: count' }),
    `${two}:4:15 error unfinished`,
  ],
  ['a text still to be written', inLetter('So. TODO: the rest'), `${letter}:7:5 error unfinished`],
  [
    'a summary still to be written',
    { 'c/course.yaml': settings({ summary: '"TODO: say it"' }) },
    'c/course.yaml:3:11 error unfinished',
  ],
  [
    'a short inspiration',
    inspirations(words(40, 3), words(20, 4)),
    `${daily}:4:1 warning inspiration-length`,
  ],
  ['a long inspiration', inspirations(words(80, 3)), `${daily}:1:1 warning inspiration-length`],
  [
    'an inspiration twice',
    inspirations(forty(), `*${forty().replace(' ', ', ')}.*`),
    `${daily}:4:1 warning repeated-inspiration`,
  ],
  [
    'an inspiration with a few other words',
    inspirations(forty(), forty([5, 20, 35])),
    `${daily}:4:1 warning repeated-inspiration`,
  ],
  [
    'a lesson twice',
    { [two]: soundLesson(1, { subject: 'Another', preheader: 'Another line' }) },
    `${two}:8:1 error repeated-lesson`,
  ],
]

const FORMAT: readonly Planted[] = [
  ['a missing day', { [two]: null, 'c/03-two.md': soundLesson(2) }, 'c/03-two.md:1:1 error format'],
  ['an unknown key', keys({ author: 'Me' }), `${two}:7:1 error front-matter`],
  ['a long subject', keys({ subject: words(12, 6) }), `${two}:2:1 error front-matter`],
  ['no subject', keys({ subject: '""' }), `${two}:2:1 error front-matter`],
  [
    'no subject',
    { [two]: soundLesson(2).replace(/^subject.*\n/m, '') },
    `${two}:2:1 error front-matter`,
  ],
  ['an unknown slot', inLetter('Dear {{name}},'), `${letter}:7:6 error slot`],
  ['another heading in a practice', inLesson('## Three'), `${two}:14:1 warning practice-headings`],
  ['a block left open', inLesson('  ::: note\nx'), `${two}:14:3 error format`],
  [
    'a long practice within a text',
    { [two]: soundLesson(2, {}, LONG).replace(/^minutes.*\n/m, '') },
    `${two}:13:1 warning practice-minutes`,
  ],
]

describe('the texts are found to contain', () => {
  it.each([...MARKDOWN, ...TEXTS, ...FORMAT])('%s', async (_, files, found) => {
    expect((await sourceFindings(files)).map(placeOf)).toEqual([found])
  })

  it('nothing if nothing was planted', async () => {
    expect(await sourceFindings({})).toEqual([])
  })
})

describe('nothing is found in', () => {
  it.each([
    [
      'a link with words',
      inLetter(
        'See [the list of walks](https://x.example/a) or [write](mailto:a@x.example), <a@x.example>.',
      ),
    ],
    ['an image with words', inLetter('![A cup](https://x.example/cup.png "Mine")')],
    ['less and more', inLetter('1 < 2 and 3 > 2, and `<b>` is code.')],
    ['brackets', inLetter('Some [words] in (brackets).')],
    [
      'a name for those who have one',
      inLetter('{{#if firstName}}Dear {{firstName}}{{else}}Hello{{/if}},'),
    ],
    ['a list of things to do', inLetter('Put it on your TODO list, as a todo: today.')],
    ['headings in order', inLetter('## Two\n\n### Three\n\n## Two again')],
    [
      'an inspiration on the same matter',
      inspirations(forty(), forty([2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 32, 35])),
    ],
  ] as const)('%s', async (_, files) => {
    expect(await sourceFindings(files)).toEqual([])
  })
})

describe('several faults', () => {
  it('in one line are each found at their column', async () => {
    const found = await sourceFindings(
      inLetter('[here](https://x.example) ![](https://x.example/a.png) <i>so</i>'),
    )
    expect(found.map(placeOf).sort()).toEqual([
      `${letter}:7:1 warning link-text`,
      `${letter}:7:27 error image-alt`,
      `${letter}:7:56 error raw-html`,
      `${letter}:7:61 error raw-html`,
    ])
  })

  it('are found in a course that cannot be loaded, and in the others', async () => {
    const found = await sourceFindings({
      'c/course.yaml': 'kind: [',
      [two]: SOUND[two]?.replace('1. ', '') ?? null,
      ...inspirations(words(20, 4)),
    })
    expect(found.map(placeOf)).toEqual([
      expect.stringMatching(/^c\/course\.yaml:\d+:\d+ error front-matter$/),
      `${two}:10:1 warning practice-steps`,
      `${daily}:1:1 warning inspiration-length`,
    ])
  })
})

it('366 inspirations that share no words are not reported as repeats', async () => {
  const found = await sourceFindings(
    inspirations(...Array.from({ length: 366 }, (_, index) => words(60, index))),
  )
  expect(found.filter(({ rule }) => rule === 'repeated-inspiration')).toEqual([])
})
