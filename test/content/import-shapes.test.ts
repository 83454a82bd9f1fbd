/** Sequences as they occur in the wild, and what is kept of them. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkFolder } from '../../src/app/checker.ts'
import { importCourse } from '../../src/app/importer.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'dawnpost-shapes-'))
})
afterEach(() => rm(root, { recursive: true }))

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')

type Files = Readonly<Record<string, string | Uint8Array>>

async function bring(files: Files, from = '') {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, 'source', name)), { recursive: true })
    await writeFile(join(root, 'source', name), text)
  }
  const about = { title: 'A title', schema: 'course.json' }
  const { texts, files: brought, notes } = await importCourse(join(root, 'source', from), about)
  return {
    text: Object.fromEntries(texts),
    names: texts.map(([name]) => name),
    all: texts.map(([, text]) => text).join('\n'),
    files: brought.map(({ name }) => name),
    notes: notes.join('\n'),
    texts,
  }
}

/** The errors that the check finds, with their rules. */
async function errorsOf(texts: readonly (readonly [name: string, text: string])[]) {
  await mkdir(join(root, 'courses', 'c'), { recursive: true })
  for (const [name, text] of texts) await writeFile(join(root, 'courses', 'c', name), text)
  const { findings } = await checkFolder({ courses: join(root, 'courses') })
  return findings
    .filter(({ severity }) => severity === 'error')
    .map(({ rule, file, line, message }) => `${file}:${line} ${rule} ${message}`)
}

const CODE_LESSON = `# Ask a page for its title

Today we talk to a browser. Have a look at \`{{ title }}\` first.

## What you need

1. A browser, and
  - a keyboard
  - a [guide](http://guide.example/start)
2. Some patience.

### In a file

\`\`\`js
const page = open({ shots: [{ name: "{{ title }}" }] })
\`\`\`

| Word | Meaning |
| --- | --- |
| page | what *you* see \\| get |

> If you are late, see \`two.js\`.

- [ ] read
- [x] done

A claim[^1], and ~~no~~ yes.

[^1]: With its source.

:::tip
Save often.
:::
`

describe('a course about code, in Markdown', () => {
  it('is kept as it is, with only its author left to fill in', async () => {
    const { text, texts, notes } = await bring({
      'preface.md': 'You will learn to test a page in two days, and to like it.',
      'day-1.md': CODE_LESSON,
      'day-2.md': '# The end of it\n\nThat was all there is to say about pages today.',
      'Book.txt': 'day-1.md',
    })
    expect(text['02-ask-a-page-for-its-title.md']).toBe(`---
subject: Ask a page for its title
---
Today we talk to a browser. Have a look at \`{{ title }}\` first.

## What you need

1.  A browser, and
    -   a keyboard
    -   a [guide](https://guide.example/start)
2.  Some patience.

### In a file

\`\`\`js
const page = open({ shots: [{ name: "{{ title }}" }] })
\`\`\`

| Word | Meaning |
| --- | --- |
| page | what *you* see \\| get |

> If you are late, see \`two.js\`.

-   [ ] read
-   [x] done

A claim[^1], and ~~no~~ yes.

::: note

Save often.

:::

[^1]: With its source.
`)
    expect(text['course.yaml']).toContain(
      'summary: You will learn to test a page in two days, and to like it.\n',
    )
    expect(notes).toContain('a link was changed from http:// to https://')
    expect(await errorsOf(texts)).toEqual([expect.stringMatching(/unfinished.*say who wrote it/)])
  })
})

describe('a pack of mails with pictures beside them', () => {
  const PACK = {
    'my-pack/emails/welcome.md':
      '---\nsubject: You are in\npreview: How it goes on\n---\nFor three days we look at one thing each morning.\n',
    'my-pack/emails/confirm.md':
      '---\nsubject: Please confirm\n---\nOne click is left.\n\n[**Yes, I do**]({{confirmUrl}})\n',
    'my-pack/emails/day-1.md':
      '---\nsubject: "Day 1: A cup"\npreview: What is in it\n---\n![A cup]({{assetUrl}}/images/My%20Cup.jpeg)\n\nLook into it.\n\n[Read all of it →]({{companionUrl}})\n',
    'my-pack/assets/images/My Cup.jpeg': PNG,
    'my-pack/pages/day-1.md': 'The page of day 1.',
  }

  it.each(['my-pack/emails', 'my-pack', ''])('is imported from "%s"', async (from) => {
    const { text, names, files, all, notes } = await bring(PACK, from)
    expect(names).toEqual(['course.yaml', 'welcome.md', '01-day-1-a-cup.md', 'completion.md'])
    expect(files).toEqual(['my-cup.png'])
    expect(text['01-day-1-a-cup.md']).toBe(
      '---\nsubject: "Day 1: A cup"\npreheader: What is in it\n---\n![A cup](my-cup.png)\n\nLook into it.\n',
    )
    expect(text['welcome.md']).toContain('subject: You are in\npreheader: How it goes on\n')
    expect(all.match(/TODO: .*/g)).toEqual([expect.stringContaining('say who wrote it')])
    expect(notes).toContain('confirm.md was left out')
  })
})

