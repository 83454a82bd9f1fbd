/** An article as it is shown: front matter checked, Markdown rendered to HTML. */
import {
  type Article,
  type ArticlePicture,
  type Section,
  withArticleLinks,
} from '../domain/article.ts'
import { Faults, type Finding } from '../domain/finding.ts'
import { mediaPath } from '../domain/media.ts'
import { isUnspaced, wordsIn } from '../domain/similarity.ts'
import { articleKeys } from './article-keys.ts'
import { type ArticleFile, pictureName } from './articles.ts'
import { checkBlocks } from './block-faults.ts'
import { withoutLiterals } from './braces.ts'
import { readPage, type TextFile } from './front-matter.ts'
import { type BlockWords, lineIn, parseMarkdown, type Token, typographic } from './markdown.ts'
import { mediaUrlReplacer } from './media.ts'
import { countWords, plainTextOf } from './words.ts'

export interface CompileOptions {
  /** Language of an article that names none. */
  readonly language: string
  /** Headings of the blocks of a text. */
  readonly blockWords: (language: string) => BlockWords
}

/** Silent reading speed in words per minute. */
const WORDS_PER_MINUTE = 220

/** Compiles an article; null, with its faults, if it cannot be shown. */
export function compileArticle(
  file: ArticleFile,
  { language: siteLanguage, blockWords }: CompileOptions,
): { article: Article | null; faults: readonly Finding[] } {
  const faults = new Faults()
  faults.all.push(...file.faults)
  // An unreadable file has no text to check.
  if (faults.all.length > 0 && file.text === '') return { article: null, faults: faults.all }
  const page = readPage(articleKeys, file, faults)
  checkNoSlots(file, faults)
  if (!page) return { article: null, faults: faults.all }
  const { draft: _, publish: __, picture, date, invite = null, ...keys } = page.data
  const { body, offset } = page
  const language = keys.language ?? siteLanguage
  if (!body.trim()) faults.add(file.file, offset + 1, 'has no text')
  if (body.includes(':::')) checkBlocks({ file: file.file, body, offset }, faults)
  const { tokens, html } = parseMarkdown(body, { language, blockWords: blockWords(language) })
  checkTitles(tokens, { file: file.file, offset }, faults)
  const sections = sectionsIn(tokens)
  const text = plainTextOf(tokens).replace(CONTROLS, ' ')
  const words = isUnspaced(text) ? wordsIn(text, language).length : countWords(text)
  const line = (words: string) => typographic(words, language).replace(/\\(?=\{\{)/g, '')
  const article: Article = {
    ...keys,
    slug: file.slug,
    language,
    title: line(keys.title),
    author: line(keys.author),
    summary: line(keys.summary),
    date: Temporal.PlainDate.from(date),
    invite,
    picture: picture ? pictureIn(file, picture, line) : null,
    sections,
    words,
    minutes: Math.max(1, Math.round(words / WORDS_PER_MINUTE)),
    html: linked(mediaUrlReplacer(file.media)(html())),
    text,
  }
  return { article: faults.all.length > 0 ? null : article, faults: faults.all }
}

/** Meaningless in text, and used to mark search hits. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are looked for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f]/g

function pictureIn(
  { media }: ArticleFile,
  { file, alt }: { file: string; alt: string },
  line: (words: string) => string,
): ArticlePicture | null {
  const found = media.find(({ name }) => name === pictureName(file))
  if (!found?.width || !found.height) return null
  const { width, height } = found
  return { src: mediaPath(found), alt: line(alt), width, height }
}

/** An article is the same for everybody, so nothing fills a slot. */
function checkNoSlots({ file, text }: TextFile, faults: Faults) {
  if (!text.includes('{{')) return
  for (const [index, line] of withoutLiterals(file, text).split('\n').entries())
    for (const { 0: slot, index: at } of line.matchAll(/\{\{.*?\}\}|\{\{.*$/g))
      faults.add(
        file,
        index + 1,
        `contains ${slot}, but an article is the same for everybody; remove it. To show braces, write \\{{, or put them into code`,
        { column: at + 1, rule: 'slot' },
      )
}

interface Place {
  readonly file: string
  /** Lines of the file above the text. */
  readonly offset: number
}

function checkTitles(tokens: readonly Token[], { file, offset }: Place, faults: Faults) {
  for (const { type, tag, map } of tokens)
    if (type === 'heading_open' && tag === 'h1')
      faults.add(
        file,
        offset + (map?.[0] ?? 0) + 1,
        'has a heading of level 1, which is the title of the article; start with ##',
      )
}

/**
 * Gives headings of level 2 and 3 an id made from their words, and returns those that are sections:
 * not the titles of blocks.
 */
function sectionsIn(tokens: readonly Token[]): Section[] {
  const taken = new Set<string>(RESERVED_IDS)
  return tokens.flatMap((open, index) => {
    const inline = tokens[index + 1]
    if (open.type !== 'heading_open' || !(open.tag === 'h2' || open.tag === 'h3') || !inline)
      return []
    const title = lineIn(inline).replace(/\\(?=\{)/g, '')
    const id = freeId(idOf(title), taken)
    open.attrSet('id', id)
    const isSection = open.level === 0
    return isSection ? [{ id, title, level: open.tag === 'h2' ? 2 : 3 } as const] : []
  })
}

/** Ids that pages use themselves. */
const RESERVED_IDS = [
  ...[
    'asked',
    'comment',
    'comments',
    'content',
    'done',
    'email',
    'enroll',
    'fault',
    'form',
    'fresh',
  ],
  ...['invitation', 'language', 'letter', 'main', 'name', 'parts', 'past', 'related', 'search'],
  ...['today', 'until', 'website', 'you', ''],
]

const idOf = (title: string) =>
  title
    .normalize('NFC')
    .toLowerCase()
    .replace(/[’'´`]/g, '')
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')

function freeId(wanted: string, taken: Set<string>): string {
  let id = wanted
  for (let count = 2; taken.has(id); count += 1) id = `${wanted || 'section'}-${count}`
  taken.add(id)
  return id
}

/**
 * Links `lesson:` to the place of that lesson on its course's page: its opening, if the page shows
 * it.
 */
const linked = (html: string) =>
  withArticleLinks(html).replace(
    /<a href="lesson:([^"/]*)\/([^"]*)/g,
    '<a href="/courses/$1#lesson-$2',
  )
