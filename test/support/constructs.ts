/** Every Markdown construct, each with the widest content that an author may write. */
import { type Files, lesson, letter, page, settings } from '../content/folder.ts'

export const CODE = `def morning(day):

    if day > 30:
        return None


    return "${'a very long line, '.repeat(8)}"
\tdone`

const LONG = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'
const URL = `https://x.example/${'a-path-without-an-end/'.repeat(8)}`
const indented = (by: string, text: string) => text.replace(/^(?=.)/gm, by)
const fence = `\`\`\`python\n${CODE}\n\`\`\``
const row = (count: number, cell: (at: number) => string) =>
  `|${Array.from({ length: count }, (_, at) => ` ${cell(at)} |`).join('')}`

export const TABLE = `| Day | What happens | Minutes |
|:----|:------------:|--------:|
| Monday | *Look* at \`x = 1\` | 5 |
| Tuesday | ${'Say what you saw, in as many words as it takes. '.repeat(2)} | 12 |
| Sunday | [Rest](https://x.example/rest) ![A chair](https://x.example/chair.png) | ${LONG} |`

export const WIDE_TABLE = [
  row(14, (at) => `Heading ${at}`),
  row(14, () => '---'),
  row(14, (at) => `value ${at}`),
].join('\n')

/** Without headings, which lessons and inspirations may not have. */
export const CONSTRUCTS = `Words that are *leaning*, **strong**, ***both***, ~~struck out~~, \`code  of one line\` and ${LONG}.
A line that goes on,  
and one that was broken. [A link](https://x.example/a?b=1&c=2 "A title"), <${URL}> and [![A door](https://x.example/wide.png)](https://x.example/door).

![A wide picture](https://x.example/wide.png)

- one

  ${indented('  ', fence).trimStart()}
- two
  1. nested
     - deeper
       > said within

7. seven
8. eight ${URL.replace('https://', '')}

> Said by somebody.
>
> > And by somebody before.
>
> \`${'x'.repeat(90)}\`
>
${fence.replace(/^/gm, '> ')}

${fence}

    code by indentation

        deeper, with \`${'y'.repeat(80)}\`

***

${TABLE}

${WIDE_TABLE}

A note[^one], code \`{{ name }} and \\\\{{x}}\`, \\{{ braces }} and one^[In place, with a [way out](https://x.example/note).].

Term
: What it means, as long as ${LONG}
: What else it means.

- [ ] to do
- [x] done

> Said by somebody else.
> -- A name, *A book*

::: note A hint of ${LONG}
It stands in a box, with [a link in it](https://x.example/in-a-note) and \`code\`.
:::

::: question
What is it, by ${LONG}?
:::

::: carry Words of its own
It is morning.
:::

:::: note
::: button https://x.example/sheet
Open ${LONG}
:::
::::

::: video
[![A film of a spoon](https://x.example/wide.png)](https://x.example/film)
:::

Quotes "and" dashes -- and dots...

[^one]: At the end, with \`{{ braces }}\`.`

/** Two practices in one text: for a lesson without `minutes`, and for a letter. */
export const PRACTICES = `::: practice 12 minutes
### Look at ${LONG}

1. Take a spoon.
:::

::: practice
1. Another one, without a title.
:::`

export const HEADINGS = [2, 3, 4, 5, 6]
  .map((level) => `${'#'.repeat(level)} Level ${level} ${LONG}`)
  .join('\n\n')

/**
 * A course and a daily with all constructs in every text: c and d, and h and i, which claim to be
 * in Hebrew.
 */
export const constructFiles = (): Files => ({
  ...inLanguage('en', 'c', 'd'),
  ...inLanguage('he', 'h', 'i'),
})

const inLanguage = (language: string, course: string, daily: string): Files => ({
  [`${course}/course.yaml`]: `${settings({ language, description: null })}description: |\n${indented('  ', `${CONSTRUCTS}\n\n${HEADINGS}`)}\n`,
  [`${course}/welcome.md`]: page(
    { subject: 'Welcome', preheader: 'A line' },
    `${HEADINGS}\n\n${PRACTICES}\n\n${CONSTRUCTS}\n`,
  ),
  [`${course}/completion.md`]: letter,
  [`${course}/01-one.md`]: lesson(
    { subject: LONG.slice(0, 68) },
    `${CONSTRUCTS}\n\n## A practice ${LONG}\n\n1. Do it.\n\n${CONSTRUCTS}\n`,
  ),
  [`${daily}/course.yaml`]: settings({ kind: 'daily', title: 'A daily', language }),
  [`${daily}/welcome.md`]: letter,
  [`${daily}/01-january.md`]: `## First\n\n${CONSTRUCTS}\n`,
})
