/** Files that were not written by hand are recognized by attributes and content, not only by their names. */
import assert from 'node:assert/strict';
import { type PlantedRepository, plant } from '../planted-repository.ts';

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'1'.repeat(64)}\nsize 9\n`;
const attributes = [
  '# comment',
  'gen/** linguist-generated',
  'gen/hand.ts -linguist-generated',
  'deps/*.js linguist-vendored=true',
  'dist/kept.js linguist-generated=false',
  '[attr]binary -diff',
];

const foreign: Readonly<Record<string, string>> = {
  'gen/a.ts': 'export const a = 1;\n',
  'deps/b.js': 'f();\n',
  'lib/c/d.ts': 'export const d = 1;\n',
  'big.ts': pointer,
  'dist/built.js': 'f();\n',
  'app.js': 'f();\n//# sourceMappingURL=app.js.map\n',
  'style.css': 'a{}\n/*# sourceMappingURL=style.css.map */\n',
  'compiled.js': '"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\nexports.a = void 0;\n',
  'bundle.js': '/******/ (() => { // webpackBootstrap\n/******/ 	var a = {};\n',
  'src/__testfixtures__/e.ts': 'import "./none";\n',
  'tools/fixtures_parser/f.js': 'f();\n',
  'convex/_generated/api.ts': 'export {};\n',
  'lib/widget-2.10.1.js': 'f();\n',
  'static/theme-3.1.slim.css': 'a{}\n',
  'worker.dist.js': 'f();\n',
  'lib/loader.js':
    '/*\n Loader 3.2.1 Copyright (c) 2011, Some Authors.\n Available under the MIT license.\n*/\nvar loader = {};\n',
  'assets/slider.js': '/*!\n * Slider - v1.4\n * Released under the MIT License\n */\nf();\n',
};

const handwritten: Readonly<Record<string, string>> = {
  'gen/hand.ts': 'export const a = 1;\n',
  'dist/kept.js': 'f();\n',
  'lib/hand.ts': 'export const d = 1;\n',
  'migrations/upgrade-2.10.1.js': 'f();\n',
  'versions/v1.2.3.js': 'f();\n',
  'lib/licensed.js':
    '// Copyright 2024 The Authors. All rights reserved.\n// Use of this source is governed by a license.\nf();\n',
  'lib/mpl.js': '/* This file is available under MPL 2.0.\n * Mozilla Public License, version 2.0 */\nf();\n',
  'lib/format.js': '/*\n * Reads format 2.1 of the protocol.\n */\nf();\n',
  'src/own.js': '/*!\n * Own v1.4.0\n * Released under the MIT License\n */\nf();\n',
  'docs.js': 'const a = "//# sourceMappingURL=app.js.map";\nf(a);\n',
  'inline.js': 'f();\n//# sourceMappingURL=data:application/json;base64,e30=\n',
  'interop.js': 'f();\nObject.defineProperty(exports, "__esModule", { value: true });\n',
  'lfs.md': `Pointers look like this:\n\n${pointer}`,
};

describe('foreign files', () => {
  let planted: PlantedRepository;
  before(async () => {
    planted = await plant(
      {
        ...foreign,
        ...handwritten,
        '.gitattributes': `${attributes.join('\n')}\n`,
        'lib/.gitattributes': 'c/* linguist-generated=true\n',
      },
      { git: true },
    );
  });
  after(() => planted.dispose());

  for (const file of Object.keys(foreign)) {
    it(`include ${file}`, () => assert.equal(planted.context.repository.isForeign(file), true));
  }
  for (const file of Object.keys(handwritten)) {
    it(`do not include ${file}`, () => assert.equal(planted.context.repository.isForeign(file), false));
  }
});
