// Names in TypeScript and JavaScript files, and where TypeScript's own language service finds them defined.
//
// Reads {"typescript", "root", "files", "asked", "count", "seed"} from standard input: the folder of the package,
// that of the repository, the files of the project and those in which to look, by their paths in the repository.
// Writes a JSON object a line: {"path", "line", "character", "name", "targets": [{"path", "line"}]}, with lines
// from 0 and characters as JavaScript counts them, `count` for each way of access: imported, or behind a dot.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const { typescript, root, files, asked, count, seed } = JSON.parse(fs.readFileSync(0, "utf8"));
const ts = require(typescript);

const LOOKED_UP = 60;
const PER_FILE = 2;
const absolute = (file) => path.join(root, file);
const options = {
  allowJs: true,
  checkJs: false,
  noEmit: true,
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  allowImportingTsExtensions: true,
  maxNodeModuleJsDepth: 0,
  types: [],
};
const service = ts.createLanguageService({
  getScriptFileNames: () => files.map(absolute),
  getScriptVersion: () => "0",
  getScriptSnapshot: (file) =>
    fs.existsSync(file) ? ts.ScriptSnapshot.fromString(fs.readFileSync(file, "utf8")) : undefined,
  getCurrentDirectory: () => root,
  getCompilationSettings: () => options,
  getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
  fileExists: ts.sys.fileExists,
  readFile: ts.sys.readFile,
  readDirectory: ts.sys.readDirectory,
  directoryExists: ts.sys.directoryExists,
  getDirectories: ts.sys.getDirectories,
});

// A small generator of numbers (mulberry32), so that every run asks for the same names.
let state = [...seed].reduce((sum, letter) => (Math.imul(sum, 31) + letter.codePointAt(0)) | 0, 7);
function chance() {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
}

function shuffled(list) {
  const copy = [...list];
  for (let at = copy.length - 1; at > 0; at--) {
    const other = Math.floor(chance() * (at + 1));
    [copy[at], copy[other]] = [copy[other], copy[at]];
  }
  return copy;
}

function isImport(node) {
  return ts.findAncestor(
    node,
    (each) => ts.isImportDeclaration(each) || ts.isExportDeclaration(each) || ts.isImportEqualsDeclaration(each),
  );
}

function identifiers(source) {
  const found = { member: [], bare: [] };
  const visit = (node) => {
    if (ts.isIdentifier(node) && !isImport(node)) {
      const parent = node.parent;
      const isMember =
        (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
        (ts.isQualifiedName(parent) && parent.right === node);
      const isDeclared = parent.name === node && !isMember;
      if (!isDeclared) (isMember ? found.member : found.bare).push(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function place(file, offset) {
  return service.getProgram().getSourceFile(file).getLineAndCharacterOfPosition(offset);
}

function lookUp(source, node) {
  const definitions = service.getDefinitionAtPosition(source.fileName, node.getStart(source)) ?? [];
  return definitions.map((each) => ({
    path: path.relative(root, each.fileName),
    line: place(each.fileName, each.textSpan.start).line,
  }));
}

function found(source, node) {
  const targets = lookUp(source, node);
  const here = path.relative(root, source.fileName);
  const known = targets.every((target) => fileSet.has(target.path) && target.path !== here);
  if (targets.length === 0 || targets.length > 3 || !known) return undefined;
  const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source));
  return { path: here, line, character, name: node.text, targets };
}

const fileSet = new Set(files);
const left = { member: count, bare: count };
const queue = [];
for (const file of shuffled(asked)) {
  const source = service.getProgram().getSourceFile(absolute(file));
  if (!source) continue;
  const names = identifiers(source);
  for (const kind of ["member", "bare"]) {
    queue.push({ source, kind, nodes: shuffled(names[kind].filter((node) => node.text.length > 2)) });
  }
}
let lookedUp = 0;
while (queue.length > 0 && lookedUp < count * LOOKED_UP && (left.member > 0 || left.bare > 0)) {
  const { source, kind, nodes } = queue.shift();
  if (left[kind] <= 0) continue;
  for (const node of nodes.splice(0, PER_FILE)) {
    lookedUp += 1;
    const use = found(source, node);
    if (use) {
      left[kind] -= 1;
      process.stdout.write(JSON.stringify(use) + "\n");
    }
  }
  if (nodes.length > 0) queue.push({ source, kind, nodes });
}
