import { describe, expect, it } from 'vitest'
import { type Files, page } from '../../content/folder.ts'
import { allFindings, layoutWith, placeOf, soundLesson, soundLetter, words } from './sound.ts'

const one = 'c/01-one.md'
const two = 'c/02-two.md'

it('nothing is found if nothing was planted', async () => {
  expect(await allFindings({})).toEqual([])
})

it.each([
  [
    'links',
    'See [the list](https://x.example/a?b=1&c=2), [write](mailto:a@x.example) or *[the end](https://x.example)*.',
  ],
  [
    'images',
    '![A cup & more](https://x.example/a.png) [![A door](https://x.example/b.png)](https://x.example/b)',
  ],
  [
    'lists',
    '1. One\n   - un*believ*able\n   - **two**\n2. So, "quoted" -- and it\'s…\n\n> ## Said\n>\n> A line  \n> and another',
  ],
  ['code', 'It is `a < b && c`.\n\n    some\n      code\n\n***'],
  ['an undefined thing', 'What is undefined is no NaN.'],
  ['writing of all kinds', 'עברית, 日本語, 🌅 and \\<b>.'],
])('nothing is found in %s', async (_, text) => {
  expect(await allFindings({ 'c/welcome.md': soundLetter('Welcome', text) })).toEqual([])
})

describe('the mails are found to suffer from', () => {
  const long = (kilobytes: number) =>
    Array.from({ length: kilobytes }, (_, at) => words(150, at)).join('\n\n')

  it.each<[what: string, files: Files, found: string]>([
    [
      'a slot that is left open in one text and closed in another',
      {
        'd/01-january.md': `## First\n{{#if firstName}}${words(40, 3)}\n\n## Second\n${words(40, 4)}{{/if}}\n`,
      },
      'd/01-january.md:1:1 error unmailable',
    ],
    [
      'a subject that is nothing but a name',
      { [two]: soundLesson(2, { subject: '"{{#if firstName}}{{firstName}}{{/if}}"' }) },
      `${two}:1:1 error empty-subject`,
    ],
    [
      'a subject that asks',
      { [two]: soundLesson(2, { subject: '"Is it so?"' }) },
      `${two}:1:1 warning question-subject`,
    ],
    [
      'a table of six columns',
      { [two]: soundLesson(2, {}, `|a|b|c|d|e|f|\n|${'-|'.repeat(6)}\n`) },
      `${two}:1:1 warning wide-table`,
    ],
    ['a page of 85 kB', { [two]: soundLesson(2, {}, long(60)) }, `${two}:1:1 warning html-size`],
    ['a page of 150 kB', { [two]: soundLesson(2, {}, long(130)) }, `${two}:1:1 error html-clipped`],
    [
      'a control character',
      { 'c/completion.md': page({ subject: 'The end', preheader: 'So' }, 'A bell: \u0007') },
      'c/completion.md:1:1 error control-character',
    ],
  ])('%s', async (_, files, found) => {
    const places = (await allFindings(files)).map(placeOf)
    expect(places.filter((place) => !place.endsWith('lesson-length'))).toContain(found)
  })
})

