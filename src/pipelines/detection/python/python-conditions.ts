/** Handlers for conditions of Python that tell the class of a variable, and for the blocks that depend on them. */
import type { Node } from 'web-tree-sitter';
import type { FactsBuilder } from '../extract/facts-builder.ts';

const check = String.raw`isinstance\(\s*(\w+)\s*,\s*(?:([\w.]+)|\(([\w.,\s]+)\))\s*\)`;
const checks = new RegExp(String.raw`\b${check}`, 'g');
/** A condition that is false only if all variables are instances of the classes. */
const negated = new RegExp(String.raw`^\(?\s*not\s+${check}(?:\s+or\s+not\s+${check})*\s*\)?$`);

/** Handles `isinstance(x, C)` in the condition of `if`, `elif`, `while` or in an `assert` statement. */
export function handleCondition(builder: FactsBuilder, node: Node): void {
  const isAssert = node.type === 'assert_statement';
  const condition = isAssert ? node.firstNamedChild : node.childForFieldName('condition');
  const then = node.childForFieldName(node.type === 'while_statement' ? 'body' : 'consequence');
  if (!condition || (!then && !isAssert)) return;
  const text = builder.text(condition);
  if (!text.includes('isinstance')) return;
  if (node.type === 'if_statement' && then && negated.test(text)) {
    narrowOtherwise(builder, node, then, text);
    return;
  }
  if (/\b(?:or|not)\b/.test(text)) return;
  for (const match of text.matchAll(checks)) {
    const [name, type] = readCheck(match);
    const variable = { type, scope: builder.scopeIndex };
    // The rest of the condition is only evaluated if the check is true.
    if (then) builder.stack.narrow(name, variable, condition.startIndex + match.index + match[0].length, then.endIndex);
    else if (builder.stack.find(name)) builder.stack.assign(name, variable, node.endIndex);
  }
}

/** Narrows variables where a negated condition is false: in the `else` block, or after a block that is left. */
function narrowOtherwise(builder: FactsBuilder, node: Node, then: Node, text: string): void {
  const alternative = node.childForFieldName('alternative');
  const otherwise = alternative?.type === 'else_clause' ? alternative.childForFieldName('body') : null;
  for (const match of text.matchAll(checks)) {
    const [name, type] = readCheck(match);
    const variable = { type, scope: builder.scopeIndex };
    if (otherwise) builder.stack.narrow(name, variable, otherwise.startIndex, otherwise.endIndex);
    else if (!alternative && isLeft(then) && builder.stack.find(name))
      builder.stack.assign(name, variable, node.endIndex);
  }
}

/** Returns the name of the checked variable and its type. */
function readCheck([, name = '', single, several = '']: RegExpMatchArray): readonly [name: string, type: string] {
  const classes = several.split(',').map((each) => each.trim());
  return [name, single ?? classes.filter((each) => each !== '').join(' | ')];
}

/** Returns whether a block always leaves the code around it. */
function isLeft(block: Node): boolean {
  const last = block.lastNamedChild;
  return last !== null && /^(?:return|raise|break|continue)_statement$/.test(last.type);
}

export function handleBlock(builder: FactsBuilder, node: Node): void {
  const kind = node.parent?.type;
  if (kind === 'function_definition' || kind === 'class_definition') return;
  builder.enterScope('block', node.endIndex, { leaves: isLeft(node) });
}
