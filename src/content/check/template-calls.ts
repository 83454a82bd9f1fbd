/** What a template calls: partials, helpers and sentences, with positions. */
import Handlebars from 'handlebars/dist/handlebars.min.js'

export interface Call {
  readonly kind: 'partial' | 'helper' | 'sentence'
  readonly name: string
  readonly line: number
  readonly column: number
}

/** A template that Handlebars cannot parse. */
export interface Unreadable {
  readonly line: number
  readonly column: number
  readonly message: string
}

interface Node {
  readonly loc: hbs.AST.SourceLocation
}

class Calls extends Handlebars.Visitor {
  readonly found: Call[] = []
  readonly inline = new Set<string>()

  #add(kind: Call['kind'], name: unknown, { loc }: Node) {
    this.found.push({
      kind,
      name: String(name),
      line: loc.start.line,
      column: loc.start.column + 1,
    })
  }

  #call(node: hbs.AST.MustacheStatement | hbs.AST.BlockStatement | hbs.AST.SubExpression) {
    const name = (node.path as hbs.AST.PathExpression).original
    const [first] = node.params
    if (node.params.length === 0 && !node.hash?.pairs.length) return
    this.#add('helper', name, node)
    if (name === 't' && first?.type === 'StringLiteral')
      this.#add('sentence', (first as hbs.AST.StringLiteral).value, first)
  }

  #partial(node: hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement) {
    const name = 'original' in node.name ? node.name.original : ''
    if (name && name !== '@partial-block') this.#add('partial', name, node)
  }

  override MustacheStatement(node: hbs.AST.MustacheStatement) {
    this.#call(node)
    super.MustacheStatement(node)
  }
  override BlockStatement(node: hbs.AST.BlockStatement) {
    this.#call(node)
    super.BlockStatement(node)
  }
  override SubExpression(node: hbs.AST.SubExpression) {
    this.#call(node)
    super.SubExpression(node)
  }
  override PartialStatement(node: hbs.AST.PartialStatement) {
    this.#partial(node)
    super.PartialStatement(node)
  }
  override PartialBlockStatement(node: hbs.AST.PartialBlockStatement) {
    this.#partial(node)
    super.PartialBlockStatement(node)
  }
  override DecoratorBlock(node: hbs.AST.DecoratorBlock) {
    const [name] = node.params
    if (name?.type === 'StringLiteral') this.inline.add((name as hbs.AST.StringLiteral).value)
    super.DecoratorBlock(node)
  }
}

/** Returns everything a template calls, or where it cannot be parsed. */
export function callsIn(text: string): readonly Call[] | Unreadable {
  const calls = new Calls()
  try {
    calls.accept(Handlebars.parse(text))
  } catch (error) {
    return unreadable(error as Error)
  }
  return calls.found.filter(({ kind, name }) => kind !== 'partial' || !calls.inline.has(name))
}

/** Handlebars gives positions in two ways: `Parse error on line 3:`, and ` - 3:14` at the end. */
function unreadable({ message }: Error): Unreadable {
  const [, line] = /^Parse error on line (\d+)/.exec(message) ?? []
  const [, quoted = ''] = message.split('\n')
  if (line !== undefined)
    return { line: Number(line), column: 1, message: `it cannot be parsed at "${quoted}"` }
  const [, what = message, row = '1', column = '0'] = /^(.*) - (\d+):(\d+)$/s.exec(message) ?? []
  return { line: Number(row), column: Number(column) + 1, message: what }
}
