import { inWords } from '../../tools/gate/findings';
import { lengthFindings, wordFindings } from '../../tools/gate/prose';
import type { Text } from '../../tools/gate/texts';
import { ofScript, withoutMarks } from '../../tools/gate/texts';

const page = (text: string): Text => ({ file: 'docs/guides/images.md', line: 1, kind: 'page', text });
const problems = (text: string) => wordFindings([page(text)]).map(({ problem }) => problem);

test('no page, comment, message or name of a test has a word that we replace', () => {
  expect(wordFindings().map(inWords)).toEqual([]);
});

test('no line of prose is longer than 120 characters', () => {
  expect(lengthFindings().map(inWords)).toEqual([]);
});

describe('the list of words', () => {
  test.each([
    ['Mend the cause.', '"Mend": write fix'],
    ['It allows to launch.', '"allows to": write grants permission to; "allow" needs an object'],
    ['A change makes a new version.', '"makes a new version": write create'],
    ['The policy refuses it.', '"refuses": write reject, rejection; IAM: deny'],
    ['The way\nout is closed.', '"way out": write ingress, egress'],
    ['This is no name.', '"is no name": write is not a ...; or "has no ..."'],
    ['It runs behind the deployment.', '"behind": write after'],
    ['The build was cancelled.', '"cancelled": write one l: canceled'],
  ])('finds %j', (text, problem) => {
    expect(problems(text)).toEqual([problem]);
  });

  test.each([
    'A role is allowed to launch.', 'Make sure that it exists.', 'There is no name.', 'It is no longer used.', 'The connection was refused.',
    'The image is left behind.', 'It runs behind a load balancer.', 'It is the way in which it works.', 'Is there a role?', '`MicrovmImageRejected`',
    '`REFUSE_IN_USE`', 'IAM denies the request.', '`NetworkConnectorCatalog`',
  ])('leaves %j', text => {
    expect(problems(text)).toEqual([]);
  });

  test('tells the line of the beginning', () => {
    expect(wordFindings([page('One.\n\nThe way\nout.')]).map(inWords)).toEqual(['docs/guides/images.md:3: "way out": write ingress, egress']);
  });
});

describe('the texts of a program', () => {
  const program = [
    'const a = "one two"; // three', '/**', ' * Four', ' * five.', ' */', 'const b = /\\/\\/ no comment/;', 'const c = `six ${a} seven eight // no`;', 'name("single");',
  ].join('\n');

  test('are its comments, and its strings of several words', () => {
    expect(ofScript('a.ts', program).map(({ line, kind, text }) => [line, kind, text])).toEqual([
      [1, 'string', '"one two"'], [1, 'comment', '// three'], [2, 'comment', '/**\n * Four\n * five.\n */'], [7, 'string', '`six ${'],
      [7, 'string', '} seven eight // no`'],
    ]);
  });

  test('are read without the marks of comments', () => {
    const [, , comment] = ofScript('a.ts', program);
    expect(withoutMarks(comment).split(/\s+/).filter(word => word !== '')).toEqual(['Four', 'five.']);
  });
});