describe('the layout is found to have', () => {
  const foot = 'partials/foot.txt'
  const footer = 'partials/footer.mjml'
  const layout = 'partials/layout.mjml'

  it.each<
    [
      what: string,
      plant: [file: string, from: string | RegExp, to: string],
      found: string,
      message: RegExp,
    ]
  >([
    [
      'a block that MJML drops',
      [
        'lesson.mjml',
        '{{> heading heading=subject}}',
        '\\{{#if firstName}}{{> heading heading=subject}}\\{{/if}}',
      ],
      `${one}:1:1 error dropped-block`,
      /MJML dropped \{\{#if firstName\}\} from templates\/mail\/lesson\.mjml.*also in \d more/,
    ],
    [
      'no words for its text part',
      ['inspiration.txt', /^[\s\S]*(?=\{\{> foot)/, '…\n'],
      'd/01-january.md:1:1 error empty-text',
      /write a text/,
    ],
    [
      'no question in its text part',
      ['lesson.txt', '{{lesson.question}}', ''],
      `${one}:1:1 error lost-text`,
      /lacks "What is /,
    ],
    [
      'a text that MJML drops',
      [
        'lesson.mjml',
        '{{> heading heading=subject}}',
        '{{lesson.question}}{{> heading heading=subject}}',
      ],
      `${one}:1:1 error dropped-block`,
      /MJML dropped "What is .*" from templates\/mail\/lesson\.mjml/,
    ],
    [
      'no headline in the text part of what was asked for',
      ['link.txt', '{{t "mail.link.heading"}}', ''],
      'c/course.yaml:1:1 error lost-text',
      /lacks "Open your preferences"/,
    ],
    [
      'no link to pause in its text part',
      [foot, /\{\{t "mail.text-link" label=\(t "mail.footer.pause"\).*/g, ''],
      `${one}:1:1 error lost-link`,
      /\/pause, which the page has \(also in \d more\)/,
    ],
    [
      'no link to unsubscribe',
      [footer, /<a href="\\\{\{unsubscribeUrl\}\}">(.*?)<\/a>/, '$1'],
      `${one}:1:1 error no-unsubscribe`,
      /its page has no unsubscribe link/,
    ],
    [
      'no link to unsubscribe in its text part',
      [foot, 'url="{{unsubscribeUrl}}"', 'url=""'],
      `${one}:1:1 error no-unsubscribe`,
      /its text part has no unsubscribe link/,
    ],
    [
      'no address',
      [footer, '{{postalAddress}}', ''],
      `${one}:1:1 error no-postal-address`,
      /its page has no/,
    ],
    [
      'an image without words',
      [
        'welcome.mjml',
        '<mj-text mj-class="label"',
        '<mj-image src="https://x.example/a.png" /><mj-text mj-class="label"',
      ],
      'c/welcome.md:1:1 error layout-image-alt',
      /has no alt/,
    ],
    [
      'faint text by day',
      [
        layout,
        'line-height="1.55" color="{{look.light.soft}}"',
        'line-height="1.55" color="#aa9f93"',
      ],
      `${one}:1:1 error contrast`,
      /in \.frame is #aa9f93 on #fffdf9 in the light scheme, 2\.5 to 1/,
    ],
    [
      'faint text in the dark',
      [
        layout,
        '.frame a { color: {{look.dark.soft}} !important',
        '.frame a { color: #6b5d4f !important',
      ],
      `${one}:1:1 error contrast`,
      /in \.frame is #6b5d4f on #231e1a in the dark scheme, 2\.\d to 1/,
    ],
    [
      'a dark page for dark text',
      [
        layout,
        '.card div, .card p, .card li, .title div { color: {{look.dark.text}} !important; }',
        '',
      ],
      `${one}:1:1 error contrast`,
      /is #2b2420 on #231e1a in the dark scheme/,
    ],
    [
      'a thing for a text',
      ['partials/masthead.mjml', '{{series.title}}', '{{series}}'],
      'c/completion.md:1:1 error shown-undefined',
      /shows "\[object Object"/,
    ],
  ])('%s', async (_, plant, found, message) => {
    await using changed = await layoutWith(...plant)
    const findings = await allFindings({}, changed.path)
    const same = findings.filter((finding) => placeOf(finding) === found)
    expect(findings.map(placeOf)).toContain(found)
    expect(same.map((finding) => finding.message)).toContainEqual(expect.stringMatching(message))
  })

  it('a mistake, reported once with the number of other mails that have it', async () => {
    await using changed = await layoutWith(layout, ':root {', '.card { display: grid; } :root {')
    const found = await allFindings({}, changed.path)
    expect(found.map(({ message }) => message)).toEqual([
      expect.stringMatching(/\(also in 8 more\)$/),
    ])
  })
})