const TEMPLATE = `<html><head><title>*|MC:SUBJECT|*</title></head><body><center><table><tr><td>
<table id="templatePreheader"><tr><td class="preheaderContent"><div mc:edit="std_preheader">Of a pot and its lid.</div></td>
<!-- *|IFNOT:ARCHIVE_PAGE|* --><td class="preheaderContent">Looks odd?<br><a href="*|ARCHIVE|*">View it in your browser</a>.</td><!-- *|END:IF|* --></tr></table>
<table id="templateBody"><tr><td class="bodyContent"><img src="http://pictures.example/pot.png" alt="A pot" mc:edit="head" mc:allowtext /></td></tr>
<tr><td><div mc:edit="std_content00"><span class="h1">The pot</span><span class="h2">And its lid</span><span class="h4">Which fits</span>
*|IF:FNAME|*Dear *|FNAME|*,*|ELSE:|*Good day,*|END:IF|* the pot is hot.<br><br>Take the lid.</div>
<table><tr><th>Hour</th><th>Tea</th></tr><tr><td>7</td><td><b>Black</b></td></tr></table></td></tr></table>
<table id="templateFooter"><tr><td class="footerContent"><a href="*|TWITTER:PROFILEURL|*">Follow us</a></td></tr>
<tr><td class="footerContent">*|IF:LIST|*Copyright *|CURRENT_YEAR|* *|LIST:COMPANY|*<br>Our mailing address is:<br>*|HTML:LIST_ADDRESS_HTML|* *|END:IF|*</td></tr>
<tr><td class="footerContent"><a href="*|UNSUB|*">unsubscribe</a> <a href="*|UPDATE_PROFILE|*">update</a></td></tr></table>
</td></tr></table></center></body></html>`

it('a Mailchimp template loses its frame, and keeps its text', async () => {
  const { text, texts, notes } = await bring({
    'lists/members.csv': 'x',
    'templates/frame.html': '<p>No mail of this sequence.</p>',
    'campaigns_content/1-pot.html': TEMPLATE,
    'campaigns_content/1-pot.txt': 'The pot',
    'campaigns_content/2-cup.html': '<p>A cup of tea, and more.</p>',
  })
  expect(text['01-the-pot.md']).toBe(`---
subject: The pot
preheader: Of a pot and its lid.
---
![A pot](https://pictures.example/pot.png)

## And its lid

### Which fits

{{#if firstName}}Dear {{firstName}},{{else}}Good day,{{/if}} the pot is hot.

Take the lid.

| Hour | Tea |
| --- | --- |
| 7 | **Black** |
`)
  expect(notes).toContain('left out, since every mail has its own: "Follow us')
  expect(notes).toContain('templates was skipped: campaigns_content was taken')
  expect(notes).not.toContain('.txt')
  expect(await errorsOf(texts)).toEqual([expect.stringMatching(/unfinished.*say who wrote it/)])
})

it('a Kit table is read by its own column names, in its order', async () => {
  const { text, names, notes } = await bring(
    {
      'sequence.csv': `Position,Subject line,Preview text,Content,Delay
1,Day 1: Tea,Of tea,"<p>{% if subscriber.first_name != blank %}Hi {{ subscriber.first_name }}{% else %}Hi there{% endif %}, have some tea with us today.</p><p>{{ address }}<br><a href=""{{ unsubscribe_url }}"">Unsubscribe</a></p>",1
0,Welcome to tea,,"<p>For two days we drink tea together, and say why.</p>",0
`,
    },
    'sequence.csv',
  )
  expect(names).toEqual(['course.yaml', 'welcome.md', '01-day-1-tea.md', 'completion.md'])
  expect(text['01-day-1-tea.md']).toBe(
    '---\nsubject: "Day 1: Tea"\npreheader: Of tea\n---\n{{#if firstName}}Hi {{firstName}}{{else}}Hi there{{/if}}, have some tea with us today.\n',
  )
  expect(notes).toContain('ignored: column delay')
})

it('a folder per mail brings its own pictures, and equal names are kept apart', async () => {
  const { names, files, text } = await bring({
    '01-one/index.md': '# One\n\nA ![cup](cup.png) and [its sheet](sheet.pdf).',
    '01-one/cup.png': PNG,
    '01-one/sheet.pdf': 'x',
    '02-two/index.html':
      '<h1>Two</h1><p>Another <img src="./cup.png" alt="cup">.</p><table border="1"><tr><td>a</td><td>b</td></tr><tr><td>c|</td><td>d</td></tr></table>',
    '02-two/cup.png': PNG,
    '03-three/mail.md': '# Three\n\nThe same ![cup](../02-two/cup.png).',
  })
  expect(names.slice(2, 5)).toEqual(['01-one.md', '02-two.md', '03-three.md'])
  expect(files).toEqual(['sheet.pdf', 'cup.png', 'cup-2.png'])
  expect(text['01-one.md']).toContain('A ![cup](cup.png) and [its sheet](sheet.pdf).')
  expect(text['02-two.md']).toContain('\n| a | b |\n| --- | --- |\n| c\\| | d |\n')
  expect(text['03-three.md']).toContain('The same ![cup](cup-2.png).')
})

it('an import takes no file from elsewhere, and none that is not what its name says', async () => {
  await writeFile(join(root, '..', `${root.split('/').at(-1)}.png`), PNG)
  await mkdir(join(root, 'source'))
  await symlink('/etc/hostname', join(root, 'source', 'link.png'))
  const outside = `../../${root.split('/').at(-1)}.png`
  const { files, all } = await bring({
    '1.md': `A text. ![a](${outside}) ![b](link.png) ![c](text.png) ![d](/etc/passwd) ![e](data:image/png;base64,${PNG.toString('base64')}) [f](.env)`,
    'text.png': 'no picture',
    '.env': 'x',
  })
  await rm(join(root, '..', `${root.split('/').at(-1)}.png`))
  expect(files).toEqual(['picture.png'])
  expect(all.match(/a picture was here/g)).toHaveLength(4)
})
