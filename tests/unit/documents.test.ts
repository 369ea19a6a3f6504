import { expect, test } from 'vitest';
import { differencesOf } from '#backend/http/differences.ts';
import { inlineJson, inlineYaml } from '#backend/jobs/inline-script.ts';
import { parseYaml } from '#backend/schema/yaml.ts';

test.each([
  ['nothing', { a: 1, b: { c: [1] } }, { b: { c: [1] }, a: 1 }, []],
  ['a field', { a: 1 }, { a: 2 }, [{ pointer: '/a', before: 1, after: 2 }]],
  ['a field of a field', { a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, [{ pointer: '/a/c', before: 2, after: 3 }]],
  ['a field that came', { a: 1 }, { a: 1, b: true }, [{ pointer: '/b', before: null, after: true }]],
  ['an object that came, by its fields', {}, { a: { b: 1 } }, [{ pointer: '/a/b', before: null, after: 1 }]],
  ['an object that went, by its fields', { a: { b: 1 } }, {}, [{ pointer: '/a/b', before: 1, after: null }]],
  ['an empty object that came', {}, { a: {} }, [{ pointer: '/a', before: null, after: {} }]],
  ['a list, whole', { a: [1, 2] }, { a: [1, 3] }, [{ pointer: '/a', before: [1, 2], after: [1, 3] }]],
  ['text that became an object', { a: 'x' }, { a: { b: 1 } }, [{ pointer: '/a', before: 'x', after: { b: 1 } }]],
  ['odd names', {}, { 'a/b~c': 1 }, [{ pointer: '/a~1b~0c', before: null, after: 1 }]],
  ['a whole document', undefined, { a: 1 }, [{ pointer: '/a', before: null, after: 1 }]],
])('two documents differ in %s', (_, before, after, expected) => {
  expect(differencesOf(before, after)).toEqual(expected);
});

const YAML = '# tidy\nid: tidy\nexecute:\n  shell: powershell # 5.1\n  # the text\n  script_file: tidy.ps1 # beside it\n  timeout: 5m\n';

test('a script takes the place of its file, with the comments and the order as they were', () => {
  expect(inlineYaml(YAML, 'Get-Date\n"x"\n')).toBe(
    '# tidy\nid: tidy\nexecute:\n  shell: powershell # 5.1\n  # the text\n  script: | # beside it\n    Get-Date\n    "x"\n  timeout: 5m\n',
  );
});

test.each([
  ['one line', 'Get-Date'],
  ['lines that end as on Windows', '"a"\r\n"b"\r\n'],
  ['a byte order mark and a signature', '\ufeffGet-Date\r\n# SIG # Begin signature block\r\n'],
  ['blanks before and behind', '   a\n\tb   \n\n\n'],
  ['nothing but lines', '\n\n'],
  ['what YAML takes for something else', '- a: b # c\n---\n...\n%x'],
  ['characters of all kinds', 'é😀\u0001\u2028\u0085'],
])('a script of %s is the same byte for byte', (_, script) => {
  const execute = { shell: 'powershell', script, timeout: '5m' };
  expect(parseYaml(inlineYaml(YAML, script))).toEqual({ id: 'tidy', execute });
  expect(parseYaml(inlineYaml('{id: tidy, execute: {shell: powershell, script_file: x, timeout: 5m}}', script))).toEqual({
    id: 'tidy',
    execute,
  });
  const json = JSON.stringify({ id: 'tidy', execute: { shell: 'powershell', script_file: 'x', timeout: '5m' } });
  expect(JSON.parse(inlineJson(json, script))).toEqual({ id: 'tidy', execute });
});

test('where no script_file stands nothing is put', () => {
  for (const text of ['id: x\n', 'execute: 1\n', 'execute: {script: a}\n', '- 1\n', '']) {
    expect(() => inlineYaml(text, 'a')).toThrow(expect.objectContaining({ code: 'invalid_body' }));
  }
  for (const text of ['{}', 'null', '1', '{"execute":1}', '{"execute":{}}', '{"execute":null}']) {
    expect(() => inlineJson(text, 'a')).toThrow(expect.objectContaining({ code: 'invalid_body' }));
  }
  expect(() => inlineYaml('a: b: c\n', 'a')).toThrow(expect.objectContaining({ code: 'bad_request' }));
  expect(() => inlineJson('{', 'a')).toThrow(expect.objectContaining({ code: 'bad_request' }));
});

test('YAML of very many parts is refused before it is read, and a long text in it is one part', () => {
  const began = performance.now();
  expect(() => parseYaml('- [a, b]\n'.repeat(700_000))).toThrow(expect.objectContaining({ code: 'bad_request' }));
  expect(performance.now() - began).toBeLessThan(5000);
  const script = 'Get-Date\n'.repeat(100_000);
  expect(parseYaml(`script: |\n${script.replaceAll(/^(?=.)/gm, '  ')}`)).toEqual({ script });
  expect(parseYaml('- PC1\n'.repeat(10_000))).toHaveLength(10_000);
});
