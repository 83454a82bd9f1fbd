/** What a mail says, before it is anybody's, and what of a reader may be put into it. */
import type { LiveArticle } from '../domain/article.ts'
import type {
  Course,
  Daily,
  Inspiration,
  Lesson,
  Letter,
  Newsletter,
  Series,
} from '../domain/course.ts'
import type { Kind, TRANSACTIONAL } from '../domain/delivery.ts'
import type { FieldValues } from '../domain/own-fields.ts'
import type { Theme } from '../domain/theme.ts'

/** The person a mail goes to, and the links that are theirs. */
export interface Reader {
  readonly address: string
  readonly firstName: string
  /** Their answers to the course's own fields; of a mail to a stranger none. */
  readonly fields: FieldValues
  /** In words, in the language of the mail. */
  readonly enrolledOn: string
  readonly unsubscribeUrl: string
  /**
   * For a lesson with a companion in its mail: leaves the series of that only. Kept editions hold
   * `{{besideUnsubscribeUrl}}` as text and are filled again later, so this name stays.
   */
  readonly besideUnsubscribeUrl: string
  readonly preferencesUrl: string
  /** For a confirmation: what they asked for, and the page that confirms it. */
  readonly confirmUrl: string
  readonly asked: string
  /** For a welcome: when the first mail comes, in their own time. */
  readonly firstMail: string
  /**
   * For a lesson or an inspiration: the pages that show it, skip what comes next, and send the
   * next one now.
   */
  readonly lessonUrl: string
  readonly pauseUrl: string
  readonly nowUrl: string
  /** For a lesson: the page that notes its practice as done. */
  readonly practiceUrl: string
  /** For a completion: what they did, in a sentence; all that came; what can come after. */
  readonly youDid: string
  readonly daysUrl: string
  readonly completionUrl: string
  /** For a right that was asked for: the page that shows all that is known, or that erases it. */
  readonly dataUrl: string
  readonly eraseUrl: string
  /** For a new address: the page that confirms it. */
  readonly addressUrl: string
  /**
   * For the old address: the page that undoes the change, and the new address, masked. The new one
   * is told nothing.
   */
  readonly undoUrl: string
  readonly otherAddress: string
  /** For signing in: the page that does so. */
  readonly signInUrl: string
  /**
   * For a lesson, an inspiration or a letter: answers to their comments, as the two parts of the
   * mail show them. The HTML is harmless as it stands. Null: there are none.
   */
  readonly answers: Record<'html' | 'text', string> | null
  /**
   * For a reader who agrees that it is counted which links they follow: what stands in the place of
   * each counted link of the edition, in order.
   */
  readonly countedUrls?: readonly string[]
}

export type Render = (data: object) => string

export interface Skeleton {
  /** Value of the Content-Type header. */
  readonly contentType: string
  /**
   * The body for one reader, in pieces: what all readers share is the same memory in every mail. It
   * is in DKIM's relaxed form as it stands: lines end in CRLF and hold no runs of spaces.
   */
  fill(reader: Reader): readonly Buffer[]
}

/** What a letter tells of articles; the newest first, at least one. */
export type News = readonly Pick<
  LiveArticle,
  'slug' | 'title' | 'author' | 'date' | 'summary' | 'minutes'
>[]

/** The inspiration or the letter that goes in a lesson's mail, after the lesson. */
export type Companion =
  | { readonly series: Daily; readonly inspiration: Inspiration }
  | { readonly series: Newsletter; readonly articles: News }

/** What a mail is about. */
export type Content =
  | {
      readonly kind: 'lesson'
      readonly series: Course
      readonly lesson: Lesson
      readonly companion: Companion | null
      /** The first one after a pause that ended by itself. */
      readonly afterPause?: boolean
    }
  | {
      readonly kind: 'inspiration'
      readonly series: Series
      readonly inspiration: Inspiration
      readonly afterPause?: boolean
    }
  | {
      readonly kind: 'letter'
      readonly series: Newsletter
      readonly articles: News
      readonly afterPause?: boolean
    }
  | { readonly kind: 'welcome' | 'completion'; readonly series: Series; readonly letter: Letter }
  | {
      readonly kind: (typeof TRANSACTIONAL)[number]
      readonly series: Series
      /** The reader's, where it is about them and about no series. */
      readonly language?: string
    }

/** BCP 47 tag of the language that a mail speaks. */
export const languageOf = (content: Content): string =>
  ('language' in content && content.language) || content.series.language

/** A text ready for any reader, compiled once. */
export interface Edition {
  readonly kind: Kind
  readonly series: Series
  /** Names the text: equal for equal content and layout. */
  readonly hash: string
  readonly subject: Render
  readonly skeleton: Skeleton
  /** Unpacks the text itself, which is read once, when it is first sent. */
  readonly source: () => EditionSource
  /** How many of its links may be counted. */
  readonly countedLinks: number
}

/** A text with slots for its reader, as it is kept. */
export interface EditionSource {
  readonly subject: string
  readonly html: string
  readonly text: string
}

/** What every mail says of its sender. */
export interface Letterhead {
  readonly siteName: string
  readonly siteUrl: string
  readonly postalAddress: string
  /** Who is behind the site, and what becomes of what readers say; empty where nothing says. */
  readonly imprint?: string
  readonly privacy?: string
  /** The site's own look: that of mails which are about their reader, and about no series. */
  readonly theme?: Theme | undefined
  /** In pixels, of logos that are files of the site. */
  readonly logoHeights?: ReadonlyMap<string, number>
}

/** Gives editions, compiling each text once. */
export type Editions = (content: Content) => Promise<Edition>
